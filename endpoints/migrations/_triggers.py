"""What PostgreSQL itself does when records are written, for the migrations that say so."""

# Writes wait until it is done: what they count is not counted twice.
COUNTS = """
LOCK TABLE endpoints_record IN SHARE MODE;
CREATE FUNCTION endpoints_count_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO endpoints_recordcount (endpoint_id, delta)
    SELECT endpoint_id, count(*) FROM made WHERE deleted_at IS NULL GROUP BY endpoint_id;
    RETURN NULL;
END $$;
CREATE FUNCTION endpoints_count_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO endpoints_recordcount (endpoint_id, delta)
    SELECT endpoint_id, -count(*) FROM gone WHERE deleted_at IS NULL GROUP BY endpoint_id;
    RETURN NULL;
END $$;
CREATE FUNCTION endpoints_count_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO endpoints_recordcount (endpoint_id, delta)
    VALUES (NEW.endpoint_id, CASE WHEN NEW.deleted_at IS NULL THEN 1 ELSE -1 END);
    RETURN NULL;
END $$;
CREATE TRIGGER endpoints_count_inserted AFTER INSERT ON endpoints_record
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION endpoints_count_inserted();
CREATE TRIGGER endpoints_count_removed AFTER DELETE ON endpoints_record
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION endpoints_count_removed();
CREATE TRIGGER endpoints_count_deleted AFTER UPDATE ON endpoints_record FOR EACH ROW
    WHEN ((OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)) EXECUTE FUNCTION endpoints_count_deleted();
INSERT INTO endpoints_recordcount (endpoint_id, delta)
    SELECT endpoint_id, count(*) FROM endpoints_record WHERE deleted_at IS NULL GROUP BY endpoint_id;
"""
NO_COUNTS = """
DROP TRIGGER endpoints_count_inserted ON endpoints_record;
DROP TRIGGER endpoints_count_removed ON endpoints_record;
DROP TRIGGER endpoints_count_deleted ON endpoints_record;
DROP FUNCTION endpoints_count_inserted, endpoints_count_removed, endpoints_count_deleted;
"""

# `changed_in` is the hub's to write, and nobody else's: what a save of the whole row brings along is put back. One that is
# still to come is of another PostgreSQL, see `feed.after_migrations`.
FEED = """
CREATE FUNCTION endpoints_record_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    number bigint := pg_current_xact_id()::text::bigint;
BEGIN
    NEW.created_in := least(OLD.created_in, number);
    NEW.changed_in := least(OLD.changed_in, number);
    IF OLD.document IS DISTINCT FROM NEW.document OR OLD.external_id IS DISTINCT FROM NEW.external_id
            OR (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL) THEN
        NEW.changed_in := number;
        IF OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL THEN
            NEW.created_in := number;
        END IF;
        IF NEW.version = OLD.version AND OLD.document IS DISTINCT FROM NEW.document THEN
            NEW.version := OLD.version + 1;
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER record_changed BEFORE UPDATE ON endpoints_record FOR EACH ROW
    WHEN (OLD.document IS DISTINCT FROM NEW.document OR OLD.external_id IS DISTINCT FROM NEW.external_id
          OR (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL) OR OLD.changed_in IS DISTINCT FROM NEW.changed_in
          OR OLD.created_in IS DISTINCT FROM NEW.created_in)
    EXECUTE FUNCTION endpoints_record_changed();
CREATE FUNCTION endpoints_record_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE endpoints_pullstate state SET feed_floor = greatest(state.feed_floor, lost.number)
    FROM (SELECT endpoint_id, max(CASE WHEN deleted_at IS NULL THEN pg_current_xact_id()::text::bigint ELSE changed_in END)
                 AS number FROM gone GROUP BY endpoint_id) AS lost
    WHERE state.endpoint_id = lost.endpoint_id;
    RETURN NULL;
END $$;
CREATE TRIGGER record_gone AFTER DELETE ON endpoints_record REFERENCING OLD TABLE AS gone FOR EACH STATEMENT
    EXECUTE FUNCTION endpoints_record_gone();
"""
NO_FEED = """
DROP TRIGGER record_changed ON endpoints_record;
DROP TRIGGER record_gone ON endpoints_record;
DROP FUNCTION endpoints_record_changed();
DROP FUNCTION endpoints_record_gone();
"""
