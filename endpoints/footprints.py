"""Keeping what a push changed: one statement for a batch."""

from collections.abc import Sequence
from typing import NamedTuple

import orjson
from django.db import connection

from endpoints.models import Did
from mappings.convert import Values


class Made(NamedTuple):
    """A row of Footprint; an instance of it would cost more than all else about it."""

    run_id: int
    record_id: int
    odoo_id: int
    did: Did
    before: Values
    after: Values


def keep(made: Sequence[Made]) -> None:
    if not made:
        return
    with connection.cursor() as cursor:
        # One JSON text for all rows: psycopg writes arrays item by item, which takes longer than PostgreSQL's own part.
        cursor.execute(
            """INSERT INTO endpoints_footprint (run_id, record_id, odoo_id, did, before, after, made_at, undone, outcome)
               SELECT run_id, record_id, odoo_id, did, before, after, now(), false, ''
               FROM jsonb_to_recordset(%s) AS t (run_id bigint, record_id bigint, odoo_id int, did text, before jsonb,
                   after jsonb)""",
            [orjson.dumps([one._asdict() for one in made]).decode()],
        )
