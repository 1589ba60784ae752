"""All SQL of what is to be read from Odoo by its id: what Odoo says it has touched, and what may be gone."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from endpoints.outbox import WORKS

AGAIN_AFTER = (2, 10, 30)
"""Seconds until what looks unchanged is read once more: Odoo tells of a change before it has committed it."""
_HELD = 100
"""Tries of one that is not read before nothing of the record that has its id is open any more."""
# Asked of each by itself: as long as PostgreSQL has not heard of a sudden many, a join reads all that waits anywhere.
_DUE = f"""t.next_at <= now() AND (t.tries <> {_HELD} OR NOT EXISTS (
               SELECT 1 FROM endpoints_record r WHERE r.endpoint_id = t.endpoint_id AND r.odoo_id = t.odoo_id AND EXISTS (
                   SELECT 1 FROM endpoints_change c WHERE c.record_id = r.id AND c.state IN ('pending', 'claimed') OFFSET 0)
               OFFSET 0))"""  # noqa: S608  # its own text


@dataclass(frozen=True)
class Taken:
    id: int
    odoo_id: int
    tries: int


def note(connection_id: int, model: str, odoo_ids: Collection[int]) -> list[int]:
    """Ids of the endpoints that show such records; they are to be read now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO endpoints_touched (endpoint_id, odoo_id, tries, next_at)
               SELECT e.id, t.odoo_id, 0, now() FROM endpoints_endpoint e
               JOIN mappings_mapping m ON m.id = e.mapping_id
               CROSS JOIN unnest(%s::int[]) AS t (odoo_id)
               WHERE m.connection_id = %s AND m.model = %s AND e.enabled AND e.mode = 'mirror'
               ON CONFLICT (endpoint_id, odoo_id) DO UPDATE SET tries = 0, next_at = now()
               RETURNING endpoint_id""",
            [sorted(odoo_ids), connection_id, model],
        )
        return sorted({row[0] for row in cursor.fetchall()})


def look_at(endpoint_id: int, odoo_ids: Collection[int]) -> None:
    """Whether these are still there is to be seen soon; one reading tells."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO endpoints_touched (endpoint_id, odoo_id, tries, next_at)
               SELECT %s, t.odoo_id, %s, now() FROM unnest(%s::int[]) AS t (odoo_id)
               ON CONFLICT (endpoint_id, odoo_id) DO NOTHING""",
            [endpoint_id, len(AGAIN_AFTER), sorted(odoo_ids)],
        )


def look_at_later(endpoint_id: int, odoo_ids: Collection[int]) -> None:
    """The same, once nothing is on its way any more to the records that have these ids here."""
    if not odoo_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO endpoints_touched (endpoint_id, odoo_id, tries, next_at)
               SELECT %s, t.odoo_id, %s, now() + make_interval(secs => %s) FROM unnest(%s::int[]) AS t (odoo_id)
               ON CONFLICT (endpoint_id, odoo_id) DO UPDATE SET tries = EXCLUDED.tries, next_at = EXCLUDED.next_at""",
            [endpoint_id, _HELD, AGAIN_AFTER[0], sorted(odoo_ids)],
        )


def look_at_namesakes(record_ids: Collection[int]) -> None:
    """The same of others that are called as these records: they may be these, seen by a pull that could not know."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO endpoints_touched (endpoint_id, odoo_id, tries, next_at)
               SELECT other.endpoint_id, other.odoo_id, 0, now() FROM endpoints_record r
               JOIN endpoints_record other ON other.endpoint_id = r.endpoint_id AND other.external_id = r.external_id
                   AND other.id <> r.id AND other.deleted_at IS NULL AND other.odoo_id IS NOT NULL
               WHERE r.id = ANY(%s)
               ON CONFLICT (endpoint_id, odoo_id) DO UPDATE SET tries = 0, next_at = now()""",
            [list(record_ids)],
        )


def due() -> list[int]:
    """Endpoints that have some to be read now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT DISTINCT e.id FROM endpoints_touched t
                JOIN endpoints_endpoint e ON e.id = t.endpoint_id
                JOIN mappings_mapping m ON m.id = e.mapping_id
                JOIN mappings_connection o ON o.id = m.connection_id
                WHERE {_DUE} AND {WORKS}"""  # noqa: S608
        )
        return [row[0] for row in cursor.fetchall()]


def take(endpoint_id: int, limit: int) -> list[Taken]:
    """Those that are due. Whoever takes them and dies leaves them to be due again."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE endpoints_touched t
               SET tries = LEAST(t.tries + 1, {_HELD - 1}), next_at = now() + make_interval(secs => (%s::int[])[LEAST(t.tries + 1, %s)])
               WHERE t.id IN (SELECT t.id FROM endpoints_touched t WHERE t.endpoint_id = %s AND {_DUE}
                              ORDER BY t.id LIMIT %s FOR UPDATE SKIP LOCKED)
               RETURNING t.id, t.odoo_id, t.tries""",  # noqa: S608  # its own text
            [list(AGAIN_AFTER), len(AGAIN_AFTER), endpoint_id, limit],
        )
        return [Taken(*row) for row in cursor.fetchall()]


def done(taken: Collection[Taken]) -> None:
    """Unless Odoo has told of them once more meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM endpoints_touched t USING unnest(%s::bigint[], %s::int[]) AS v (id, tries)
               WHERE t.id = v.id AND t.tries = v.tries""",
            [[one.id for one in taken], [one.tries for one in taken]],
        )
