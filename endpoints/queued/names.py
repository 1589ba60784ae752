"""Which records are about to get a name in Odoo, to give it up, or have it already."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import connection


def giving_up_name(endpoint_id: int, odoo_ids: Sequence[int], field: str) -> dict[int, bool]:
    """Which of these records of Odoo are to be deleted, or to get another identifier (`field`): whether that is on its way,
    or was refused.

    Record by record, as in a claim.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH there AS MATERIALIZED (
                   SELECT id, odoo_id FROM endpoints_record WHERE endpoint_id = %s AND odoo_id = ANY(%s))
               SELECT there.odoo_id, bool_or(going.on_its_way) FROM there CROSS JOIN LATERAL (
                   SELECT c.state <> 'failed' AS on_its_way FROM endpoints_change c
                   WHERE c.record_id = there.id AND c.state IN ('pending', 'claimed', 'failed')
                     AND (c.operation = 'delete' OR c."values" ? %s) OFFSET 0) going
               GROUP BY there.odoo_id""",
            [endpoint_id, list(odoo_ids), field],
        )
        return dict(cursor.fetchall())


def to_be_deleted(endpoint_id: int, odoo_ids: Sequence[int]) -> dict[int, int]:
    """Which of these records of Odoo are to be deleted, or archived: by id there, the record.

    Record by record, as in a claim.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH there AS MATERIALIZED (
                   SELECT id, odoo_id FROM endpoints_record WHERE endpoint_id = %s AND odoo_id = ANY(%s))
               SELECT there.odoo_id, there.id FROM there CROSS JOIN LATERAL (
                   SELECT 1 FROM endpoints_change c
                   WHERE c.record_id = there.id AND c.state IN ('pending', 'claimed') AND c.operation = 'delete'
                   OFFSET 0) going""",
            [endpoint_id, list(odoo_ids)],
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
