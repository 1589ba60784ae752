"""The calls that send resolved items to Odoo. They are made here only, so that a preview shows what a push would send."""

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
    """`model.method(*args)`; `context` is added to the connection's own."""

    model: str
    method: str
    args: list[Any]
    context: dict[str, Any] = field(default_factory=dict)


Lines = tuple[tuple[str, tuple[str, ...]], ...]
"""By one2many field, the fields of its lines."""
Shape = tuple[str, tuple[str, ...], Lines]
"""How an item is created, its fields, and the fields of its lines by one2many field."""


def shape(spec: MappingSpec, item: Item) -> Shape:
    """Items of one shape can be created together: as rows of one table where a table can say them, otherwise as values."""
    lines = _lines(spec, item)
    return ("whole", (), ()) if lines is None else ("rows", tuple(sorted(item.values)), lines)


def _lines(spec: MappingSpec, item: Item) -> Lines | None:
    """The fields of the item's lines; None where a table cannot say all of it."""
    if item.commands.keys() - item.lines.keys() or not _is_exact(spec, item):
        return None
    found = _fitting(spec, item.lines)
    return found if len(found) == len(item.lines) else None


def _fitting(spec: MappingSpec, lines: Mapping[str, Sequence[Item]]) -> Lines:
    """The fields of lines that a table can say. All need the same ones, since an empty cell would be a value."""
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
    """Creates items of one shape under their external ids, and their lines under theirs.

    `load` makes each record once, even if it is called again before the first call is done. What a table cannot say goes to
    `create`, with the external ids, so that after a lost answer it can be found out what was created.
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
    """The new lines of a record that rows of a table can add: see `additions`."""
    return _fitting(spec, item.added)


def parted(spec: MappingSpec, item: Item) -> tuple[Item, Item | None]:
    """A change, and separately the lines that are added by rows, if there are any."""
    fields = [name for name, _ in added_shape(spec, item)]
    return item.parted(fields) if fields else (item, None)


def additions(
    spec: MappingSpec, items: Sequence[Item], context: dict[str, Any], _named: ExternalIds = NONE
) -> Call:
    """Adds new lines of one shape to records that Odoo has. `load` makes each of them once, however often it is called."""
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
    """The record's row with its first line, then rows with one further line each."""
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
    """Whether a row of a table says the same as the change's values."""
    return not item.commands and _is_exact(spec, item)


def rows_changed(
    spec: MappingSpec, items: Sequence[Item], context: dict[str, Any], named: ExternalIds = NONE
) -> Call:
    """Changes items of one shape, each with values of its own, by one `load`, which does not find archived records."""
    fields = sorted(items[0].values)
    table = [[str(item.odoo_id), *loading.cells(spec, fields, item.values, named)] for item in items]
    return Call(
        spec.model,
        "load",
        [[".id", *loading.columns(spec, fields, named)], table],
        context | _read_in(spec, fields, ()),
    )


def translations(spec: MappingSpec, item: Item, context: dict[str, Any]) -> list[Call]:
    """The translations of one item and of what is inside it. A new record has id 0 here."""
    calls = [
        Call(spec.model, "write", [[item.odoo_id or 0], to_wire(spec, values)], context | {"lang": language})
        for language, values in item.translations.items()
    ]
    return calls + [call for inner, child in item.children for call in translations(inner, child, context)]


def change(spec: MappingSpec, items: Sequence[Item], context: dict[str, Any]) -> Call:
    """Changes items that get the same values. What is created inside them has external ids, as in `creation`."""
    ids = [item.odoo_id for item in items]
    lists = [commands for commands in items[0].commands.values() if isinstance(commands, list)]
    importing = IMPORTING if any(creates(command) for commands in lists for command in commands) else {}
    return Call(spec.model, "write", [ids, items[0].wire(spec)], context | importing)
