"""The rows of an import put together to records: a tree of values each, by the paths of the columns."""

from collections.abc import Iterator, Sequence
from typing import Any

from demo.odoo.models import MODELS, Model

Path = list[str]
# Values by field; those of a relation by how it is named: None its name, `id`, `.id`, or a field of its lines.
Tree = dict[str | None, Any]


def check_path(model: Model, path: Path) -> None:
    for name in path:
        if name in ("id", ".id"):
            return
        if name not in model.fields:
            raise ValueError(f"Invalid field name '{name}'")
        if model.fields[name].relation:
            model = MODELS[model.fields[name].relation]


def records(
    model: Model, paths: Sequence[Path], data: Sequence[Sequence[Any]]
) -> Iterator[tuple[Tree, int, int]]:
    """Rows put together: a row with nothing but one2many values belongs to the record above it."""

    def is_line(path: Path) -> bool:
        return path[0] in model.fields and model.fields[path[0]].type == "one2many"

    own = [number for number, path in enumerate(paths) if not is_line(path)]
    start = 0
    while start < len(data):
        end = start + 1
        while end < len(data) and _continues(own, data[end]):
            end += 1
        record: Tree = {}
        for number in own:
            _put(record, model, paths[number], data[start][number])
        for name in dict.fromkeys(path[0] for path in paths if is_line(path)):
            columns = [number for number, path in enumerate(paths) if path[0] == name]
            rows = [[row[number] for number in columns] for row in data[start:end]]
            rows = [row for row in rows if any(row)]
            inner = [paths[number][1:] for number in columns]
            if not rows:
                continue
            if inner == [[]]:
                record[name] = [{None: rows[0][0]}]
            else:
                target = MODELS[model.fields[name].relation]
                record[name] = [tree for tree, _start, _end in records(target, inner, rows)]
        yield record, start, end - 1
        start = end


def _continues(own: Sequence[int], row: Sequence[Any]) -> bool:
    return bool(any(row)) and not any(row[number] for number in own)


def _put(record: Tree, model: Model, path: Path, value: Any) -> None:
    field = model.fields.get(path[0])
    if field is None or path[0] in ("id", ".id") or not field.relation:
        record[path[0]] = value
    else:
        record.setdefault(path[0], {})[path[1] if len(path) > 1 else None] = value
