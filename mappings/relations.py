"""Relations on their way to Odoo, as structures that wait to be resolved. Pure.

Which record of Odoo an external value names is known only after a look-up. Until then relations have these forms:

    many2one     null, or   {"$ref": identifier, "$values": {field: value}}
    many2many    {"$set": [ref, …]}   or   {"$add": [ref, …], "$remove": [ref, …]}
    any x2many   {"$commands": [[0, 0, {…}], …]}, as a script gives them
    one2many     {"$children": [{"$ref": identifier or null, "$values": {field: value}}, …]}

`$ref` is the canonical value of the nested mapping's identifier, and `$by` the field that was the identifier then. `$id` is
Odoo's id, where the record has been renamed since it was named (see `mentions.renamed`). `$values` are canonical and may
hold structures. A structure is JSON, so that it can wait in the outbox. Before it is resolved, `called` gives each child
the external id (`$external_id`) that Odoo knows it by if it is new there. In the values of a command that creates, it is
called `id`, as Odoo expects it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mappings.convert import present_nested
from mappings.external_ids import external_id
from mappings.spec import LineSpec, MappingSpec

Structure = dict[str, Any]
SEEN_LINES = "$"
"""The prefix of `seen_lines`."""


def is_structure(value: Any) -> bool:
    return isinstance(value, dict) and any(key.startswith("$") for key in value)


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without relations that wait to be resolved."""
    return {name: value for name, value in values.items() if not is_structure(value)}


def fragments_of(spec: MappingSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """How relations just written are shown until Odoo has answered: in the shape of the nested mapping, with null for
    what was not sent (see `filled`). Additions and removals are not shown before."""
    return {
        line.key: _shown(line, values[line.field.name])
        for line in spec.written_relations
        if line.field.name in values and line.from_odoo and not is_partial(values[line.field.name])
    }


def seen_lines(name: str) -> str:
    """The key for the lines that a record showed, in a dict of the values that Odoo had."""
    return f"{SEEN_LINES}{name}"


def is_partial(value: Any) -> bool:
    """Whether it only adds and removes, and says nothing about the rest."""
    return is_structure(value) and "$add" in value


def is_said_whole(value: Any) -> bool:
    """Whether it says by itself what the field is to be: not lines, which are merged one by one, nor what only adds and removes."""
    return not is_structure(value) or "$ref" in value or "$set" in value


def _shown(line: LineSpec, structure: Any) -> Any:
    if line.nested is None or not is_structure(structure):
        return None  # nothing, or Odoo's own ids, which are unknown outside
    if "$ref" in structure:
        return _shown_record(line.nested, structure)
    refs: list[Structure] = structure["$set"] if "$set" in structure else structure["$children"]
    return [_shown_record(line.nested, one) for one in refs]


def _shown_record(spec: MappingSpec, ref: Structure) -> Any:
    values = {**ref["$values"], spec.identifier.field.name: ref["$ref"]}
    return present_nested(spec, plain_values(values), fragments_of(spec, values))


def called(values: Mapping[str, Any], write: str) -> dict[str, Any]:
    """Adds the external ids of what this write may create inside its record. They are the same each time it is sent, and never
    those of another write, whose rows `load` would overwrite."""
    return {
        name: _called(value, write, name) if is_structure(value) else value for name, value in values.items()
    }


def _called(structure: Structure, *owner: str) -> Structure:
    if "$commands" in structure:
        return {
            "$commands": [
                [*command[:2], command[2] | {"id": external_id(*owner, place)}]
                if creates(command)
                else command
                for place, command in enumerate(structure["$commands"])
            ]
        }
    if "$children" not in structure:
        return structure
    children = []
    for (key, turn), child in counted(structure["$children"]):
        name = external_id(*owner, key, turn)
        children.append({**child, "$values": called(child["$values"], name), "$external_id": name})
    return {"$children": children}


def names_of_children(values: Mapping[str, Any]) -> Iterator[str]:
    """The external ids that `called` gave to the record's lines."""
    for value in values.values():
        if is_structure(value):
            yield from (child["$external_id"] for child in value.get("$children", ()))


def creates(command: Sequence[Any]) -> bool:
    return command[0] == 0 and isinstance(command[2], dict)


def counted(children: Sequence[Structure]) -> list[tuple[tuple[str, int], Structure]]:
    """Each child by its identifier and how many before it have the same one, as two lines of an order may."""
    seen: Counter[str] = Counter()
    result = []
    for child in children:
        key = key_of(child)
        result.append(((key, seen[key]), child))
        seen[key] += 1
    return result


def key_of(ref: Structure) -> str:
    return repr(ref["$ref"])


def lost_fields(spec: MappingSpec, values: Mapping[str, Any]) -> list[str]:
    """Fields of a write that the mapping no longer has in this form: the field is gone, or the relation no longer looks into its
    records, or names them by another field. Inside relations, as a path."""
    lost: dict[str, None] = {}
    inside = {line.field.name: line.nested for line in spec.written_relations}
    for name, value in values.items():
        nested = inside.get(name)
        named = is_structure(value) and "$commands" not in value
        if name not in spec.by_field or (named and nested is None):
            lost[name] = None
        elif named and nested is not None:
            for one in refs_of(value):
                if (by := one.get("$by")) not in (None, nested.identifier.field.name):
                    lost[f"{name}.{by}"] = None
                lost |= {f"{name}.{field}": None for field in lost_fields(nested, one["$values"])}
    return list(lost)


def refs_of(structure: Structure) -> list[Structure]:
    if "$ref" in structure:
        return [structure]
    return [ref for refs in structure.values() for ref in refs]
