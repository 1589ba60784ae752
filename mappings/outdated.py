"""Whether a mapping asks for a field or model that Odoo no longer has, or no longer shows to the hub's user."""

from collections.abc import Iterator

from mappings.languages import fields_to_read
from mappings.spec import MappingSpec
from synchub.errors import OdooPermanent
from synchub.odoo import OdooClient
from synchub.odoo.faults import NO_RIGHT


def is_outdated(spec: MappingSpec, client: OdooClient) -> bool:
    """Raises OdooError that may pass."""
    try:
        return any(
            set(names) - client.execute(model, "fields_get", names, ["type"]).keys()
            for model, names in read_of(spec)
        )
    except OdooPermanent as error:
        return error.code != NO_RIGHT  # otherwise the model is gone


def read_of(spec: MappingSpec) -> Iterator[tuple[str, list[str]]]:
    """Which fields of which models are read, at all depths."""
    yield spec.model, fields_to_read(spec)
    for line in spec.relations:
        if line.nested is not None:
            yield from read_of(line.nested)
