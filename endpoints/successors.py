"""A refused write of a record that Odoo has no more, where it was made once more under its name: at a person's word it is written
to that one."""

from django.db import transaction

from endpoints import decisions, queued
from endpoints.layers import renew
from endpoints.models import Change, ChangeState, Operation, Record
from mappings.relations import seen_lines


def successor(change: Change) -> Record | None:
    """The record that is called now as the one which the change was about."""
    lost = change.record
    if (
        change.state != ChangeState.FAILED
        or change.operation != Operation.UPDATE
        or lost.deleted_at is None
        or not lost.external_id
    ):
        return None
    named = Record.objects.filter(endpoint_id=lost.endpoint_id, external_id=lost.external_id, deleted_at=None)
    return named.exclude(pk=lost.pk).first()


def hand_over(change_id: int, who: str) -> int | None:
    """How many records it is queued for: none where newer writes say all that it said. None where there is nobody to write it to any
    more. What that record has meanwhile is written over, as by any change that is sent again."""
    with transaction.atomic():
        found = Change.objects.select_related("record").get(pk=change_id)
        heir = successor(found)
        if heir is None:
            return None
        both = sorted([found.record_id, heir.pk])
        rows = {
            one.pk: one
            for one in Record.objects.select_for_update(of=("self",))
            .select_related("endpoint")
            .filter(pk__in=both)
            .order_by("pk")
        }
        heir = rows[heir.pk]
        mine = Change.objects.filter(pk=change_id, state=ChangeState.FAILED, record=found.record_id)
        if heir.deleted_at is not None or not mine.update(record=heir, base=_lines_seen(found)):
            return None
        count = decisions.retry([change_id], who)
        _show(heir)
        decisions.follow([found.record_id])  # the lost one has a refused write less
        return count


def _lines_seen(change: Change) -> dict[str, object] | None:
    """No line of the new record was there when the change was written: those that it has stay, like others' that were added since."""
    base = change.base or {}
    seen: dict[str, object] = {}
    for name in base:
        if seen_lines(name) in base:
            seen |= {name: [], seen_lines(name): []}
    return seen or None


def _show(record: Record) -> None:
    record.refresh_from_db(fields=["state", "problem"])
    waiting = queued.open_writes([record.pk]).get(record.pk)
    there = record.values if record.base is None else record.base
    renew(record, there, waiting)
