"""All SQL of the queue. Changes go in with the write that made them and come out claimed, in order per record.

    pending ──claim──▶ claimed ──settle──▶ applied | failed | pending again (retry, release)
                          └─ lease runs out ─▶ pending again (expire)

Every time is the database's. A settle names its token: a worker that lost its lease changes nothing.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from django.conf import settings
from django.db import connection, transaction

from endpoints.models import Operation
from mappings.payload import Written
from synchub.audit.log import Note

MAX_ATTEMPTS = 12
WORKS = (
    "e.enabled AND NOT e.paused AND o.paused_at IS NULL AND NOT EXISTS (SELECT 1 FROM endpoints_standstill)"
)
"""Of an endpoint `e` and its connection `o`, in SQL: neither is off or paused, nor is everything."""
STATE = """CASE
    WHEN EXISTS (SELECT 1 FROM endpoints_change c
                 WHERE c.record_id = i.id AND c.state IN ('pending', 'claimed')) THEN 'pending'
    WHEN EXISTS (SELECT 1 FROM endpoints_conflict q
                 WHERE q.record_id = i.id AND q.decided_at IS NULL) THEN 'conflict'
    WHEN EXISTS (SELECT 1 FROM endpoints_change c
                 WHERE c.record_id = i.id AND c.state = 'failed') THEN 'failed'
    ELSE 'synced' END"""
"""Of a record `i`, in SQL: the state that follows from its changes."""
SUSPICIOUS = 4
BULK = 20  # more in one request, and whatever else is written meanwhile goes first
BACKOFF_SECONDS = (5, 15, 60, 300, 900, 1800, 3600)


@dataclass(frozen=True)
class NewRecord:
    """A record that a consumer creates, ready to be kept: see the columns of Record."""

    handle: uuid.UUID
    external_id: str | None
    document: str
    values: dict[str, Any]
    """Plain values by field: what can be filtered by at once."""
    written: Written
    """All that goes to Odoo: `values`, and relations as structures."""


@dataclass(frozen=True)
class ClaimedChange:
    id: int
    operation: str
    values: dict[str, Any]
    request: dict[str, Any] | None
    base: dict[str, Any] | None
    """What Odoo had of these fields when the consumer wrote."""
    created_at: datetime
    attempts: int
    sent: bool
    """An earlier attempt began to send this; whether Odoo has it is not known."""
    undoes: bool = False
    """It puts back what was before, and gives way to what Odoo has changed since, whatever the endpoint's rule."""
    on_delete: str = ""


@dataclass
class Claim:
    """One record's open changes, oldest first, owned until the lease runs out."""

    record_id: int
    handle: uuid.UUID
    external_id: str | None
    odoo_id: int | None
    base: dict[str, Any] | None
    changes: list[ClaimedChange] = field(default_factory=list)
    archived: bool = False
    """Odoo has it, archived: it was found there when it was to be created."""
    found: bool = False
    """Odoo has it, and the hub did not know its id until now."""
    takes: int | None = None
    """The record of Odoo's that is called as this new one, and is about to give that name up."""
    doubtful: bool = False
    """An earlier attempt may have created it, and Odoo does not tell the hub's user."""
    lost: set[str] = field(default_factory=set)
    """Fields that Odoo changed as well, and wins."""
    others: dict[str, set[int]] = field(default_factory=dict)
    """By field, lines that somebody else has added in Odoo since the consumer wrote."""

    @property
    def seen(self) -> dict[str, Any]:
        """What Odoo had of the fields that are written, when the first of these writes came."""
        base: dict[str, Any] = {}
        for change in self.changes:
            base = (change.base or {}) | base
        return base

    @property
    def creates(self) -> bool:
        """Is one of the changes a new record's first?"""
        return any(change.operation == Operation.CREATE for change in self.changes)

    def named(self, identifier: str) -> list[Any]:
        """What it is called by each of its writes that says so."""
        return [change.values[identifier] for change in self.changes if identifier in change.values]


