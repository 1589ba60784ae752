"""Which records of Odoo the relations inside lines lead to: as they are written, and as they were shown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mappings.lookups import find_ids, ids_of, to_look_up
from mappings.payload import says_the_same
from mappings.relations import Structure, counted, is_structure
from mappings.sides import LeadsTo, ids
from mappings.spec import LineSpec, MappingSpec
from synchub.odoo import OdooClient


def leading(
    spec: MappingSpec,
    families: Sequence[tuple[Sequence[Structure], Sequence[Structure]]],
    client: OdooClient,
) -> LeadsTo:
    """Of lines as they are written and as they were shown. A call for each relation of which they say something else. Raises OdooError."""
    found: dict[str, dict[Any, list[int]]] = {}
    for line in spec.written_relations:
        if line.nested is not None and line.field.type.name != "one2many":
            values = [value for family in families for value in _changed(line.field.name, *family)]
            refs = [ref for value in values for ref in _refs(value) or ()]
            found[line.field.name] = find_ids(line.nested, to_look_up(refs), client) if refs else {}
    return lambda name, value: _led(value, found.get(name, {}))


def led_by(line: LineSpec, value: Any, client: OdooClient) -> list[int] | None:
    """Which records of Odoo this one value of a relation means; None where that is not known. A call to Odoo, where it names any.
    Raises OdooError."""
    refs = _refs(value)
    if line.nested is None or not refs:
        return _led(value, {})
    return _led(value, find_ids(line.nested, to_look_up(refs), client))


def _led(value: Any, found: Mapping[Any, list[int]]) -> list[int] | None:
    if not is_structure(value):
        return ids(value)
    refs = _refs(value)
    each = None if refs is None else [ids_of(ref, found) for ref in refs]
    if each is None or any(len(one) != 1 for one in each):
        return None
    return sorted(one for [one] in each)


def _changed(name: str, children: Sequence[Structure], shown: Sequence[Structure]) -> Iterator[Any]:
    known = dict(counted(shown))
    for key, child in counted(children):
        was = known[key]["$values"] if key in known else {}
        if name in child["$values"] and name in was and not says_the_same(child["$values"][name], was[name]):
            yield from (child["$values"][name], was[name])


def _refs(value: Any) -> list[Structure] | None:
    """None for additions, removals and commands, which do not say what there is in the end."""
    if not is_structure(value):
        return []
    return [value] if "$ref" in value else value.get("$set")
