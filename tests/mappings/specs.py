"""Specs without a database: `spec("res.partner", {"name": ("name", char("Name"))})`."""

from typing import Any

from mappings.compile import build
from mappings.models import Kind, Line, Mapping
from mappings.spec import MappingSpec

Facts = dict[str, Any]


def field(type_: str, label: str, **facts: Any) -> Facts:
    return {"type": type_, "string": label, "store": True, **facts}


def spec(
    model: str, lines: dict[str, tuple[str, Facts] | tuple[str, Facts, MappingSpec]], **options: Any
) -> MappingSpec:
    """`lines` is {key: (field, its facts[, the mapping inside])}; the first one is the identifier.

    `options` is {field: {column of Line: value}}.
    """
    rows: list[Line] = []
    nested: dict[int, MappingSpec] = {}
    fields: dict[str, Facts] = {}
    base = 100 * (sum(map(ord, model)) % 90 + 1)  # ids that differ between mappings
    for place, (key, (name, facts, *inner)) in enumerate(lines.items()):
        row = Line(
            pk=base + place,
            key=key,
            field=name,
            position=place,
            identifier=place == 0,
            **options.get(name, {}),
        )
        if inner:
            row.kind = Kind.RELATION
            row.nested = Mapping(name=inner[0].name, model=inner[0].model)
            nested[row.pk] = inner[0]
        rows.append(row)
        fields[name] = facts
    return build(model, model, rows, fields, (), nested)
