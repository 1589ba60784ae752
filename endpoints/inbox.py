"""The conflict inbox: what was asked is kept, and what a person decides is carried out.

Odoo's value of a field: the refused changes no longer write it. The hub's: they write it over what the person saw in
Odoo, and ask again if it is something else by then. A change that has nothing left to write is discarded, and says why.

Of lines (one2many) only what both sides changed is decided: the rest of what was sent of them is written whoever wins.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from endpoints import overtaken, queued, wakeup
from endpoints.layers import renew
from endpoints.models import Change, ChangeState, Conflict, Conflicts, Endpoint, Operation, Record, SyncState
from endpoints.models.record import RELATIONS
from mappings.combining import merge_values
from mappings.convert import Values, differing
from mappings.models import Line
from mappings.relations import seen_lines
from mappings.spec import kept_under

Winners = Mapping[str, str]
"""By Odoo field: who wins, "odoo" or "hub"."""
AT_ONCE = 500
WHILE_SOMEBODY_WAITS = 20.0
"""Seconds for which one goes on deciding within a request: a web server gives up on it after thirty."""


def note(
    endpoint_id: int, record_id: int, change_ids: Sequence[int], fields: Sequence[Mapping[str, Any]]
) -> None:
    """Ask a person. A record has one open question: what is asked anew takes the place of the same field's.

    To be called inside a transaction that holds the record's row locked.
    """
    conflict = Conflict.objects.filter(record_id=record_id, decided_at=None).first()
    if conflict is None:
        conflict = Conflict(endpoint_id=endpoint_id, record_id=record_id, change_ids=[], fields=[])
    asked = {one["field"] for one in fields}
    conflict.fields = [one for one in conflict.fields if one["field"] not in asked] + list(fields)
    conflict.change_ids = sorted({*conflict.change_ids, *change_ids})
    conflict.found_at = timezone.now()
    conflict.save()


def asked_of(record_ids: Sequence[int]) -> dict[int, Values]:
    """By record: what Odoo had of the fields that a person is asked about, when the first of the writes came."""
    rows = Conflict.objects.filter(record__in=record_ids, decided_at=None).values_list("record_id", "fields")
    return {record_id: {one["field"]: one["base"] for one in fields} for record_id, fields in rows}


def holds(record_id: int, values: Values) -> bool:
    """Does all of this wait for a person's answer already? A consumer that sends the same each night has nothing new to say."""
    conflict = Conflict.objects.filter(record_id=record_id, decided_at=None).first()
    if conflict is None:
        return False
    held: Values = {}
    newer = overtaken.since(conflict.change_ids)
    changes = Change.objects.filter(pk__in=conflict.change_ids, state=ChangeState.FAILED).order_by("pk")
    for change in changes:
        held = merge_values(held, overtaken.left(change.values, newer.get(change.pk, {})))
    return not differing(values, held)


def decide(conflict_id: int, winners: Winners, who: str, seen: datetime | None = None) -> bool:
    """Carry out what a person decided. False: the question is no longer open, or not the one of that moment (`found_at`) which
    the person has `seen`."""
    with transaction.atomic():
        found = Conflict.objects.filter(pk=conflict_id, decided_at=None).first()
        if found is None:
            return False
        # Records before changes: that is how a worker that settles locks them.
        record = (
            Record.objects.select_for_update(of=("self",)).select_related("endpoint").get(pk=found.record_id)
        )
        conflict = Conflict.objects.select_for_update().filter(pk=conflict_id, decided_at=None).first()
        if conflict is None or {one["field"] for one in conflict.fields} != set(winners):
            return False  # decided meanwhile, or something else is asked by now
        if seen not in (None, conflict.found_at):
            return False  # of the same keys, but one of the sides has another value by now
        decision = _in_words(conflict, winners)
        asked = {one["field"]: one for one in conflict.fields}
        changes = list(
            Change.objects.select_for_update()
            .filter(pk__in=conflict.change_ids, state=ChangeState.FAILED)
            .order_by("pk")
        )
        given_up = {name for name, winner in winners.items() if winner == "odoo"}
        lost = {name for name in given_up if "lines" not in asked[name]}
        newer = overtaken.since([change.pk for change in changes])
        for change in changes:
            _decide_lines(
                change, {name: one["lines"] for name, one in asked.items() if "lines" in one}, given_up
            )
            _carry_on(change, lost, newer.get(change.pk, {}), asked, f"{decision} (decided by {who})")
        for one in conflict.fields:
            one["winner"] = winners[one["field"]]
        conflict.decided_at, conflict.decided_by, conflict.decision = timezone.now(), who, decision
        conflict.save()
        later = {name for values in newer.values() for name in values}
        _show(record, [asked[name] for name in lost - later])
        wakeup.once_committed(wakeup.push, record.endpoint_id)
    return True


