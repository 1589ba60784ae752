"""What stands in the queue: questions to the outbox that change nothing."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from endpoints.models import ChangeState, Did
from endpoints.outbox import WORKS
from mappings.convert import Values
from mappings.payload import Written
from mappings.relations import SEEN_LINES, is_partial, is_structure


def endpoints_with_work() -> list[int]:
    """Ids of endpoints that have changes a worker could claim now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT e.id FROM endpoints_endpoint e
               JOIN mappings_mapping m ON m.id = e.mapping_id
               JOIN mappings_connection o ON o.id = m.connection_id
               WHERE {WORKS} AND (e.matched_at IS NOT NULL OR e.match_on = '{{}}') AND EXISTS (
                   SELECT 1 FROM endpoints_change c
                   WHERE c.endpoint_id = e.id AND c.state = 'pending' AND c.not_before <= now())"""  # noqa: S608
        )
        return [row[0] for row in cursor.fetchall()]


def waiting(endpoint_id: int) -> int:
    """How many of the endpoint's records have changes that a worker could claim now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(DISTINCT record_id) FROM endpoints_change
               WHERE endpoint_id = %s AND state = 'pending' AND not_before <= now()""",
            [endpoint_id],
        )
        return int(cursor.fetchone()[0])


def on_its_way(record_id: int) -> set[str]:
    """The fields that open changes of this record write."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT jsonb_object_keys("values") FROM endpoints_change
               WHERE record_id = %s AND state IN ('pending', 'claimed')""",
            [record_id],
        )
        return {row[0] for row in cursor.fetchall()}


def not_odoo_s(record_id: int) -> set[str]:
    """The fields that open or refused changes of this record write: what it shows of these may be theirs, until they are read
    again. What it shows of the others is Odoo's."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT jsonb_object_keys("values") FROM endpoints_change
               WHERE record_id = %s AND state IN ('pending', 'claimed', 'failed')""",
            [record_id],
        )
        return {row[0] for row in cursor.fetchall()}


def is_being_made(record_id: int) -> bool:
    """Is its creation open, or refused? Where it has Odoo's id all the same, Odoo has one of its name: what it shows is what it was
    sent, and nothing of that one's."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT EXISTS (SELECT 1 FROM endpoints_change WHERE record_id = %s AND operation = 'create'
                   AND state IN ('pending', 'claimed', 'failed'))""",
            [record_id],
        )
        return bool(cursor.fetchone()[0])


def lines_refused(record_id: int) -> Values:
    """What a write that was refused before it was sent had seen of the record's lines: whoever sends it again has seen no more."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT base FROM endpoints_change
               WHERE record_id = %s AND state = 'failed' AND NOT sent
                 AND EXISTS (SELECT 1 FROM jsonb_object_keys(base) AS key WHERE starts_with(key, %s))
               ORDER BY id LIMIT 1""",
            [record_id, SEEN_LINES],
        )
        row = cursor.fetchone()
    base: Values = orjson.loads(row[0]) if row else {}
    return {name: value for name, value in base.items() if name.startswith(SEEN_LINES)}


def giving_up_name(endpoint_id: int, odoo_ids: Sequence[int], field: str) -> dict[int, bool]:
    """Which of these records of Odoo are to be deleted, or to get another identifier (`field`): whether that is on its way,
    or was refused."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT r.odoo_id, bool_or(c.state <> 'failed')
               FROM endpoints_record r JOIN endpoints_change c ON c.record_id = r.id
               WHERE r.endpoint_id = %s AND r.odoo_id = ANY(%s) AND c.state IN ('pending', 'claimed', 'failed')
                 AND (c.operation = 'delete' OR c."values" ? %s)
               GROUP BY r.odoo_id""",
            [endpoint_id, list(odoo_ids), field],
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True)
class BeingNamed:
    """A record that a worker is about to give a name in Odoo; `sent`: it may have begun."""

    record_id: int
    endpoint: str
    sent: bool


def created_as(
    endpoint_id: int, field: str, names: Collection[Any], called: Collection[str]
) -> list[tuple[Any, int, Any]]:
    """Records that the hub has created under one of these identifiers (`field`) and that are one of `called` now: that
    identifier, Odoo's id, and the identifier of now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c."values" -> %s, r.odoo_id, r."values" -> %s
               FROM endpoints_record r JOIN endpoints_change c ON c.record_id = r.id
               WHERE r.endpoint_id = %s AND r.deleted_at IS NULL AND r.external_id = ANY(%s) AND r.odoo_id IS NOT NULL
                 AND c.operation = 'create' AND c.state = 'applied' AND c."values" -> %s = ANY(%s::jsonb[])""",
            [field, field, endpoint_id, list(called), field, [orjson.dumps(name).decode() for name in names]],
        )
        return [(orjson.loads(name), odoo_id, orjson.loads(now)) for name, odoo_id, now in cursor.fetchall()]


def being_named(endpoint_ids: Sequence[int], field: str, names: Sequence[Any]) -> dict[Any, list[BeingNamed]]:
    """By name (values of `field`), the records of these endpoints that are about to get it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c."values" -> %s, c.record_id, e.name, c.sent
               FROM endpoints_change c JOIN endpoints_endpoint e ON e.id = c.endpoint_id
               WHERE c.state = 'claimed' AND c.endpoint_id = ANY(%s) AND c."values" -> %s = ANY(%s::jsonb[])""",
            [field, list(endpoint_ids), field, [orjson.dumps(name).decode() for name in names]],
        )
        return _by_name(cursor.fetchall())


def naming(endpoint_ids: Sequence[int], names: Sequence[Any]) -> dict[Any, list[BeingNamed]]:
    """By name, the records of these endpoints that are on their way to Odoo now, and name some other record so in a relation."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT named.value, c.record_id, e.name, c.sent
               FROM endpoints_change c JOIN endpoints_endpoint e ON e.id = c.endpoint_id,
                    jsonb_path_query(c."values", 'strict $.**."$ref"') AS named (value)
               WHERE c.state = 'claimed' AND c.sent AND c.endpoint_id = ANY(%s) AND named.value = ANY(%s::jsonb[])""",
            [list(endpoint_ids), [orjson.dumps(name).decode() for name in names]],
        )
        return _by_name(cursor.fetchall())


def _by_name(rows: Sequence[Sequence[Any]]) -> dict[Any, list[BeingNamed]]:
    found: dict[Any, list[BeingNamed]] = {}
    for name, *one in rows:
        found.setdefault(orjson.loads(name), []).append(BeingNamed(*one))
    return found


@dataclass(frozen=True)
class Elsewhere:
    """A write of another endpoint over the same model, which Odoo has, or may have; `made`: what Odoo made of it, where that is kept."""

    created_at: datetime
    values: Values
    made: Values
    endpoint: str = ""
    """Which one, where that is asked for."""

    def of(self, field: str) -> list[Any]:
        return [values[field] for values in (self.values, self.made) if field in values]


def written_elsewhere(
    endpoint_id: int,
    others: Sequence[int],
    odoo_ids: Sequence[int],
    since: Mapping[int, datetime] | None = None,
) -> dict[int, list[Elsewhere]]:
    """By Odoo id, what these `others` have brought to Odoo `since` a moment of each, or since the endpoint was last pulled, or may
    have, without hearing of it. No moments: ever."""
    moments = ["-infinity" if since is None else since[one] for one in odoo_ids]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT r.odoo_id, c.created_at, c."values", COALESCE(f.after, '{}'), f.did
               FROM unnest(%s::int[], %s::timestamptz[]) AS w (odoo_id, since)
               JOIN endpoints_record r ON r.odoo_id = w.odoo_id JOIN endpoints_change c ON c.record_id = r.id
               LEFT JOIN endpoints_footprint f ON f.record_id = r.id AND f.run_id = c.settled_in
               WHERE r.endpoint_id = ANY(%s) AND CASE c.state
                   WHEN 'applied' THEN c.settled_at > LEAST(w.since, COALESCE((
                       SELECT s.domain_at FROM endpoints_pullstate s WHERE s.endpoint_id = %s), '-infinity'))
                   ELSE c.state IN ('pending', 'claimed') AND c.sent END""",
            [list(odoo_ids), moments, list(others), endpoint_id],
        )
        found: dict[int, list[Elsewhere]] = {}
        for odoo_id, created_at, values, made, did in cursor.fetchall():
            one = Elsewhere(created_at, orjson.loads(values), orjson.loads(made))
            if did == Did.CREATE:  # what is kept of a new record nobody need have written
                one = replace(one, made={key: one.made[key] for key in one.made.keys() & one.values.keys()})
            found.setdefault(odoo_id, []).append(one)
        return found