@dataclass(frozen=True)
class Verdict:
    """What became of a claim. `retry_in` seconds only where it goes back into the queue."""

    record_id: int
    state: str  # applied | failed | pending
    odoo_id: int | None = None
    error: str = ""
    line_id: int | None = None
    retry_in: float | None = None
    spend_attempt: bool = True
    outcome_unknown: bool = False
    """Of this attempt; what is not known of an earlier one stays so."""
    waits_for: int | None = None
    """The record that has to be in Odoo before; see `release`."""


_ACCEPT = """
    WITH given AS (
        SELECT * FROM jsonb_to_recordset(%s) AS t (place int, handle uuid, external_id text, document text,
            "values" jsonb, written jsonb, fragments jsonb, request jsonb)
    ), record AS (
        INSERT INTO endpoints_record (endpoint_id, handle, external_id, document, "values", fragments,
            write_date, state, problem, digest, version, created_at, updated_at)
        SELECT %s, handle, external_id, document, "values", fragments, '', 'pending', '', '', 1, now(), now()
        FROM given ORDER BY place
        RETURNING id, handle
    ), change AS (
        INSERT INTO endpoints_change (endpoint_id, record_id, operation, "values", fragments, request, bulk, state,
            attempts, not_before, sent, error, request_id, access_key, created_at)
        SELECT %s, record.id, 'create', written, fragments, request, %s, 'pending', 0, now(), false, '',
            %s, %s, now()
        FROM record JOIN given USING (handle) ORDER BY record.id
    )
    SELECT handle, id FROM record"""


def accept_new(
    endpoint_id: int,
    records: Sequence[NewRecord],
    *,
    request_id: str,
    access_key: str,
    note: Note | None = None,
) -> dict[uuid.UUID, int]:
    """Keep new records, their changes and the audit log's note in one message, which is a transaction where there is
    none: nobody waits for four answers in turn. Returns the records' ids by handle.

    Raises IntegrityError where an identifier is taken.
    """
    statement, parameters = _ACCEPT, list[Any]()
    if note is not None:
        also, parameters = note.statement()
        statement += f"; {also}"
    # One JSON text for all rows: psycopg writes arrays item by item, which takes longer than PostgreSQL's own part.
    rows = [
        {
            "place": place,
            "handle": record.handle,
            "external_id": record.external_id,
            "document": record.document,
            "values": record.values,
            "written": record.written.values,
            "fragments": record.written.fragments,
            "request": record.written.request,
        }
        for place, record in enumerate(records)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            [
                orjson.dumps(rows).decode(),
                endpoint_id,
                endpoint_id,
                len(records) > BULK,
                request_id,
                access_key,
                *parameters,
            ],
        )
        made = dict(cursor.fetchall())
        if note is not None:
            cursor.nextset()
            note.noted(cursor.fetchall())
        return made


def add(
    endpoint_id: int,
    record_id: int,
    operation: Operation,
    written: Written,
    *,
    base: Mapping[str, Any] | None = None,
    request_id: str,
    access_key: str,
    undoes: int | None = None,
    on_delete: str = "",
) -> int:
    """Queue a write to a record whose row the caller holds locked, behind those before it.

    Where Odoo refused to create the record, all that was refused comes back with it: the record has to exist
    before it can be changed, and what is sent now may be what mends it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_change SET state = 'pending', attempts = 0, not_before = now(), error = '',
                   line_id = NULL, settled_at = NULL
               WHERE record_id = %s AND state = 'failed' AND EXISTS (
                   SELECT 1 FROM endpoints_change c
                   WHERE c.record_id = %s AND c.state = 'failed' AND c.operation = 'create')""",
            [record_id, record_id],
        )
        cursor.execute(
            """INSERT INTO endpoints_change (endpoint_id, record_id, operation, "values", fragments, request, base, bulk,
                   state, attempts, not_before, sent, error, request_id, access_key, undoes, on_delete, created_at)
               VALUES (%s, %s, %s, %s, %s, %s, %s, false, 'pending', 0, now(), false, '', %s, %s, %s, %s, now())
               RETURNING id""",
            [
                endpoint_id,
                record_id,
                operation.value,
                orjson.dumps(written.values).decode(),
                orjson.dumps(written.fragments).decode(),
                _dumped(written.request),
                _dumped(base),
                request_id,
                access_key,
                undoes,
                on_delete,
            ],
        )
        return int(cursor.fetchone()[0])


