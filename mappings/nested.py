"""Reading what relations lead to: one call for each relation of a mapping and a page, however many records.

The story: from a page's rows, the ids that each relation holds; one `read` of them all; the same again for the
relations of those; and back up, each record's relations as JSON.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mappings.convert import Fragments, from_row, present_nested
from mappings.spec import LineSpec, MappingSpec
from synchub.odoo import OdooClient

READ_AT_ONCE = 5000
"""Ids in one call: far above what a page of ordinary records holds, below what Odoo's time limit allows."""

Row = Mapping[str, Any]


def fields_to_read(spec: MappingSpec) -> list[str]:
    return sorted({"id", "write_date", *spec.by_field})


Seen = Callable[[MappingSpec, list[Any]], None]
"""Told which identifiers (canonical values) the records of a nested mapping have."""


def fragments(
    spec: MappingSpec, rows: Sequence[Row], client: OdooClient, seen: Seen | None = None
) -> list[Fragments]:
    """For each row, its relations by key. Raises OdooError."""
    result: list[Fragments] = [{} for _ in rows]
    for line in spec.relations:
        if not line.from_odoo or line.nested is None:
            continue
        shown = _read(line.nested, _ids(line, rows), client, seen)
        for row, found in zip(rows, result, strict=True):
            ids = _held(line, row)
            if line.field.type.name == "many2one":
                found[line.key] = shown.get(ids[0]) if ids else None
            else:
                found[line.key] = [shown[one] for one in ids if one in shown]
    return result


def _read(spec: MappingSpec, ids: list[int], client: OdooClient, seen: Seen | None) -> dict[int, Any]:
    """By id, each record as it looks inside another one."""
    rows: list[Row] = []
    for start in range(0, len(ids), READ_AT_ONCE):
        # By id, so archived records are found as well: an order keeps its archived product.
        rows += client.read(spec.model, ids[start : start + READ_AT_ONCE], fields_to_read(spec))
    below = fragments(spec, rows, client, seen)
    values = [from_row(spec, row) for row in rows]
    if seen is not None:
        seen(spec, [one.get(spec.identifier.field.name) for one in values])
    return {one["id"]: present_nested(spec, one, inner) for one, inner in zip(values, below, strict=True)}


def _held(line: LineSpec, row: Row) -> list[int]:
    value = row.get(line.field.name)
    if isinstance(value, int) and value:  # False is an int as well
        return [value]
    # In Odoo's own order: lines of an order stand as they do there.
    return list(value) if isinstance(value, (list, tuple)) else []


def _ids(line: LineSpec, rows: Iterable[Row]) -> list[int]:
    return sorted({one for row in rows for one in _held(line, row)})
