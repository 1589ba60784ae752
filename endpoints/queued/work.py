"""What is open of an endpoint, and of one record."""

import uuid
from collections.abc import Sequence

import orjson
from django.db import connection

from endpoints.models import ChangeState
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


def not_as_shown(record_id: int, shown: Values) -> tuple[set[str], set[str]]:
    """Fields of which the record does not show what Odoo will have once all that is open has got there: what was written
    last was refused, or is not shown before Odoo has it (additions, removals, what a person sends once more).

    And relations that wait to be resolved: the document shows these, and the record's values (`shown`) what they were before.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT state, "values" FROM endpoints_change
               WHERE record_id = %s AND state IN ('pending', 'claimed', 'failed') ORDER BY id""",
            [record_id],
        )
        found: set[str] = set()
        waiting: set[str] = set()
        for state, values in cursor.fetchall():
            for name, value in orjson.loads(values).items():
                plain = not is_structure(value)
                if state == ChangeState.FAILED or is_partial(value) or (plain and shown.get(name) != value):
                    found.add(name)
                else:
                    found.discard(name)
                if plain:
                    waiting.discard(name)
                else:
                    waiting.add(name)
        return found, waiting
