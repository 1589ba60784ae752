"""The calls that carry resolved items to Odoo: made in one place, so that a preview shows what a push would send."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mappings import loading
from mappings.convert import to_wire
from mappings.external_ids import IMPORTING
from mappings.loading import NONE, ExternalIds
from mappings.relations import creates
from mappings.resolve import Item
from mappings.spec import MappingSpec


@dataclass(frozen=True)
class Call:
    """`model.method(*args)` with this context over the connection's own."""

    model: str
    method: str
    args: list[Any]
    context: dict[str, Any] = field(default_factory=dict)


Lines = tuple[tuple[str, tuple[str, ...]], ...]
"""By one2many field, the fields of its lines."""
Shape = tuple[str, tuple[str, ...], Lines]
"""How it is created, its fields, and the fields of its lines by one2many field."""


def shape(spec: MappingSpec, item: Item) -> Shape:
    """Items of one shape can be created together: as rows of one table, theirs and their lines', or else whole."""
    lines = _lines(spec, item)
    return ("whole", (), ()) if lines is None else ("rows", tuple(sorted(item.values)), lines)


def _lines(spec: MappingSpec, item: Item) -> Lines | None:
    """The fields of its lines; None where a table cannot say all of the item."""
    if item.commands.keys() - item.lines.keys() or not _is_exact(spec, item):
        return None
    found = _fitting(spec, item.lines)
    return found if len(found) == len(item.lines) else None


def _fitting(spec: MappingSpec, lines: Mapping[str, Sequence[Item]]) -> Lines:
    """Of those lines that a table can say. An empty cell would be a value, so that all have to have the same fields."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for name, items in sorted(lines.items()):
        nested = _nested(spec, name)
        fields = {tuple(sorted(one.values)) for one in items}
        if len(fields) == 1 and all(
            not one.commands and one.external_id and _is_exact(nested, one) for one in items
        ):
            found.append((name, fields.pop()))
    return tuple(found)


def _is_exact(spec: MappingSpec, item: Item) -> bool:
    return all(loading.is_exact(spec.by_field[name], value) for name, value in item.values.items())


def _nested(spec: MappingSpec, name: str) -> MappingSpec:
    line = spec.line_of(name)
    if line is None or line.nested is None:  # resolved, so it has one
        raise LookupError(name)
    return line.nested


def creation(
    spec: MappingSpec, items: Sequence[Item], context: dict[str, Any], named: ExternalIds = NONE
) -> Call:
    """Items of one shape, created under their external ids, with their lines under theirs.

    By `load`: sent twice, even before the first is done, it makes one record. What a table cannot say is sent to `create`, which
    takes the external ids along, so that after a lost answer one can look what was made.
    """
    way, fields, lines = shape(spec, items[0])
    if way == "whole":
        rows = [{**item.wire(spec), "id": item.external_id} for item in items]
        return Call(spec.model, "create", [rows], context | IMPORTING)
    heads = ["id", *loading.columns(spec, fields, named), *_line_heads(spec, lines)]
    table = [
        row
        for item in items
        for row in _rows(
            spec, [item.external_id, *loading.cells(spec, fields, item.values, named)], item.lines, lines
        )
    ]
    return Call(spec.model, "load", [heads, table], context | _read_in(spec, fields, lines))


def added_shape(spec: MappingSpec, item: Item) -> Lines:
    """What can be added to a record by rows of a table: see `additions`."""
    return _fitting(spec, item.added)


def parted(spec: MappingSpec, item: Item) -> tuple[Item, Item | None]:
    """A change, and apart from it the lines that are added by rows, if there are any."""
    fields = [name for name, _ in added_shape(spec, item)]
    return item.parted(fields) if fields else (item, None)


def additions(
    spec: MappingSpec, items: Sequence[Item], context: dict[str, Any], _named: ExternalIds = NONE
) -> Call:
    """New lines of records that Odoo has, of one shape. By `load`: sent twice, it makes each once."""
    lines = added_shape(spec, items[0])
    table = [row for item in items for row in _rows(spec, [str(item.odoo_id)], item.added, lines)]
    return Call(
        spec.model, "load", [[".id", *_line_heads(spec, lines)], table], context | _read_in(spec, (), lines)
    )


def _read_in(spec: MappingSpec, fields: Sequence[str], lines: Lines) -> dict[str, str]:
    inner = [_nested(spec, name).by_field[one] for name, several in lines for one in several]
    return loading.context([*(spec.by_field[name] for name in fields), *inner])


def _line_heads(spec: MappingSpec, lines: Lines) -> list[str]:
    return [
        f"{spec.by_field[name].odoo_name}/{head}"
        for name, inner in lines
        for head in ("id", *loading.columns(_nested(spec, name), inner))
    ]


def _rows(
    spec: MappingSpec,
    own: list[str | bool],
    items: Mapping[str, Sequence[Item]],
    lines: Lines,
) -> Iterator[list[str | bool]]:
    """The record's row with the first of its lines, and rows with nothing but more of them."""
    blocks = [
        (
            len(inner) + 1,
            [
                [one.external_id, *loading.cells(_nested(spec, name), inner, one.values)]
                for one in items[name]
            ],
        )
        for name, inner in lines
    ]
    for place in range(max([1, *(len(block) for _, block in blocks)])):
        row: list[str | bool] = list(own) if place == 0 else [False] * len(own)
        for width, block in blocks:
            row += block[place] if place < len(block) else [False] * width
        yield row


def has_rows(spec: MappingSpec, item: Item) -> bool:
    """Whether a change can be said as a row of a table, and says there what it says as values."""
    return not item.commands and _is_exact(spec, item)


def rows_changed(
    spec: MappingSpec, items: Sequence[Item], context: dict[str, Any], named: ExternalIds = NONE
) -> Call:
    """Items of one shape, each with values of its own, changed by one `load`. Archived ones it does not find."""
    fields = sorted(items[0].values)
    table = [[str(item.odoo_id), *loading.cells(spec, fields, item.values, named)] for item in items]
    return Call(
        spec.model,
        "load",
        [[".id", *loading.columns(spec, fields, named)], table],
        context | _read_in(spec, fields, ()),
    )


def translations(spec: MappingSpec, item: Item, context: dict[str, Any]) -> list[Call]:
    """What one item, and what is inside it, gets in other languages; id 0 stands for what is new."""
    calls = [
        Call(spec.model, "write", [[item.odoo_id or 0], to_wire(spec, values)], context | {"lang": language})
        for language, values in item.translations.items()
    ]
    return calls + [call for inner, child in item.children for call in translations(inner, child, context)]


def change(spec: MappingSpec, items: Sequence[Item], context: dict[str, Any]) -> Call:
    """Items that get the same values. What is created inside them takes its external id along, as in `creation`."""
    ids = [item.odoo_id for item in items]
    lists = [commands for commands in items[0].commands.values() if isinstance(commands, list)]
    importing = IMPORTING if any(creates(command) for commands in lists for command in commands) else {}
    return Call(spec.model, "write", [ids, items[0].wire(spec)], context | importing)
