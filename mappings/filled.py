"""What a relation shows between its write and Odoo's answer. Pure.

Of a record that was shown before, what was not sent stays as it was shown, except what Odoo works out from what was sent.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from mappings.convert import Fragments, Values
from mappings.paths import at, put
from mappings.relations import Structure, is_structure
from mappings.spec import FieldSpec, LineSpec, MappingSpec


def filled(
    spec: MappingSpec, values: Values, fragments: Fragments, shown: Mapping[str, Any]
) -> dict[str, Any]:
    """`fragments`: what was written, with null for what was not sent. `shown`: the record's fragments before."""
    return {
        key: _relation(line, values.get(line.field.name), fragment, shown.get(key))
        if (line := spec.by_key[key]).nested is not None
        else fragment
        for key, fragment in fragments.items()
    }


def _relation(line: LineSpec, structure: Any, new: Any, shown: Any) -> Any:
    spec = line.nested
    if spec is None or not is_structure(structure) or not new or not shown:
        return new
    if "$ref" in structure:
        return shown if _name(spec, new) == _name(spec, shown) else new
    there = dict(_counted(spec, shown))
    if "$set" in structure:  # naming a record does not change it
        return [there.get(key, one) for key, one in _counted(spec, new)]
    children = structure.get("$children", ())
    if len(children) != len(new):
        return new
    return [
        _child(spec, child, one, there.get(key))
        for (key, one), child in zip(_counted(spec, new), children, strict=True)
    ]


def _child(spec: MappingSpec, child: Structure, new: Any, shown: Any) -> Any:
    if child["$ref"] is None or not isinstance(new, dict) or not isinstance(shown, dict):
        return new
    result: dict[str, Any] = {}
    changed = _changed(spec, child, new, shown)
    for line in spec.outgoing:
        value, was = at(new, line.path), at(shown, line.path)
        if _is_sent(line, child):
            value = _relation(line, child["$values"].get(line.field.name), value, was)
        elif line.script is None and not _is_out_of_date(line.field, changed):
            value = was
        put(result, line.path, value)
    return result


def _is_sent(line: LineSpec, child: Structure) -> bool:
    return line.identifier or (line.field.name in child["$values"] and line.script is None)


def _changed(spec: MappingSpec, child: Structure, new: Any, shown: Any) -> set[str]:
    """Odoo's names of fields whose value has changed, or may have: what Odoo works out from them is unknown, and what from that."""
    changed = {
        line.field.odoo_name
        for line in spec.outgoing
        if _is_sent(line, child) and at(new, line.path) != at(shown, line.path)
    }
    rest = [line.field for line in spec.outgoing if line.script is None and not _is_sent(line, child)]
    while more := {one.odoo_name for one in rest if _is_out_of_date(one, changed)} - changed:
        changed |= more
    return changed


def _is_out_of_date(field: FieldSpec, changed: set[str]) -> bool:
    """Whether these changes may change the field. Where Odoo does not say what it works a field out from, any of them may."""
    return bool(changed and field.readonly) if not field.sources else not field.sources.isdisjoint(changed)


def _name(spec: MappingSpec, one: Any) -> Any:
    return at(one, spec.identifier.path) if isinstance(one, dict) else one


def _counted(spec: MappingSpec, items: Sequence[Any]) -> list[tuple[tuple[str, int], Any]]:
    """Each item by its name and how many before it have the same one, so that equal names pair up in order."""
    seen: Counter[str] = Counter()
    result = []
    for one in items:
        name = repr(_name(spec, one))
        result.append(((name, seen[name]), one))
        seen[name] += 1
    return result