def decide_all(
    conflicts: QuerySet[Conflict], winners_of: Callable[[Conflict], Winners | None], who: str
) -> tuple[int, bool]:
    """Decide the open ones of these, as far as there is time for it. How many, and whether that was all."""
    count, end = 0, time.monotonic() + WHILE_SOMEBODY_WAITS
    for one in conflicts.filter(decided_at=None).order_by("pk").iterator(chunk_size=AT_ONCE):
        if time.monotonic() > end:
            return count, False
        winners = winners_of(one)
        if winners is not None:
            count += decide(one.pk, winners, who)
    return count, True


def always(conflict: Conflict, winners: Winners, *, whole_endpoint: bool) -> tuple[int, bool]:
    """Let the endpoint, or the mapping's lines, decide so from now on, and with them what is asked already.

    Returns how many other open questions are settled by this, and whether these are all. A whole endpoint has one winner for all.
    """
    endpoint = Endpoint.objects.select_related("mapping__connection").get(pk=conflict.endpoint_id)
    if whole_endpoint:
        endpoint.conflicts = Conflicts(next(iter(winners.values())))
        endpoint.save(update_fields=["conflicts"])
    else:
        for name, line in _lines(endpoint):
            if name in winners:
                line.conflicts = winners[name]
                line.save(update_fields=["conflicts"])
    return _decided_by_policy(endpoint, f"the rule of {endpoint}")


def _lines(endpoint: Endpoint) -> list[tuple[str, Line]]:
    """The mapping's lines, each with the name that its field's values are kept under."""
    language = endpoint.mapping.connection.language
    lines = Line.objects.filter(mapping=endpoint.mapping_id)
    return [(kept_under(line.field, line.language, language), line) for line in lines]


def _decided_by_policy(endpoint: Endpoint, who: str) -> tuple[int, bool]:
    by_line = {name: line.conflicts for name, line in _lines(endpoint)}

    def winners_of(other: Conflict) -> Winners | None:
        winners = {one["field"]: by_line.get(one["field"]) or str(endpoint.conflicts) for one in other.fields}
        return winners if set(winners.values()) <= {"odoo", "hub"} else None

    return decide_all(Conflict.objects.filter(endpoint=endpoint), winners_of, who)


def _decide_lines(change: Change, lines: Mapping[str, Mapping[str, Any]], given_up: set[str]) -> None:
    for name in lines.keys() & change.values.keys():
        change.base = {**(change.base or {}), seen_lines(name): lines[name]["seen"]}
        if name in given_up:
            change.values = {**change.values, name: {"$children": lines[name]["odoo"]}}


def _carry_on(
    change: Change,
    lost: set[str],
    newer: Values,
    asked: Mapping[str, Mapping[str, Any]],
    decision: str,
) -> None:
    rest = overtaken.left({name: value for name, value in change.values.items() if name not in lost}, newer)
    keys = {one["key"] for name, one in asked.items() if name not in rest}
    change.values = rest
    change.fragments = {key: shown for key, shown in change.fragments.items() if key not in keys}
    seen = {name: asked[name]["current"] for name in asked if name in change.values}
    change.base = {**(change.base or {}), **seen}
    change.line_id, change.attempts = None, 0
    if not change.values and change.operation == Operation.UPDATE and change.request is None:
        change.state, change.settled_at, change.error = ChangeState.DISCARDED, timezone.now(), decision
    else:
        change.state, change.settled_at, change.error = ChangeState.PENDING, None, ""
        change.not_before = timezone.now()
    change.save()


def _show(record: Record, left: Sequence[Mapping[str, Any]]) -> None:
    """The record as Odoo has it where Odoo won, with what is on its way on top."""
    waiting = queued.open_writes([record.pk]).get(record.pk)
    there = (record.values if record.base is None else record.base) | {
        one["field"]: one["current"] for one in left
    }
    shown = {one["key"]: one["shown"]["current"] for one in left if one["key"] in record.fragments}
    record.fragments |= shown
    if RELATIONS in there:
        there[RELATIONS] = there[RELATIONS] | shown
    if waiting is None:
        failed = Change.objects.filter(record=record, state=ChangeState.FAILED).exists()
        record.state = SyncState.FAILED if failed else SyncState.SYNCED
        record.problem = record.problem if failed else ""
    else:
        record.state, record.problem = SyncState.PENDING, ""
    renew(record, there, waiting)


def _in_words(conflict: Conflict, winners: Winners) -> str:
    odoo = [one["key"] for one in conflict.fields if winners[one["field"]] == "odoo"]
    hub = [one["key"] for one in conflict.fields if winners[one["field"]] == "hub"]
    said = [f"Odoo's value kept: {', '.join(odoo)}"] if odoo else []
    said += [f"the consumer's value written: {', '.join(hub)}"] if hub else []
    return "; ".join(said)
