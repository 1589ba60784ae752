"""Lines of a record (one2many) that have got another identifier in Odoo since the consumer saw them. Pure.

They are still the lines that are meant, and not one that was removed and one that is new.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from mappings.convert import Values
from mappings.relations import Structure, is_structure
from mappings.spec import MappingSpec


def renumbered(
    spec: MappingSpec,
    sent: Sequence[Structure],
    shown: Sequence[Structure],
    seen: Collection[int],
    rows: Sequence[Values],
) -> dict[Any, Any]:
    """By the identifier that the consumer saw, the one that Odoo has by now. `seen`: ids of the lines that were there then.

    If no line was removed and one has another identifier, it is that one. Otherwise a line is recognised by its other
    values, if no other line has the same. A line whose new identifier is also among those `sent` is taken for that one, or
    two would be written under one name.
    """
    name = spec.identifier.field.name
    if spec.named_by_odoo or not shown:
        return {}
    there = Counter(row.get(name) for row in rows if not spec.is_archived(row))
    called = Counter(one["$ref"] for one in shown)
    missing = [one for one in shown if one["$ref"] not in (None, *there) and called[one["$ref"]] == 1]
    taken = {None, *called, *(one["$ref"] for one in sent)}
    left = [
        row
        for row in rows
        if row["id"] in seen
        and not spec.is_archived(row)
        and row.get(name) not in taken
        and there[row.get(name)] == 1
    ]
    if len(missing) == len(left) == 1 and set(seen) <= {row["id"] for row in rows}:
        return {missing[0]["$ref"]: left[0][name]}
    pairs = [(one["$ref"], row) for one in missing for row in left if _alike(spec, one["$values"], row)]
    refs, ids = Counter(ref for ref, _ in pairs), Counter(row["id"] for _, row in pairs)
    return {ref: row[name] for ref, row in pairs if refs[ref] == ids[row["id"]] == 1}


def called_as_now(spec: MappingSpec, lines: Sequence[Structure], names: Mapping[Any, Any]) -> list[Structure]:
    """The lines with the identifiers that they have in Odoo."""
    field = spec.identifier.field.name
    result = []
    for one in lines:
        if one["$ref"] in names:
            now = names[one["$ref"]]
            values = one["$values"]
            one = {**one, "$ref": now, "$values": {**values, field: now} if field in values else values}
        result.append(one)
    return result


def _alike(spec: MappingSpec, was: Values, row: Values) -> bool:
    """Values other than relations, which hold names that would have to be looked up."""
    names = [
        name
        for name, value in was.items()
        if name != spec.identifier.field.name
        and name in row
        and name in spec.by_field
        and not is_structure(value)
        and not is_structure(row[name])
        and (line := spec.line_of(name)) is not None
        and line.nested is None
    ]
    return bool(names) and all(
        was[name] == row[name] or spec.shows_the_same(name, was[name], row[name]) for name in names
    )
