"""What changes write that wait or were refused, and newer ones have written since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from endpoints.models import Change, ChangeState, Operation
from endpoints.models.queue import OPEN
from endpoints.outbox import GAVE_WAY
from mappings.combining import merge_values, merged, says_less
from mappings.convert import Values
from mappings.relations import is_partial, is_said_whole, is_structure

REASON = "All that it wrote has been written once more since."
CALLED = "It has been called since."


def since(
    change_ids: Sequence[int], states: Sequence[ChangeState] = (*OPEN, ChangeState.APPLIED)
) -> dict[int, Values]:
    """By refused change: what newer changes in these states write."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.id, newer."values" FROM endpoints_change c
               JOIN endpoints_change newer ON newer.record_id = c.record_id AND newer.id > c.id
               WHERE c.id = ANY(%s) AND c.state = 'failed' AND newer.state = ANY(%s) ORDER BY newer.id""",
            [list(change_ids), [state.value for state in states]],
        )
        found: dict[int, Values] = {}
        for change_id, values in cursor.fetchall():
            found[change_id] = merge_values(found.get(change_id, {}), orjson.loads(values))
        return found


@dataclass(frozen=True)
class Newer:
    """A write of another endpoint, as far as Odoo has it: what gave way takes nobody's place. `applied`: it is settled; else Odoo
    may have it."""

    endpoint: str
    endpoint_id: int
    id: int
    values: Values
    record_id: int
    applied: bool


def elsewhere(others: Sequence[int], after: Mapping[int, int]) -> dict[int, list[Newer]]:
    """By Odoo id, what these other endpoints over the same records were sent `after` a change and have brought to Odoo, or begun to
    send; oldest first.

    By the changes' ids, which only grow: the database's clock may have been set back in between.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT r.odoo_id, e.name, e.id, c.id, r.id, c.state = 'applied',
                      c."values" - ARRAY(SELECT jsonb_array_elements_text(c.base -> %s))
               FROM endpoints_record r JOIN endpoints_change c ON c.record_id = r.id
               JOIN endpoints_endpoint e ON e.id = r.endpoint_id
               WHERE r.endpoint_id = ANY(%s) AND r.odoo_id = ANY(%s) AND c.id > %s
                 AND (c.state = 'applied' OR (c.state IN ('pending', 'claimed') AND c.sent))
               ORDER BY c.id""",
            [GAVE_WAY, list(others), list(after), min(after.values())],
        )
        found: dict[int, list[Newer]] = {}
        for odoo_id, name, endpoint_id, change_id, record_id, applied, values in cursor.fetchall():
            if change_id > after[odoo_id]:
                newer = Newer(name, endpoint_id, change_id, orjson.loads(values), record_id, applied)
                found.setdefault(odoo_id, []).append(newer)
        return found


def _plainly_elsewhere(change_ids: Sequence[int]) -> dict[int, Values]:
    """By refused write: what other endpoints over the same records were sent after it and have brought to Odoo, or begun to send, of what
    one write says as a whole. Not what it was written in the knowledge of, nor where a person is asked about it: who says that it is
    sent all the same has seen what Odoo has.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.id, c.base, newer."values" - ARRAY(SELECT jsonb_array_elements_text(newer.base -> %s))
               FROM endpoints_change c JOIN endpoints_record r ON r.id = c.record_id
               JOIN endpoints_endpoint e ON e.id = r.endpoint_id JOIN mappings_mapping m ON m.id = e.mapping_id
               JOIN mappings_mapping n ON n.connection_id = m.connection_id AND n.model = m.model
               JOIN endpoints_endpoint f ON f.mapping_id = n.id AND f.id <> e.id
               JOIN endpoints_record other ON other.endpoint_id = f.id AND other.odoo_id = r.odoo_id
               JOIN endpoints_change newer ON newer.record_id = other.id AND newer.id > c.id
               WHERE c.id = ANY(%s) AND c.state = 'failed' AND c.operation = 'update'
                 AND (newer.state = 'applied' OR (newer.state IN ('pending', 'claimed') AND newer.sent))
                 AND NOT EXISTS (SELECT FROM endpoints_conflict asked
                                 WHERE asked.record_id = c.record_id AND asked.decided_at IS NULL
                                   AND c.id = ANY(asked.change_ids))
               ORDER BY newer.id""",
            [GAVE_WAY, list(change_ids)],
        )
        found: dict[int, Values] = {}
        for change_id, base, values in cursor.fetchall():
            known = orjson.loads(base) if base else {}
            for name, value in orjson.loads(values).items():
                if is_said_whole(value) and (name not in known or known[name] != value):
                    found.setdefault(change_id, {})[name] = value
        return found


def called_since(change_ids: Sequence[int]) -> list[int]:
    """Of refused actions those that were asked for once more, in the same words, and then carried out."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT c.id FROM endpoints_change c
               JOIN endpoints_change newer ON newer.record_id = c.record_id AND newer.id > c.id
               WHERE c.id = ANY(%s) AND c.state = 'failed' AND c.operation = 'action'
                 AND newer.state = 'applied' AND newer.operation = 'action' AND newer.request = c.request""",
            [list(change_ids)],
        )
        return [row[0] for row in cursor.fetchall()]


def left(values: Mapping[str, Any], newer: Mapping[str, Any]) -> Values:
    """What still counts of `values`. Additions and removals take nobody's place: they go on top. So do lines that do not say
    again all that was said of them."""
    return {
        name: merged(value, newer[name]) if name in newer else value
        for name, value in values.items()
        if name not in newer or _goes_on_top(value, newer[name])
    }


def _goes_on_top(value: Any, newer: Any) -> bool:
    return is_structure(value) and (is_partial(newer) or says_less(newer, value))


def is_done(change: Change, rest: Values) -> bool:
    """Is the change over, with this `left` of its values?"""
    writes_only = change.operation == Operation.UPDATE and change.request is None and bool(change.values)
    return writes_only and not rest


def cut(change_ids: Sequence[int]) -> list[int]:
    """Leave to refused changes what still counts of them, by whatever endpoint newer ones came. Returns those that have nothing left.

    To be called inside a transaction that holds the records' rows locked.
    """
    newer, done = since(change_ids), []
    for change_id, values in _plainly_elsewhere(change_ids).items():
        newer[change_id] = values | newer.get(change_id, {})
    for change in Change.objects.select_for_update().filter(pk__in=list(newer), state=ChangeState.FAILED):
        rest = left(change.values, newer[change.pk])
        if is_done(change, rest):
            done.append(change.pk)
        elif rest != change.values:
            # What is left of its relations is shown once Odoo has it.
            change.values, change.fragments = rest, {}
            change.save(update_fields=["values", "fragments"])
    return done
