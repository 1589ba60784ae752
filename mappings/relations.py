"""Relations on their way to Odoo, as structures that wait to be resolved. Pure.

Which record of Odoo an external value names is known only when it was looked up; until then a relation is kept so:

    many2one     null, or   {"$ref": identifier, "$values": {field: value}}
    many2many    {"$set": [ref, …]}   or   {"$add": [ref, …], "$remove": [ref, …]}
    any x2many   {"$commands": [[0, 0, {…}], …]}, as a script gives them
    one2many     {"$children": [{"$ref": identifier or null, "$values": {field: value}}, …]}

`$ref` is the canonical value of the nested mapping's identifier, which was the field `$by` then; beside it stands `$id`, Odoo's,
where the record was called otherwise when it was named (see `renamed`). `$values` are canonical, and may hold
structures themselves. A structure is JSON, so that it can wait in the outbox. Before it is resolved, `called` gives
each child the external id (`$external_id`) that it has in Odoo if it is new there; values that a command creates have it as
`id`, where Odoo takes it from.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mappings.convert import present_nested
from mappings.external_ids import external_id
from mappings.spec import LineSpec, MappingSpec

Structure = dict[str, Any]
Naming = tuple[str, str]
"""Records of a model, named by a field of theirs."""
SEEN_LINES = "$"
_WHOLE_LIST = (5, 6)  # `clear` and `set`


def is_structure(value: Any) -> bool:
    return isinstance(value, dict) and any(key.startswith("$") for key in value)


def references(
    spec: MappingSpec, values: Mapping[str, Any], place: str = ""
) -> Iterator[tuple[LineSpec, Any, str]]:
    """Every record that a write names by its identifier, at all depths: the line that does, the identifier, and where the
    object stands that names it (`lines[2].`)."""
    for line in spec.written_relations:
        structure = values.get(line.field.name)
        if line.nested is None or not isinstance(structure, dict):
            continue
        several = [*structure.get("$set", []), *structure.get("$add", [])]
        for ref in [structure] if "$ref" in structure else several:
            if "$id" not in ref:
                yield line, ref["$ref"], place
        for index, child in enumerate(structure.get("$children", [])):
            yield from references(line.nested, child["$values"], f"{place}{line.key}[{index}].")


def named_by(spec: MappingSpec) -> set[Naming]:
    """How its relations, at any depth, name records."""
    inside = [line.nested for line in spec.written_relations if line.nested is not None]
    return {_naming(one) for one in inside}.union(*map(named_by, inside))


def named_inside(spec: MappingSpec, values: Mapping[str, Any], of: MappingSpec) -> Iterator[Any]:
    """The identifiers by which a write names such records, also within what its relations may create."""
    for line in spec.written_relations:
        structure: Any = values.get(line.field.name)
        if line.nested is None or not is_structure(structure) or "$commands" in structure:
            continue
        for ref in _refs(structure):
            if "$id" not in ref and _naming(line.nested) == _naming(of):
                yield ref["$ref"]
            yield from named_inside(line.nested, ref["$values"], of)


def _naming(spec: MappingSpec) -> Naming:
    return spec.model, spec.identifier.field.name


def may_create(spec: MappingSpec, of: MappingSpec) -> bool:
    """Is there a relation, at any depth, that creates such records where none has the identifier?"""
    return any(
        (line.on_missing == "create" and _naming(line.nested) == _naming(of)) or may_create(line.nested, of)
        for line in spec.written_relations
        if line.nested is not None
    )


def renamed(
    spec: MappingSpec, values: Mapping[str, Any], of: Naming, old: Any, new: Structure
) -> dict[str, Any]:
    """A write that names a record by an identifier (`old`) which is another record's by now: it names it as `new` does."""
    result = dict(values)
    for line in spec.written_relations:
        structure: Any = values.get(line.field.name)
        nested = line.nested
        if nested is None or not is_structure(structure) or "$commands" in structure:
            continue
        if "$children" in structure:
            result[line.field.name] = {
                "$children": [
                    {**child, "$values": renamed(nested, child["$values"], of, old, new)}
                    for child in structure["$children"]
                ]
            }
        elif _naming(nested) == of:
            result[line.field.name] = (
                _renamed(nested, structure, old, new)
                if "$ref" in structure
                else {
                    key: [_renamed(nested, ref, old, new) for ref in refs] for key, refs in structure.items()
                }
            )
    return result


def _renamed(spec: MappingSpec, ref: Structure, old: Any, new: Structure) -> Structure:
    if ref["$ref"] != old or ref.get("$id", new.get("$id")) != new.get("$id"):
        return ref
    name, values = spec.identifier.field.name, ref["$values"]
    return {**ref, **new, "$values": {**values, name: new["$ref"]} if name in values else values}


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without the relations that wait to be resolved."""
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
    """The name under which what a record showed of its lines stands beside what Odoo had of its fields."""
    return f"{SEEN_LINES}{name}"


def is_partial(value: Any) -> bool:
    """Additions and removals: they say nothing of the rest."""
    return is_structure(value) and "$add" in value


def _shown(line: LineSpec, structure: Any) -> Any:
    if line.nested is None or not is_structure(structure):
        return None  # nothing, or Odoo's own ids, which nobody outside knows
    if "$ref" in structure:
        return _shown_record(line.nested, structure)
    refs: list[Structure] = structure["$set"] if "$set" in structure else structure["$children"]
    return [_shown_record(line.nested, one) for one in refs]


def _shown_record(spec: MappingSpec, ref: Structure) -> Any:
    values = {**ref["$values"], spec.identifier.field.name: ref["$ref"]}
    return present_nested(spec, plain_values(values), fragments_of(spec, values))


def called(values: Mapping[str, Any], write: str) -> dict[str, Any]:
    """With the external ids of what this write may add inside its record: the same however often it is sent, and never
    those of another write, whose rows `load` would write over."""
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


def merged(earlier: Any, later: Any) -> Any:
    """Two writes of one field, neither of them sent yet, as one."""
    if at_odds(earlier, later):
        return later
    if is_structure(later) and "$commands" in later:
        return _after(earlier, later)
    if is_partial(later) and not earlier:
        return {"$set": later["$add"]}
    if not (is_structure(earlier) and is_structure(later)):
        return later
    if "$children" in later and "$children" in earlier:
        known = dict(counted(earlier["$children"]))
        return {
            "$children": [
                _merged_child(known[key], child) if key in known else child
                for key, child in counted(later["$children"])
            ]
        }
    if "$add" not in later:
        return later
    removed = {_key(ref) for ref in later["$remove"]}
    added = {_key(ref) for ref in later["$add"]}
    if "$set" in earlier:
        kept = [ref for ref in earlier["$set"] if _key(ref) not in removed | added]
        return {"$set": [*kept, *later["$add"]]}
    return {
        "$add": [*(ref for ref in earlier["$add"] if _key(ref) not in removed | added), *later["$add"]],
        "$remove": [
            *(ref for ref in earlier["$remove"] if _key(ref) not in removed | added),
            *later["$remove"],
        ],
    }


def at_odds(earlier: Any, later: Any) -> bool:
    """Does the later write go on from an earlier one that has another form? Their line was changed in between, or an undo has put
    ids back. Only Odoo could tell what comes of both."""
    if not is_structure(later) or not earlier:
        return False
    if "$commands" in later:
        whole = later["$commands"][0][0] in _WHOLE_LIST
        return not whole and is_structure(earlier) and "$commands" not in earlier
    return "$add" in later and not (is_structure(earlier) and ("$set" in earlier or "$add" in earlier))


def says_less(later: Any, earlier: Any) -> bool:
    """Of lines that both name: was something said of them earlier, and not again? Lines without an identifier are new ones each
    time, so that a list with such stands for itself."""
    if not all(is_structure(one) and "$children" in one for one in (earlier, later)):
        return False
    named = all(child["$ref"] is not None for child in later["$children"])
    return named and bool(merged(earlier, later) != later)


def _after(earlier: Any, later: Structure) -> Structure:
    """A script's commands go on from what the one before has made, unless they begin with a list of their own."""
    if later["$commands"][0][0] in _WHOLE_LIST:
        return later
    before = earlier["$commands"] if is_structure(earlier) else [[6, 0, earlier or []]]
    return {"$commands": [*before, *later["$commands"]]}


def _merged_child(earlier: Structure, later: Structure) -> Structure:
    """It keeps its first name: an earlier attempt may have made it."""
    if later["$ref"] is not None:
        return {**later, **earlier, "$values": merge_values(earlier["$values"], later["$values"])}
    # Without an identifier it is another one, in the other's place.
    return {**earlier, "$values": later["$values"]}


def merge_values(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """Several writes of one record as one: later values over earlier ones, structures combined."""
    result = dict(earlier)
    for name, value in later.items():
        result[name] = merged(result[name], value) if name in result else value
    return result


def counted(children: Sequence[Structure]) -> list[tuple[tuple[str, int], Structure]]:
    """Each child with its identifier and how many before it have the same: two lines of an order may."""
    seen: Counter[str] = Counter()
    result = []
    for child in children:
        key = _key(child)
        result.append(((key, seen[key]), child))
        seen[key] += 1
    return result


def _key(ref: Structure) -> str:
    return repr(ref["$ref"])


def lost_fields(spec: MappingSpec, values: Mapping[str, Any]) -> list[str]:
    """Fields that were written when the mapping still had them, or Odoo did, or when a line still looked into their records, or
    named these by another field; inside relations as a path."""
    lost: dict[str, None] = {}
    inside = {line.field.name: line.nested for line in spec.written_relations}
    for name, value in values.items():
        nested = inside.get(name)
        named = is_structure(value) and "$commands" not in value
        if name not in spec.by_field or (named and nested is None):
            lost[name] = None
        elif named and nested is not None:
            for one in _refs(value):
                if (by := one.get("$by")) not in (None, nested.identifier.field.name):
                    lost[f"{name}.{by}"] = None
                lost |= {f"{name}.{field}": None for field in lost_fields(nested, one["$values"])}
    return list(lost)


def _refs(structure: Structure) -> list[Structure]:
    if "$ref" in structure:
        return [structure]
    return [ref for refs in structure.values() for ref in refs]
