"""The calls that carry resolved items to Odoo: made in one place, so that a preview shows what a push would send."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mappings import loading
from mappings.convert import to_wire
from mappings.external_ids import IMPORTING
from mappings.resolve import Item
from mappings.spec import MappingSpec


@dataclass(frozen=True)
class Call:
    """`model.method(*args)` with this context over the connection's own."""

    model: str
    method: str
    args: list[Any]
    context: dict[str, Any] = field(default_factory=dict)


def shape(spec: MappingSpec, item: Item) -> tuple[bool, tuple[str, ...]]:
    """Items of one shape can be created together: whole with their children, or as rows of one table."""
    whole = not has_rows(spec, item)
    return whole, () if whole else tuple(sorted(item.values))


def creation(spec: MappingSpec, items: Sequence[Item], context: dict[str, Any]) -> Call:
    """Items of one shape, created under their external ids.

    Flat ones by `load`: sent twice, it makes one record. Ones with children by `create`, in one transaction, which
    takes the external ids along, so that after a lost answer one can look what was made.
    """
    if not has_rows(spec, items[0]):
        rows = [{**item.wire(spec), "id": item.external_id} for item in items]
        return Call(spec.model, "create", [rows], context | IMPORTING)
    fields = sorted(items[0].values)
    table = [[item.external_id, *loading.cells(spec, fields, item.values)] for item in items]
    return Call(
        spec.model, "load", [["id", *loading.columns(spec, fields)], table], context | loading.UTC_CONTEXT
    )


def has_rows(spec: MappingSpec, item: Item) -> bool:
    """Whether a change can be said as a row of a table, and says there what it says as values."""
    return not item.commands and all(
        loading.is_exact(spec.by_field[name], value) for name, value in item.values.items()
    )


def rows_changed(spec: MappingSpec, items: Sequence[Item], context: dict[str, Any]) -> Call:
    """Items of one shape, each with values of its own, changed by one `load`. Archived ones it does not find."""
    fields = sorted(items[0].values)
    table = [[str(item.odoo_id), *loading.cells(spec, fields, item.values)] for item in items]
    return Call(
        spec.model, "load", [[".id", *loading.columns(spec, fields)], table], context | loading.UTC_CONTEXT
    )


def translations(spec: MappingSpec, item: Item, context: dict[str, Any]) -> list[Call]:
    """What one item, and what is inside it, gets in other languages; id 0 stands for what is new."""
    calls = [
        Call(spec.model, "write", [[item.odoo_id or 0], to_wire(spec, values)], context | {"lang": language})
        for language, values in item.translations.items()
    ]
    return calls + [call for inner, child in item.children for call in translations(inner, child, context)]


def change(spec: MappingSpec, items: Sequence[Item], context: dict[str, Any]) -> Call:
    """Items that get the same values."""
    ids = [item.odoo_id for item in items]
    return Call(spec.model, "write", [ids, items[0].wire(spec)], context)