def claim(endpoint_id: int, token: uuid.UUID, sizes: int | Mapping[str, int]) -> list[Claim]:
    """Take the open changes of so many records: single writes before those that came in bulk, oldest first.

    `sizes` is how many, or says by operation how many of it would be a whole batch. Where there are several, each takes its
    share; a record counts as what its first open change is.

    Only a record's first open change can be locked into a claim, and it brings the later ones along: so no
    two workers ever hold changes of one record, and none overtakes another. An action stands alone: what came before it
    goes first, what came after it later. What was tried `SUSPICIOUS` times comes after
    the rest, and alone: it may be what makes a batch time out, or its worker die.
    """
    if isinstance(sizes, int):
        sizes = dict.fromkeys(Operation.values, sizes)
    alone = dict.fromkeys(Operation.values, 1)
    return _claim(endpoint_id, token, sizes, "<") or _claim(endpoint_id, token, alone, ">=")


_CLAIMED = """r.id, r.handle, r.external_id, r.odoo_id, r.base, c.id, c.operation, c."values", c.request,
    c.base, c.created_at, c.attempts, c.sent, c.undoes IS NOT NULL, c.on_delete"""
_BATCH = 1_000_000  # parts of a batch: shares are whole numbers, so that they add up


def _claim(endpoint_id: int, token: uuid.UUID, sizes: Mapping[str, int], compared: str) -> list[Claim]:
    # As long as PostgreSQL has not heard of a sudden many, the indexes of what is pending seem to hold next to nothing, and it
    # goes through all of one for each row of a join. So the first open change is asked for record by record, not by NOT
    # EXISTS, which is a join as well, and the state of those that come along stands where it names no such index. 22,000
    # open changes took four seconds for each claim.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH first AS (
                SELECT c.record_id, c.id, c.operation, c.bulk FROM endpoints_change c
                WHERE c.endpoint_id = %s AND c.state = 'pending' AND c.not_before <= now()
                  AND c.attempts {compared} %s
                  AND c.id <= (
                    SELECT min(CASE open.state WHEN 'claimed' THEN 0 ELSE open.id END) FROM endpoints_change open
                    WHERE open.record_id = c.record_id AND open.state IN ('pending', 'claimed'))
                ORDER BY c.bulk, c.id LIMIT %s
                FOR UPDATE OF c SKIP LOCKED
            ), head AS (
                SELECT record_id, id, operation FROM (
                    SELECT *, sum((%s::jsonb ->> operation)::int) OVER (ORDER BY bulk, id) AS filled FROM first) f
                WHERE filled <= %s
            )
            UPDATE endpoints_change c
            SET state = 'claimed', claim_token = %s, lease_until = now() + make_interval(secs => %s),
                attempts = c.attempts + 1
            FROM head, endpoints_record r
            WHERE c.record_id = head.record_id AND r.id = c.record_id
              AND CASE WHEN c.state <> 'pending' THEN false
                  WHEN head.operation = 'action' THEN c.id = head.id
                  ELSE (SELECT count(*) FROM endpoints_change act
                        WHERE act.record_id = c.record_id AND act.state IN ('pending', 'claimed')
                          AND act.operation = 'action' AND act.id <= c.id) = 0 END
            RETURNING {_CLAIMED}
            """,  # noqa: S608  # one of two operators
            [
                endpoint_id,
                SUSPICIOUS,
                max(sizes.values()),
                orjson.dumps({operation: _BATCH // size for operation, size in sizes.items()}).decode(),
                _BATCH,
                token,
                settings.LEASE,
            ],
        )
        return _claims(cursor.fetchall())


def still_open(record_ids: Sequence[int]) -> list[Claim]:
    """What is open of these records, whoever holds it: to look at, not to work on."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {_CLAIMED} FROM endpoints_change c JOIN endpoints_record r ON r.id = c.record_id
                WHERE c.record_id = ANY(%s) AND c.state IN ('pending', 'claimed')""",  # noqa: S608  # columns
            [list(record_ids)],
        )
        return _claims(cursor.fetchall())


def _claims(rows: Iterable[Sequence[Any]]) -> list[Claim]:
    claims: dict[int, Claim] = {}
    for record_id, handle, external_id, odoo_id, base, *change in sorted(rows, key=lambda row: row[5]):
        holder = claims.setdefault(record_id, Claim(record_id, handle, external_id, odoo_id, _loaded(base)))
        change_id, operation, values, request, seen, created_at, attempts, *rest = change
        holder.changes.append(
            ClaimedChange(
                change_id,
                operation,
                _loaded(values) or {},
                _loaded(request),
                _loaded(seen),
                created_at,
                attempts,
                *rest,
            )
        )
    return list(claims.values())


def _dumped(value: Mapping[str, Any] | None) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _loaded(value: Any) -> Any:
    # Raw cursors hand jsonb over as text: Django turns psycopg's own parsing off.
    return orjson.loads(value) if isinstance(value, (str, bytes)) else value


def begin_send(token: uuid.UUID, record_ids: Sequence[int]) -> set[int]:
    """Renew the lease and note that a send begins. Returns the records still owned: send only those."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_change SET sent = true, lease_until = now() + make_interval(secs => %s)
               WHERE claim_token = %s AND state = 'claimed' AND record_id = ANY(%s) AND lease_until > now()
               RETURNING record_id""",
            [settings.LEASE, token, list(record_ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def renew(token: uuid.UUID) -> bool:
    """Hold what this token still owns for another while. False: nothing.

    It waits for no lock, so that it cannot stand in the way of the worker's own statements.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_change SET lease_until = now() + make_interval(secs => %s)
               WHERE id IN (SELECT id FROM endpoints_change
                            WHERE claim_token = %s AND state = 'claimed' AND lease_until > now()
                            FOR UPDATE SKIP LOCKED)""",
            [settings.LEASE, token],
        )
        return bool(cursor.rowcount)


def settle(
    token: uuid.UUID, verdicts: Sequence[Verdict], sent_before: Sequence[int], run_id: int | None = None
) -> set[int]:
    """Write down what became of claims in this run. Returns the records it still owned; the others are untouched.

    `sent_before`: changes that an earlier attempt may have carried out. Whatever is known of this one, of that one it is
    not. To be called inside a transaction that holds the records' rows locked.
    """
    rows = [
        {
            "record_id": verdict.record_id,
            "state": verdict.state,
            "unknown": verdict.outcome_unknown,
            "error": verdict.error,
            "line_id": verdict.line_id,
            "spend": verdict.spend_attempt,
            "retry_in": verdict.retry_in or 0.0,
            "waits_for": verdict.waits_for,
        }
        for verdict in verdicts
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_change c
               SET state = v.state, claim_token = NULL, lease_until = NULL, settled_in = %s,
                   sent = v.state <> 'applied' AND (v.unknown OR c.id = ANY(%s)), error = v.error, line_id = v.line_id,
                   attempts = c.attempts - CASE WHEN v.spend THEN 0 ELSE 1 END,
                   not_before = now() + make_interval(secs => v.retry_in), waits_for = v.waits_for,
                   settled_at = CASE WHEN v.state <> 'pending' THEN now() END
               FROM jsonb_to_recordset(%s) AS v (record_id bigint, state text, unknown boolean, error text,
                   line_id bigint, spend boolean, retry_in float8, waits_for bigint)
               WHERE c.claim_token = %s AND c.record_id = v.record_id AND c.state = 'claimed'
               RETURNING c.record_id""",
            [
                run_id,
                list(sent_before),
                orjson.dumps(rows).decode(),
                token,
            ],
        )
        return {row[0] for row in cursor.fetchall()}


