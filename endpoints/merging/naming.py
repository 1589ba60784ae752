"""An identifier names one record."""

from django.db.models import Q

from endpoints import touched
from endpoints.incoming import EXTERNAL_ID_LENGTH
from endpoints.merging.kept import Kept
from endpoints.models import Record
from endpoints.registry import EndpointSpec
from mappings.convert import Values, external_id
from mappings.spec import MappingSpec


def called(spec: MappingSpec, values: Values) -> str | None:
    """How a record with these values is called; None where that is longer than a name may be."""
    name = external_id(spec, values)
    return name if name is None or len(name) <= EXTERNAL_ID_LENGTH else None


def too_long(spec: MappingSpec, values: Values) -> str:
    """Why a record has no name here, where it has one in Odoo."""
    name = external_id(spec, values)
    if name is None:
        return ""
    return (
        f"“{spec.identifier.key}” has {len(name)} characters in Odoo (“{name[:40]}…”), and a name has {EXTERNAL_ID_LENGTH} at "
        f"most: the record is read, but cannot be called by its name. Give it a shorter {spec.identifier.field.label} in Odoo."
    )


def give_names(endpoint: EndpointSpec, updates: list[Kept], inserts: list[Kept]) -> None:
    """Two records of Odoo may have the same identifier; only the first is named by it, the other says why not.

    Unless Odoo has the first no more, since somebody deleted it and made it anew: that is looked at, or the old one
    would be shown until the next search for deleted records.
    """
    merged = [record.odoo_id for record in (*updates, *inserts)]
    names = [record.external_id for record in (*updates, *inserts) if record.external_id is not None]
    others = Record.objects.filter(
        endpoint_id=endpoint.id, deleted_at=None, external_id__any_of=names
    ).exclude(Q(odoo_id__any_of=merged) & Q(odoo_id__isnull=False))
    held = dict(others.values_list("external_id", "odoo_id"))
    if holders := [odoo_id for odoo_id in held.values() if odoo_id is not None]:
        touched.look_at(endpoint.id, holders)
    for record in (*updates, *inserts):
        if record.external_id is None:
            continue
        if record.external_id in held:
            other = held[record.external_id]
            record.problem = (
                f"“{record.external_id}” already names another record"
                f"{f' (Odoo id {other})' if other else ''}; give one of them another identifier in Odoo."
            )
            record.external_id = None
        else:
            held[record.external_id] = record.odoo_id