def sent_unheard(
    endpoint_ids: Sequence[int], field: str, names: Collection[Any]
) -> list[tuple[Any, Elsewhere]]:
    """What these endpoints have begun to send of records that are called so (values of `field`) and of which they do not know Odoo's id."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT r."values" -> %s, c.created_at, c."values"
               FROM endpoints_change c JOIN endpoints_record r ON r.id = c.record_id
               WHERE c.endpoint_id = ANY(%s) AND c.state IN ('pending', 'claimed') AND c.sent AND r.odoo_id IS NULL
                 AND r."values" -> %s = ANY(%s::jsonb[])""",
            [field, list(endpoint_ids), field, [orjson.dumps(name).decode() for name in names]],
        )
        return [
            (orjson.loads(name), Elsewhere(created_at, orjson.loads(values), {}))
            for name, created_at, values in cursor.fetchall()
        ]


def written_as_lines(
    endpoint_id: int, others: Sequence[int], names: Collection[Any], since: datetime
) -> list[tuple[Any, Elsewhere]]:
    """What these `others` have brought to Odoo of lines (one2many) with these identifiers since that moment, or since the endpoint was
    last pulled, or may have.

    State by state, and from a moment that is known, as the indexes have them: else PostgreSQL looks into all that was ever written.
    """
    asked: dict[str, Any] = {"others": list(others)}
    asked["names"] = [orjson.dumps(name).decode() for name in names]
    states = (
        "c.state = 'applied' AND c.settled_at > %(moment)s::timestamptz",
        "c.state = 'claimed' AND c.sent",
        "c.state = 'pending' AND c.sent",
    )
    changes = " UNION ALL ".join(
        f"""SELECT c.endpoint_id, c.created_at, c."values" FROM endpoints_change c
            WHERE c.endpoint_id = ANY(%(others)s) AND {state}"""  # noqa: S608  # its own text
        for state in states
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT domain_at FROM endpoints_pullstate WHERE endpoint_id = %s", [endpoint_id])
        pulled_at = next((row[0] for row in cursor.fetchall()), None)
        asked["moment"] = "-infinity" if pulled_at is None else min(since, pulled_at)
        cursor.execute(
            f"""SELECT line.it -> '$ref', c.created_at, line.it -> '$values', e.name
                FROM ({changes}) AS c JOIN endpoints_endpoint e ON e.id = c.endpoint_id,
                     jsonb_path_query(c."values", 'strict $.**."$children"[*]') AS line (it)
                WHERE line.it -> '$ref' = ANY(%(names)s::jsonb[])""",  # noqa: S608  # its own text
            asked,
        )
        return [
            (orjson.loads(name), Elsewhere(created_at, orjson.loads(values), {}, endpoint))
            for name, created_at, values, endpoint in cursor.fetchall()
        ]


def takers(
    endpoint_id: int, field: str, values: Collection[Any], since: datetime
) -> dict[Any, list[tuple[int, datetime | None]]]:
    """By value, the records whose writes ask for it: of those that are not in Odoo yet, and of those that got there after that moment,
    with when they did.

    State by state, as the indexes have them: a condition on all of them has PostgreSQL read whatever was ever written.
    """
    asked: dict[str, Any] = {"endpoint": endpoint_id, "field": field, "since": since}
    asked["values"] = [orjson.dumps(value).decode() for value in values]
    asks = """c.endpoint_id = %(endpoint)s AND c."values" -> %(field)s = ANY(%(values)s::jsonb[])"""
    waiting = " UNION ALL ".join(
        f"""SELECT c."values" -> %(field)s, c.record_id, NULL::timestamptz FROM endpoints_change c
            WHERE c.state = '{state}' AND {asks}"""  # noqa: S608  # its own text
        for state in ("pending", "claimed", "failed")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""{waiting} UNION ALL SELECT c."values" -> %(field)s, c.record_id, c.settled_at FROM endpoints_change c
                WHERE c.state = 'applied' AND c.settled_at >= %(since)s AND {asks}""",  # noqa: S608  # its own text
            asked,
        )
        found: dict[Any, list[tuple[int, datetime | None]]] = {}
        for value, record_id, settled_at in cursor.fetchall():
            found.setdefault(orjson.loads(value), []).append((record_id, settled_at))
        return found


def to_be_archived(endpoint_id: int, record_ids: Sequence[int], on_delete: str) -> dict[int, int]:
    """By new record: the one of the same name that was deleted here, and is on its way into Odoo's archive. `on_delete` is
    the endpoint's."""
    return _first_of_the_name(
        endpoint_id,
        record_ids,
        # Deleted before anything was sent of it, it never gets there.
        """bool_or(c.operation = 'delete' AND COALESCE(NULLIF(c.on_delete, ''), %s) = 'archive')
           AND (r.odoo_id IS NOT NULL OR bool_or(c.sent))""",
        [on_delete],
        "r.id < new.id",
    )


def left_behind(endpoint_id: int, record_ids: Sequence[int], field: str) -> dict[int, int]:
    """By record that is to get a name: one of that name which was deleted here, and is to be left in Odoo, before Odoo has heard
    that it is called so. Of two such the one goes first that was deleted first: it had the name first. `field` has the names."""
    return _first_of_the_name(
        endpoint_id,
        record_ids,
        """bool_or(r.odoo_id IS NULL OR c.operation = 'create' OR c."values" ? %s)""",
        [field],
        "r.id <> new.id AND (new.deleted_at IS NULL OR (r.deleted_at, r.id) < (new.deleted_at, new.id))",
    )


def _first_of_the_name(
    endpoint_id: int, record_ids: Sequence[int], waits: str, parameters: Sequence[Any], before: str
) -> dict[int, int]:
    """By record: the first of the same name that was deleted here and of which something is open: `waits` is true of its changes
    `c`, `before` of the two.

    As in a claim, nothing is joined: as long as PostgreSQL has not heard of a sudden many, it compares each record with all that
    wait (500 with 20,000: 3.6 s).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH gone AS MATERIALIZED (
                    SELECT r.id, r.external_id, r.deleted_at FROM endpoints_record r
                    WHERE r.endpoint_id = %s AND r.deleted_at IS NOT NULL AND r.state <> 'synced'
                      AND r.external_id = ANY(ARRAY(SELECT external_id FROM endpoints_record WHERE id = ANY(%s)))
                      AND (SELECT {waits} FROM endpoints_change c
                           WHERE c.record_id = r.id AND c.state IN ('pending', 'claimed'))
                ), first AS (
                    SELECT new.id, (SELECT min(r.id) FROM gone r WHERE r.external_id = new.external_id AND {before})
                    FROM endpoints_record new WHERE new.id = ANY(%s)
                )
                SELECT id, min FROM first WHERE min IS NOT NULL""",  # noqa: S608  # two conditions of our own
            [endpoint_id, list(record_ids), *parameters, list(record_ids)],
        )
        return dict(cursor.fetchall())


def perhaps_created(endpoint_id: int) -> list[uuid.UUID]:
    """Handles of records whose creation was sent, and of which it is not known whether Odoo has them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT r.handle FROM endpoints_record r JOIN endpoints_change c ON c.record_id = r.id
               WHERE c.endpoint_id = %s AND c.state IN ('pending', 'claimed') AND c.sent AND r.odoo_id IS NULL""",
            [endpoint_id],
        )
        return [row[0] for row in cursor.fetchall()]


