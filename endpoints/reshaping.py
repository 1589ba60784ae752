"""Records that Odoo does not have, or not yet, in the shape of the mapping as it is now: no pull brings them.

One that was refused may wait for long to be mended, and would be answered with keys that the endpoint no longer has.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import F
from django.db.models.functions import Now

from endpoints.models import Change, ChangeState, Record, SyncState
from endpoints.models.queue import OPEN
from endpoints.registry import EndpointSpec
from mappings.convert import document_text
from mappings.fieldtypes import WrongValue
from mappings.relations import fragments_of

_PORTION = 500


def reshape(endpoint: EndpointSpec) -> None:
    """Each by itself, and only as it was looked at: what is written meanwhile is in shape."""
    for record in _not_in_odoo(endpoint):
        try:
            document = document_text(endpoint.mapping, record.values, record.fragments)
        except WrongValue:  # the field is of another type now: what was sent has to be sent anew
            continue
        if document != record.document:
            Record.objects.filter(pk=record.pk, version=record.version, odoo_id=None).update(
                document=document, fragments=record.fragments, version=F("version") + 1, updated_at=Now()
            )


def _not_in_odoo(endpoint: EndpointSpec) -> Iterator[Record]:
    there = Record.objects.filter(endpoint_id=endpoint.id, odoo_id=None, deleted_at=None)
    numbers = sorted(there.exclude(state=SyncState.SYNCED).values_list("pk", flat=True))
    for start in range(0, len(numbers), _PORTION):
        portion = numbers[start : start + _PORTION]
        sent = _sent(portion)
        for record in Record.objects.filter(pk__in=portion):
            # A relation whose key is another one now is shown as it was sent.
            for key, shown in fragments_of(endpoint.mapping, sent.get(record.pk, {})).items():
                record.fragments.setdefault(key, shown)
            yield record


def _sent(records: list[int]) -> Mapping[int, dict[str, Any]]:
    """What was written to each and is not in Odoo, by Odoo field."""
    found: dict[int, dict[str, Any]] = {}
    changes = Change.objects.filter(record__in=records, state__in=[*OPEN, ChangeState.FAILED]).order_by("id")
    for record, values in changes.values_list("record", "values"):
        found.setdefault(record, {}).update(values)
    return found