def keep_only(change_ids: Sequence[int], fields: Collection[str], keys: Sequence[str]) -> None:
    """Odoo has all that these changes of one record write, and the record itself, but for these fields, which are shown under
    these keys. What has none of them, nor a script to run, is done with."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH rest AS (
                   SELECT c.id, jsonb_object_agg(v.key, v.value) FILTER (WHERE v.key = ANY(%s)) AS written
                   FROM endpoints_change c LEFT JOIN LATERAL jsonb_each(c."values") AS v ON true
                   WHERE c.id = ANY(%s) GROUP BY c.id
               ), done AS (
                   UPDATE endpoints_change c
                   SET state = 'applied', settled_at = now(), sent = false, error = '', waits_for = NULL
                   FROM rest WHERE c.id = rest.id AND rest.written IS NULL AND c.request IS NULL)
               UPDATE endpoints_change c
               SET operation = 'update', "values" = COALESCE(rest.written, '{}'),
                   fragments = (SELECT COALESCE(jsonb_object_agg(key, value), '{}') FROM jsonb_each(c.fragments)
                                WHERE key = ANY(%s))
               FROM rest WHERE c.id = rest.id AND (rest.written IS NOT NULL OR c.request IS NOT NULL)""",
            [list(fields), list(change_ids), list(keys)],
        )


