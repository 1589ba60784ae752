"""Keeping what a push changed: one statement for a batch."""

from collections.abc import Sequence

import orjson
from django.db import connection

from endpoints.models import Footprint


def keep(made: Sequence[Footprint]) -> None:
    if not made:
        return
    rows = [
        {
            "run": one.run_id,
            "record": one.record_id,
            "odoo": one.odoo_id,
            "did": one.did,
            "before": one.before,
            "after": one.after,
        }
        for one in made
    ]
    with connection.cursor() as cursor:
        # One JSON text for all rows: psycopg writes arrays item by item, which takes longer than PostgreSQL's own part.
        cursor.execute(
            """INSERT INTO endpoints_footprint (run_id, record_id, odoo_id, did, before, after, made_at, undone, outcome)
               SELECT run, record, odoo, did, before, after, now(), false, ''
               FROM jsonb_to_recordset(%s) AS t (run bigint, record bigint, odoo int, did text, before jsonb, after jsonb)""",
            [orjson.dumps(rows).decode()],
        )
