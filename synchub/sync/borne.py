"""New lines of a record under an identifier that Odoo has elsewhere: made, they would be second records of that name."""

from collections.abc import Iterator, Sequence
from typing import Any

from endpoints import leaving, queued, registry
from endpoints.models import Record
from endpoints.registry import EndpointSpec
from mappings.line_error import LineError
from mappings.resolve import Item
from mappings.spec import LineSpec, MappingSpec
from synchub.odoo import OdooClient

_New = tuple[Item, LineSpec, Item, str]
"""The record that goes to Odoo, the line of the mapping, the new child, and its place: `contacts[2].`"""


def refuse_borne(endpoint: EndpointSpec, client: OdooClient, items: Sequence[Item]) -> None:
    """Where such records have an endpoint of their own, into which they are posted: only there does the identifier name one record,
    and not one of each order. A call for each such model; what is at fault gets a `problem`. Raises OdooError.

    Not where that one is about to be deleted, called otherwise, or taken out of the record that it is a line of.
    """
    named = {
        (one.mapping.model, one.mapping.identifier.field.name)
        for one in registry.mirrors_of_database(endpoint.connection_id)
        if "POST" in one.methods and not one.mapping.named_by_odoo
    }
    new: dict[int, list[_New]] = {}
    specs: dict[int, tuple[str, MappingSpec]] = {}
    for item in items:
        for model, line, child, place in _new_lines(endpoint.mapping, item, ""):
            spec = line.nested
            if spec is not None and (spec.model, spec.identifier.field.name) in named:
                specs[id(line)] = model, spec
                new.setdefault(id(line), []).append((item, line, child, place))
    for which, several in new.items():
        _refuse(endpoint, client, *specs[which], several)


def _new_lines(spec: MappingSpec, item: Item, place: str) -> Iterator[tuple[str, LineSpec, Item, str]]:
    """At all depths."""
    for name, children in {**item.lines, **item.added}.items():
        line = spec.line_of(name)
        if line is None or line.nested is None:
            continue
        sent = [one["$ref"] for one in item.written[name]["$children"]]
        for child in children:
            called = child.written.get(line.nested.identifier.field.name)
            if called is None:
                continue
            there = f"{place}{line.key}[{sent.index(called) if called in sent else 0}]."
            yield spec.model, line, child, there
            yield from _new_lines(line.nested, child, there)


def _refuse(
    endpoint: EndpointSpec, client: OdooClient, model: str, spec: MappingSpec, new: Sequence[_New]
) -> None:
    """`model` is that of the records whose lines these are."""
    field, line = spec.identifier.field, new[0][1]
    names = sorted({child.written[field.name] for _, _, child, _ in new}, key=str)
    leads_back = spec.facts.get(line.inverse, {}).get("type") == "many2one"
    fields = [field.name, *([line.inverse] if leads_back else [])]
    rows = client.search_read(spec.model, [(field.name, "in", names)], fields, order="id")
    if not rows:
        return
    going = leaving.elsewhere(
        registry.copies(endpoint.connection_id, spec.model), [row["id"] for row in rows], field.name
    )
    owners = {row[line.inverse] for row in rows if row[line.inverse]} if leads_back else set()
    changing = _changing(registry.copies(endpoint.connection_id, model), owners, line.field.name)
    stays: dict[Any, dict[str, Any]] = {}
    for row in rows:
        owner = row[line.inverse] if leads_back else None
        if row["id"] not in going and owner not in changing:
            stays.setdefault(field.type.from_wire(row[field.name]), row)
    for item, _, child, place in new:
        found = stays.get(child.written[field.name])
        if found is None or item.problem is not None:
            continue
        if leads_back and item.odoo_id is not None and found[line.inverse] == item.odoo_id:
            continue
        key = spec.identifier.key
        text = (
            f"“{key}”: Odoo has another record with {field.label} “{child.written[field.name]}” (id {found['id']}), which is none of "
            "these lines; a new one would be the second of that name. Bring that one here by its own endpoint, or in Odoo, or give "
            "the line another identifier."
        )
        item.problem = LineError(text, code="DUPLICATE", key=key, line=spec.identifier).inside(place)


def _changing(endpoint_ids: Sequence[int], odoo_ids: set[int], field: str) -> set[int]:
    """Those of these records whose lines are about to be written: what they have there now they may lose."""
    if not odoo_ids:
        return set()
    there = dict(
        Record.objects.filter(endpoint_id__in=endpoint_ids, odoo_id__any_of=sorted(odoo_ids)).values_list(
            "pk", "odoo_id"
        )
    )
    written = queued.open_writes(list(there))
    return {there[pk] or 0 for pk, one in written.items() if field in one.values}