def open_writes(record_ids: Sequence[int]) -> dict[int, Written]:
    """By record: what its open changes write, later ones over earlier ones."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT record_id, "values", fragments FROM endpoints_change
               WHERE record_id = ANY(%s) AND state IN ('pending', 'claimed') ORDER BY id""",
            [list(record_ids)],
        )
        found: dict[int, Written] = {}
        for record_id, values, fragments in cursor.fetchall():
            written = found.setdefault(record_id, Written())
            written.values.update(orjson.loads(values))
            written.fragments.update(orjson.loads(fragments))
        return found


def not_as_shown(record_id: int, shown: Values) -> set[str]:
    """Fields of which the record does not show what Odoo will have once all that is open has got there: what was written
    last was refused, or is not shown before Odoo has it (additions, removals, what a person sends once more)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT state, "values" FROM endpoints_change
               WHERE record_id = %s AND state IN ('pending', 'claimed', 'failed') ORDER BY id""",
            [record_id],
        )
        found: set[str] = set()
        for state, values in cursor.fetchall():
            for name, value in orjson.loads(values).items():
                plain = not is_structure(value)
                if state == ChangeState.FAILED or is_partial(value) or (plain and shown.get(name) != value):
                    found.add(name)
                else:
                    found.discard(name)
        return found
