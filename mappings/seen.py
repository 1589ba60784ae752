"""Lines of a record (one2many) as their consumer saw them. Odoo's are compared with these (see `sides`). Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from mappings.convert import Values
from mappings.line_error import LineError
from mappings.payload import parse_value, says_the_same
from mappings.relations import Structure, counted, is_structure, seen_lines
from mappings.spec import MappingSpec


def shown_lines(spec: MappingSpec, written: Mapping[str, Any], shown: Mapping[str, Any]) -> Values:
    """The lines that a record shows in the relations of a write, to be stored beside the values that Odoo had."""
    result: Values = {}
    for line in spec.written_relations:
        structure: Any = written.get(line.field.name)
        if not line.from_odoo or not is_structure(structure) or "$children" not in structure:
            continue
        try:
            there = parse_value(line, shown.get(line.key), line.key)
        except LineError:
            continue  # some lines shown cannot be named from outside
        if there and there["$children"]:
            result[seen_lines(line.field.name)] = there["$children"]
    return result


def known_by_now(
    children: Sequence[Structure], shown: Sequence[Structure], there: Sequence[Structure]
) -> list[Structure]:
    """The lines as the consumer saw them, with Odoo's present values in the fields that the write changes."""
    written, now = dict(counted(children)), dict(counted(there))
    result = []
    for key, one in counted(shown):
        said = written[key]["$values"] if key in written else {}
        values = {
            name: now[key]["$values"].get(name, value)
            if key in now and name in said and not says_the_same(said[name], value)
            else value
            for name, value in one["$values"].items()
        }
        result.append({**one, "$values": values})
    return result


def as_created(spec: MappingSpec, values: Mapping[str, Any]) -> Values:
    """The values that Odoo was given for a new record, to be compared with what it has later. Without values that Odoo names
    itself or keeps in another form (pictures, a password), and without translations, which it may not have yet."""
    made: Values = {}
    for name, value in values.items():
        line = spec.line_of(name)
        if line is None or line.identifier or not _is_kept(spec, name):
            continue
        if not is_structure(value):
            made[name] = value
        elif "$children" in value and line.nested is not None:
            nested = line.nested
            made[seen_lines(name)] = [
                {
                    **child,
                    "$values": {key: one for key, one in child["$values"].items() if _is_kept(nested, key)},
                }
                for child in value["$children"]
                if child["$ref"] is not None
            ]
    return made


def _is_kept(spec: MappingSpec, name: str) -> bool:
    field = spec.by_field.get(name)
    return (
        field is not None
        and field.stored
        and not field.language
        and field.type.name not in ("binary", "image")
    )
