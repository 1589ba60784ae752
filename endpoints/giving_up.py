"""Discarding changes: they leave the queue, and the mirror goes back to what Odoo has."""

import time
from collections.abc import Collection, Sequence

from django.db import transaction

from endpoints import decisions, inbox, overtaken, pulls, queued, touched
from endpoints.layers import lay
from endpoints.models import Change, ChangeState, Conflict, Operation, Record
from endpoints.models.record import RELATIONS

AT_ONCE = 1000
_GONE = "The record has been deleted since."


def discard(change_ids: Sequence[int], who: str, reason: str = "") -> int:
    """Returns how many changes are discarded by this, with those that went along. The reason is kept with them."""
    said = f"Discarded by {who}: {reason.rstrip('.')}." if reason else f"Discarded by {who}."
    with transaction.atomic():
        discarded = decisions.discard(change_ids, said, who)
        _put_back(sorted(set(discarded.values())))
    return len(discarded)


def discard_all(change_ids: Sequence[int], who: str, reason: str = "") -> tuple[int, bool]:
    """Discard these in portions, the oldest first, as far as there is time for it. How many, and whether that was all."""
    ids, count, end = sorted(change_ids), 0, time.monotonic() + inbox.WHILE_SOMEBODY_WAITS
    for start in range(0, len(ids), AT_ONCE):
        if start and time.monotonic() > end:
            return count, False
        count += discard(ids[start : start + AT_ONCE], who, reason)
    return count, True


def after(applied: Collection[int], deleted: Collection[int]) -> None:
    """Changes of these records are in Odoo; some have `deleted` theirs. Refused ones that have nothing left to do by that
    are discarded, and a person is asked no more of what was written since he was.

    To be called inside a transaction that holds the records' rows locked.
    """
    refused = list(Change.objects.filter(record__pk__any_of=list(applied), state=ChangeState.FAILED))
    if not refused:
        return
    decisions.set_aside([one.pk for one in refused if one.record_id in deleted], _GONE)
    if acts := [one.pk for one in refused if one.operation == Operation.ACTION]:
        decisions.set_aside(overtaken.called_since(acts), overtaken.CALLED)
    newer = overtaken.since([one.pk for one in refused], [ChangeState.APPLIED])
    asked = list(Conflict.objects.filter(record__in=applied, decided_at=None))
    held = {change_id for conflict in asked for change_id in conflict.change_ids}
    rest = {one.pk: overtaken.left(one.values, newer.get(one.pk, {})) for one in refused}
    done = [one.pk for one in refused if one.pk not in held and overtaken.is_done(one, rest[one.pk])]
    decisions.set_aside(done, overtaken.REASON)
    for conflict in asked:
        fields = [one["field"] for one in conflict.fields]
        about = [one for one in refused if one.pk in conflict.change_ids]
        if about and not any(name in rest[one.pk] for one in about for name in fields):
            inbox.decide(conflict.pk, dict.fromkeys(fields, "hub"), "a newer write")


def _put_back(record_ids: Sequence[int]) -> None:
    writes = queued.open_writes(record_ids)
    rows = Record.objects.filter(pk__in=record_ids, odoo_id__isnull=False, deleted_at=None)
    read_again: set[int] = set()
    for record in rows.select_related("endpoint").select_for_update(of=("self",)):
        if record.base is None:
            continue  # a pull has brought Odoo's values meanwhile
        if record.fragments and RELATIONS not in record.base and record.odoo_id is not None:
            touched.look_at(record.endpoint_id, [record.odoo_id])  # only Odoo knows how they are there
        if not lay(record, record.base, writes.get(record.pk)):
            read_again.add(record.endpoint_id)  # once the endpoint can work, all is read anew
        record.save(update_fields=["values", "base", "document", "external_id", "fragments"])
    if read_again:
        pulls.start_over(read_again)
