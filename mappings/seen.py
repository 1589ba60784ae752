"""Lines of a record (one2many) as the consumer saw them who writes them: what Odoo's are compared with (see `sides`). Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from mappings.convert import Values
from mappings.line_error import LineError
from mappings.payload import parse_value, says_the_same
from mappings.relations import Structure, counted, is_structure, seen_lines
from mappings.spec import MappingSpec


def shown_lines(spec: MappingSpec, written: Mapping[str, Any], shown: Mapping[str, Any]) -> Values:
    """What a record shows of the lines that a write is about, to be kept beside what Odoo had of its fields."""
    result: Values = {}
    for line in spec.written_relations:
        structure: Any = written.get(line.field.name)
        if not line.from_odoo or not is_structure(structure) or "$children" not in structure:
            continue
        try:
            there = parse_value(line, shown.get(line.key), line.key)
        except LineError:
            continue  # what is shown has lines that nobody outside could name
        if there and there["$children"]:
            result[seen_lines(line.field.name)] = there["$children"]
    return result


def known_by_now(
    children: Sequence[Structure], shown: Sequence[Structure], there: Sequence[Structure]
) -> list[Structure]:
    """The lines as the consumer saw them, but for what he writes of them, of which it is what Odoo has by now."""
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
