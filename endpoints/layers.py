"""A record as Odoo has it, with what is on its way to Odoo on top."""

from django.utils import timezone

from endpoints import registry
from endpoints.models import Record
from endpoints.models.record import RELATIONS
from endpoints.registry import EndpointSpec
from mappings.convert import Fragments, Values, document_text, external_id
from mappings.payload import Written
from mappings.relations import plain_values
from synchub.errors import HubError


def as_odoo_has(values: Values, fragments: Fragments) -> Values:
    """What Odoo has, to be kept as a record's `base`."""
    return values | {RELATIONS: fragments} if fragments else values


def lay(record: Record, there: Values, waiting: Written | None) -> bool:
    """Set what the record shows: `there` is what Odoo has, `waiting` what is still to be written. It is not saved. Relations stay
    as they are shown where `there` does not tell them.

    False: the endpoint cannot work now, so that the document stays as it is until it is read from Odoo anew.
    """
    record.base = None if waiting is None else there
    fields = {name: value for name, value in there.items() if name != RELATIONS}
    record.values = fields | plain_values(waiting.values if waiting else {})
    record.fragments = there.get(RELATIONS, record.fragments) | (waiting.fragments if waiting else {})
    try:
        _name(registry.get(record.endpoint.name), record)
    except HubError:
        return False
    return True


def renew(record: Record, there: Values, waiting: Written | None) -> None:
    """The same, saved as another version of it, with whatever else was set; a pull that finds it looks at it again."""
    lay(record, there, waiting)
    record.version, record.digest, record.updated_at = record.version + 1, "", timezone.now()
    record.save()


def _name(spec: EndpointSpec, record: Record) -> None:
    record.document = document_text(spec.mapping, record.values, record.fragments)
    name = external_id(spec.mapping, record.values)
    others = Record.objects.filter(endpoint_id=record.endpoint_id, external_id=name, deleted_at=None)
    if name != record.external_id and not others.exclude(pk=record.pk).exists():
        record.external_id = name
