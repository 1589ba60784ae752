"""What other endpoints over the same model have brought to Odoo."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson
from django.db import connection

from endpoints.models import Did
from mappings.convert import Values


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


def waiting_elsewhere(others: Sequence[int], odoo_ids: Collection[int]) -> dict[int, str]:
    """By Odoo id, one of these `others` that has something on its way to that record.

    Record by record, as in a claim.
    """
    if not others or not odoo_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH there AS MATERIALIZED (
                   SELECT r.id, r.odoo_id, e.name FROM endpoints_record r
                   JOIN endpoints_endpoint e ON e.id = r.endpoint_id
                   WHERE r.endpoint_id = ANY(%s) AND r.odoo_id = ANY(%s))
               SELECT there.odoo_id, there.name FROM there CROSS JOIN LATERAL (
                   SELECT 1 FROM endpoints_change c
                   WHERE c.record_id = there.id AND c.state IN ('pending', 'claimed') LIMIT 1) open""",
            [list(others), sorted(odoo_ids)],
        )
        return dict(cursor.fetchall())


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
