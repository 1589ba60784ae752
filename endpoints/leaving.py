"""Records of Odoo's that another endpoint over the same model is about to delete, or to call otherwise.

Whoever is sent a new record of that name after this does not mean them: what was accepted first goes first.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from endpoints.awaited import Awaited
from endpoints.outbox import WORKS


@dataclass(frozen=True)
class Leaving:
    change_id: int
    first: Awaited


def elsewhere(others: Sequence[int], odoo_ids: Collection[int], field: str) -> dict[int, list[Leaving]]:
    """By Odoo id, what these `others` have on its way that deletes the record or gives it another identifier (`field`).

    Record by record, as in a claim: as long as PostgreSQL has not heard of a sudden many, a join reads all that waits anywhere.
    """
    if not others or not odoo_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH there AS MATERIALIZED (
                   SELECT r.id, r.odoo_id, e.name, NOT ({WORKS}) AS stands
                   FROM endpoints_record r JOIN endpoints_endpoint e ON e.id = r.endpoint_id
                   JOIN mappings_mapping m ON m.id = e.mapping_id JOIN mappings_connection o ON o.id = m.connection_id
                   WHERE r.endpoint_id = ANY(%s) AND r.odoo_id = ANY(%s))
               SELECT there.odoo_id, min(going.id), there.id, there.name, there.stands
               FROM there CROSS JOIN LATERAL (
                   SELECT c.id FROM endpoints_change c
                   WHERE c.record_id = there.id AND c.state IN ('pending', 'claimed')
                     AND (c.operation = 'delete' OR (c.operation = 'update' AND c."values" ? %s)) OFFSET 0) going
               GROUP BY there.odoo_id, there.id, there.name, there.stands ORDER BY 2""",  # noqa: S608  # its own text
            [list(others), sorted(odoo_ids), field],
        )
        found: dict[int, list[Leaving]] = {}
        for odoo_id, change_id, record_id, name, paused in cursor.fetchall():
            first = Awaited(record_id, name, refused=False, paused=paused)
            found.setdefault(odoo_id, []).append(Leaving(change_id, first))
        return found


def before(change_id: int, odoo_id: int, found: Mapping[int, Sequence[Leaving]]) -> Awaited | None:
    """Which of them was accepted before that change, and has to be in Odoo first."""
    return next((one.first for one in found.get(odoo_id, ()) if one.change_id < change_id), None)
