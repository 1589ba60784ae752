"""The commands of x2many fields: (0, 0, values), (1, id, values), (2, id), (3, id), (4, id), (5,), (6, 0, ids)."""

# ruff: noqa: S608 — names of tables and columns come from the field table, values are always parameters

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from demo.odoo.env import IN_ARRAY, Env, Values, as_array
from demo.odoo.integrity import check_exists
from demo.odoo.models import MODELS, Field, Model


class Command(IntEnum):
    CREATE = 0
    UPDATE = 1
    DELETE = 2
    UNLINK = 3
    LINK = 4
    CLEAR = 5
    SET = 6


@dataclass(frozen=True)
class Crud:
    """create, write and unlink, handed in by the module that has them: commands and they call each other."""

    create: Callable[[Env, Model, Sequence[Values]], list[int]]
    write: Callable[[Env, Model, Sequence[int], Values], bool]
    unlink: Callable[[Env, Model, Sequence[int]], bool]


def apply(env: Env, field: Field, changes: Sequence[tuple[int, Any]], crud: Crud) -> None:
    """Run the commands of several records; what is to be created is created in one go."""
    creations: list[tuple[int, Values]] = []
    for record, value in changes:
        for command in _commands(field, value):
            if command[0] == Command.CREATE:
                creations.append((record, command[2] or {}))
            else:
                _run(env, field, record, command, crud)
    if not creations:
        return
    target = MODELS[field.relation]
    if field.pivot:
        ids = crud.create(env, target, [vals for _record, vals in creations])
        for (record, _vals), other in zip(creations, ids, strict=True):
            _link(env, crud, field, record, [other])
    else:
        crud.create(env, target, [{**vals, field.inverse: record} for record, vals in creations])


def _commands(field: Field, value: Any) -> list[Sequence[Any]]:
    """A bare list of ids stands for SET, False for CLEAR; no commands change nothing."""
    if value is False or value is None:
        return [(Command.CLEAR, 0, 0)]
    if value == []:
        return []
    if isinstance(value, (list, tuple)) and all(isinstance(one, int) for one in value):
        return [(Command.SET, 0, value)]
    if not isinstance(value, (list, tuple)) or not all(isinstance(one, (list, tuple)) for one in value):
        raise ValueError(f"Wrong value for {field.model}.{field.name}: {value}")
    return [command for command in value if command and command[0] in tuple(Command)]


def _run(env: Env, field: Field, record: int, command: Sequence[Any], crud: Crud) -> None:
    target = MODELS[field.relation]
    code = command[0]
    if code == Command.UPDATE:
        crud.write(env, target, [command[1]], command[2])
    elif code == Command.DELETE:
        crud.unlink(env, target, [command[1]])
    elif code == Command.UNLINK:
        _cut(env, crud, field, record, [command[1]])
    elif code == Command.LINK:
        _link(env, crud, field, record, [command[1]])
    else:
        wanted = list(command[2]) if code == Command.SET else []
        have = _linked(env, field, record)
        _cut(env, crud, field, record, [one for one in have if one not in wanted])
        _link(env, crud, field, record, [one for one in wanted if one not in have])


def _linked(env: Env, field: Field, record: int) -> list[int]:
    """Every linked id, archived ones included: SET and CLEAR reach those too."""
    if field.pivot:
        pivot = field.pivot
        return [
            row[0]
            for row in env.rows(f"SELECT {pivot.other} FROM {pivot.table} WHERE {pivot.own} = ?", record)
        ]
    table = MODELS[field.relation].table
    return [row[0] for row in env.rows(f"SELECT id FROM {table} WHERE {field.inverse} = ?", record)]


def _link(env: Env, crud: Crud, field: Field, record: int, others: list[int]) -> None:
    if not others:
        return
    target = MODELS[field.relation]
    if not field.pivot:
        crud.write(env, target, others, {field.inverse: record})
        return
    check_exists(env, target, others)
    pivot = field.pivot
    env.db.executemany(
        f"INSERT OR IGNORE INTO {pivot.table} ({pivot.own}, {pivot.other}) VALUES (?, ?)",
        [(record, other) for other in others],
    )


def _cut(env: Env, crud: Crud, field: Field, record: int, others: list[int]) -> None:
    """Without its parent a one2many line is deleted where the link is required, else left alone."""
    if not others:
        return
    if field.pivot:
        pivot = field.pivot
        env.db.execute(
            f"DELETE FROM {pivot.table} WHERE {pivot.own} = ? AND {pivot.other} {IN_ARRAY}",
            (record, as_array(others)),
        )
        return
    target = MODELS[field.relation]
    inverse = target.fields[field.inverse]
    if inverse.ondelete == "cascade":
        crud.unlink(env, target, others)
    else:
        crud.write(env, target, others, {field.inverse: False})