def release(record_ids: Sequence[int], made: Sequence[int] = ()) -> set[int]:
    """Changes that waited for these records may go now, if nothing of theirs is open any more; or if they were `made`
    just now, with more to come. Returns their endpoints."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_change c SET not_before = now(), waits_for = NULL
               WHERE c.waits_for = ANY(%s) AND c.state = 'pending' AND (c.waits_for = ANY(%s) OR NOT EXISTS (
                   SELECT 1 FROM endpoints_change first
                   WHERE first.record_id = c.waits_for AND first.state IN ('pending', 'claimed')))
               RETURNING c.endpoint_id""",
            [list(record_ids), list(made)],
        )
        return {row[0] for row in cursor.fetchall()}


def rebase(
    ours: Mapping[int, tuple[Sequence[str], Mapping[str, Any]]], created: Collection[int] = ()
) -> None:
    """Writes of the hub's own have changed these fields of records: what is still open was written in the knowledge of it.

    By record, with what Odoo has now; a field that could not be read is no longer compared. Of the others it stays noted
    what Odoo had when the consumer wrote: somebody may have changed them meanwhile. Of those `created` just now nothing could
    be noted before.
    """
    if not ours:
        return
    rows = [
        {"record_id": record_id, "fields": fields, "vals": values}
        for record_id, (fields, values) in ours.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_change c SET base = CASE WHEN c.base IS NULL THEN (
                   SELECT jsonb_object_agg(name, v.vals -> name)
                   FROM jsonb_object_keys(c."values") AS name WHERE v.vals ? name)
               ELSE (
                   SELECT jsonb_object_agg(name, CASE WHEN v.fields ? name THEN v.vals ELSE c.base END -> name)
                   FROM jsonb_object_keys(c.base) AS name WHERE v.vals ? name OR NOT v.fields ? name) END
               FROM jsonb_to_recordset(%s) AS v (record_id bigint, fields jsonb, vals jsonb)
               WHERE c.record_id = v.record_id AND c.state IN ('pending', 'claimed')
                 AND (c.base IS NOT NULL OR c.record_id = ANY(%s))""",
            [orjson.dumps(rows).decode(), list(created)],
        )


def expire() -> int:
    """Put changes whose worker has gone back into the queue. Whether they were sent stays noted."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_change SET state = 'pending', claim_token = NULL, lease_until = NULL
               WHERE id IN (SELECT id FROM endpoints_change WHERE state = 'claimed' AND lease_until <= now()
                            FOR UPDATE SKIP LOCKED)"""
        )
        return int(cursor.rowcount)


def left_behind(endpoint_id: int, record_ids: Sequence[int]) -> dict[int, int]:
    """By new record: the one of the same name that was deleted here before it has got to Odoo, and is on its way there."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT new.id, min(r.id) FROM endpoints_record r
               JOIN endpoints_record new ON new.external_id = r.external_id AND new.id > r.id
               WHERE r.endpoint_id = %s AND r.state <> 'synced' AND r.deleted_at IS NOT NULL
                 AND new.id = ANY(%s) AND EXISTS (
                     SELECT 1 FROM endpoints_change c WHERE c.record_id = r.id AND c.state IN ('pending', 'claimed')
                       AND (r.odoo_id IS NULL OR c.operation = 'create'))
               GROUP BY new.id""",
            [endpoint_id, list(record_ids)],
        )
        return dict(cursor.fetchall())


def database_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment
