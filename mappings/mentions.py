"""Which records of Odoo a write names by their identifiers, at all depths. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from mappings.relations import Structure, is_structure, refs_of
from mappings.spec import LineSpec, MappingSpec

Naming = tuple[str, str]
"""A way to name records: a model, and the field whose value names them."""


def references(
    spec: MappingSpec, values: Mapping[str, Any], place: str = ""
) -> Iterator[tuple[LineSpec, Any, str]]:
    """Every record that a write names by its identifier, at all depths: the relation's line, the identifier, and the place of
    the object that names it (`lines[2].`)."""
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
    """The ways in which its relations, at any depth, name records."""
    inside = [line.nested for line in spec.written_relations if line.nested is not None]
    return {_naming(one) for one in inside}.union(*map(named_by, inside))


def named_inside(spec: MappingSpec, values: Mapping[str, Any], of: MappingSpec) -> Iterator[Any]:
    """The identifiers by which a write names such records, also inside records that its relations may create."""
    for line in spec.written_relations:
        structure: Any = values.get(line.field.name)
        if line.nested is None or not is_structure(structure) or "$commands" in structure:
            continue
        for ref in refs_of(structure):
            if "$id" not in ref and _naming(line.nested) == _naming(of):
                yield ref["$ref"]
            yield from named_inside(line.nested, ref["$values"], of)


def _naming(spec: MappingSpec) -> Naming:
    return spec.model, spec.identifier.field.name


def may_create(spec: MappingSpec, of: MappingSpec) -> bool:
    """Whether a relation, at any depth, creates such records where none has the identifier."""
    return any(
        (line.on_missing == "create" and _naming(line.nested) == _naming(of)) or may_create(line.nested, of)
        for line in spec.written_relations
        if line.nested is not None
    )


def renamed(
    spec: MappingSpec, values: Mapping[str, Any], of: Naming, old: Any, new: Structure
) -> dict[str, Any]:
    """The write with a record named by `new` instead of `old`, an identifier that is another record's by now."""
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
