"""Live mode: who bears an identifier in Odoo already, whether or not the endpoint covers it.

What is archived counts as well: taken out of the archive, it would be a second one of that name.
"""

from collections.abc import Collection, Sequence
from typing import Any

from endpoints import queued, registry
from endpoints.incoming import NotPossible, duplicate
from endpoints.registry import EndpointSpec
from mappings.convert import Values, external_id, from_row
from mappings.resolve import Item
from mappings.spec import MappingSpec
from synchub.odoo import OdooClient


def bearers(spec: MappingSpec, identifiers: Collection[Any], client: OdooClient) -> list[Values]:
    """Canonical values: `id`, the identifier, and whether it is archived where the model has that. Raises OdooError."""
    field = spec.identifier.field
    rows = client.search_read(
        spec.model,
        [(field.name, "in", list(identifiers))],
        [field.name, *spec.archive_read],
        order="id",
        context={"active_test": False},
    )
    return [from_row(spec, row) for row in rows]


def check_free(spec: MappingSpec, item: Item, client: OdooClient) -> None:
    """Raises LineError where the item would get an identifier that another record has; OdooError."""
    name = spec.identifier.field.name
    if spec.named_by_odoo or name not in item.values:
        return
    others = [one for one in bearers(spec, [item.values[name]], client) if one["id"] != item.odoo_id]
    if others:
        what = "exists already, archived in Odoo" if is_archived(spec, others) else "exists already"
        raise duplicate(spec, str(external_id(spec, others[0])), what)


def check_not_on_its_way(endpoint: EndpointSpec, identifiers: Collection[Any]) -> None:
    """Raises NotPossible while a push creates one of them for an endpoint that keeps copies: it has looked for it in Odoo, found
    nobody, and what is created now would be a second one. To be asked before Odoo is."""
    spec = endpoint.mapping
    copies = registry.copies(endpoint.connection_id, spec.model)
    held = queued.being_named(copies, spec.identifier.field.name, list(identifiers)) if copies else {}
    for name, several in held.items():
        raise NotPossible(
            f"“{external_id(spec, {spec.identifier.field.name: name})}” is on its way to Odoo in this moment, by endpoint "
            f"“{several[0].endpoint}”: send it again."
        )


def several(spec: MappingSpec, ids: Sequence[int]) -> str:
    """Why it is not known which one is meant, to stand behind the identifier."""
    shown = ", ".join(map(str, ids[:5]))
    label = spec.identifier.field.label
    return (
        f"is the {label} of {len(ids)} records in Odoo (ids {shown}); give each its own, then send this again"
    )


def is_archived(spec: MappingSpec, found: Sequence[Values]) -> bool:
    """Is it one record alone, and archived?"""
    return len(found) == 1 and spec.is_archived(found[0])
