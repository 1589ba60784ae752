"""Discarding changes: they leave the queue, and the mirror goes back to what Odoo has."""

from collections.abc import Sequence

from django.db import transaction

from endpoints import decisions, pulls, queued
from endpoints.layers import lay
from endpoints.models import Record


def discard(change_ids: Sequence[int], who: str, reason: str = "") -> int:
    """Returns how many changes are discarded by this, with those that went along. The reason is kept with them."""
    said = f"Discarded by {who}: {reason.rstrip('.')}." if reason else f"Discarded by {who}."
    with transaction.atomic():
        discarded = decisions.discard(change_ids, said, who)
        _put_back(sorted(set(discarded.values())))
    return len(discarded)


def _put_back(record_ids: Sequence[int]) -> None:
    writes = queued.open_writes(record_ids)
    rows = Record.objects.filter(pk__in=record_ids, odoo_id__isnull=False, deleted_at=None)
    read_again: set[int] = set()
    for record in rows.select_related("endpoint").select_for_update(of=("self",)):
        if record.base is None:
            continue  # a pull has brought Odoo's values meanwhile
        if record.fragments:
            read_again.add(record.endpoint_id)  # relations as Odoo has them are only known to Odoo
        if not lay(record, record.base, writes.get(record.pk)):
            read_again.add(record.endpoint_id)  # once the endpoint can work, all is read anew
        record.save(update_fields=["values", "base", "document", "external_id", "fragments"])
    if read_again:
        pulls.start_over(read_again)
