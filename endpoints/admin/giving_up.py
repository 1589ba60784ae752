"""Discarding changes: they leave the queue, and the mirror goes back to what Odoo has."""

from collections.abc import Sequence

from django.db import transaction

from endpoints import outbox, pulls, registry
from endpoints.models import Record
from endpoints.registry import EndpointSpec
from mappings.convert import document_text, external_id
from mappings.payload import Written
from mappings.relations import plain_values
from synchub.errors import HubError


def discard(change_ids: Sequence[int], reason: str) -> int:
    """Returns how many changes are discarded by this, with those that went along."""
    with transaction.atomic():
        discarded = outbox.discard(change_ids, reason)
        _put_back(sorted(set(discarded.values())))
    return len(discarded)


def _put_back(record_ids: Sequence[int]) -> None:
    writes = outbox.open_writes(record_ids)
    rows = Record.objects.filter(pk__in=record_ids, odoo_id__isnull=False, deleted_at=None)
    read_again: set[int] = set()
    for record in rows.select_related("endpoint").select_for_update(of=("self",)):
        open_writes = writes.get(record.pk, Written())
        if record.base is None:
            continue  # a pull has brought Odoo's values meanwhile
        if record.fragments:
            read_again.add(record.endpoint_id)  # relations as Odoo has them are only known to Odoo
        record.values = record.base | plain_values(open_writes.values)
        if record.pk not in writes:
            record.base = None
        try:
            _show(registry.get(record.endpoint.name), record, open_writes)
        except HubError:
            read_again.add(record.endpoint_id)  # the endpoint cannot work now; once it does, all is read anew
        record.save(update_fields=["values", "base", "document", "external_id", "fragments"])
    if read_again:
        pulls.start_over(read_again)


def _show(spec: EndpointSpec, record: Record, open_writes: Written) -> None:
    record.fragments |= open_writes.fragments
    record.document = document_text(spec.mapping, record.values, record.fragments)
    name = external_id(spec.mapping, record.values)
    others = Record.objects.filter(endpoint_id=record.endpoint_id, external_id=name, deleted_at=None)
    if name != record.external_id and not others.exclude(pk=record.pk).exists():
        record.external_id = name
