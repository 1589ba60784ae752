"""Looks up records of Odoo by their identifiers, all in one call."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from mappings.spec import MappingSpec
from synchub.odoo import OdooClient


def ids_of(ref: Mapping[str, Any], found: Mapping[Any, list[int]]) -> list[int]:
    """The found records that a relation's `ref` names."""
    return [ref["$id"]] if "$id" in ref else found.get(ref["$ref"], [])


def to_look_up(refs: Iterable[Mapping[str, Any]]) -> set[Any]:
    """The identifiers that have to be looked up."""
    return {ref["$ref"] for ref in refs if "$id" not in ref}


def find_ids(spec: MappingSpec, values: Collection[Any], client: OdooClient) -> dict[Any, list[int]]:
    """Ids by identifier (canonical value), without identifiers that no record has. Raises OdooError.

    Archived records count only where no active one has the identifier.
    """
    field = spec.identifier.field
    if spec.named_by_odoo:
        return {value: [value] for value in values}
    if not values:
        return {}
    rows = client.search_read(
        spec.model,
        [(field.name, "in", sorted(values, key=str))],
        [field.name, *spec.archive_read],
        order="id",
        context={"active_test": False},
    )
    active: dict[Any, list[int]] = {}
    archived: dict[Any, list[int]] = {}
    for row in rows:
        kept = archived if spec.is_archived(row) else active
        kept.setdefault(field.type.from_wire(row[field.name]), []).append(row["id"])
    return archived | active
