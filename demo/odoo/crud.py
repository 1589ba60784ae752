"""create, write and unlink. A call is one transaction: whatever is raised here undoes all of it."""

# ruff: noqa: S608 — names of tables and columns come from the field table, values are always parameters

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from demo.odoo import translations, wiring
from demo.odoo.commands import Crud, apply
from demo.odoo.domains import expression
from demo.odoo.env import IN_ARRAY, Env, Values, as_array
from demo.odoo.external_ids import give, qualified
from demo.odoo.hooks import hooks_of
from demo.odoo.integrity import (
    check_exists,
    check_followed,
    check_links,
    check_required,
    not_unique,
    release_links,
)
from demo.odoo.models import KEPT_BY_ODOO, MODELS, X2MANY, Model
from demo.odoo.values import to_column


def create(env: Env, model: Model, vals_list: Sequence[Mapping[str, Any]]) -> list[int]:
    """New records, in the order of their values."""
    if not vals_list:
        return []
    own = hooks_of(model.name)
    given = [_known(model, vals) for vals in vals_list]
    own.before_create(env, given)
    _create_owned(env, model, given)
    rows = _rows(env, model, given)
    check_followed(env, model, rows, wiring.FOLLOWED_IN_CREATE)
    own.fill(env, rows)
    check_required(model, rows, model.columns)
    check_links(env, model, rows, {name for vals in given for name in vals if model.fields[name].is_column})
    _insert(env, model, rows)
    ids = [row["id"] for row in rows]
    _write_related(env, model, [([record], vals) for record, vals in zip(ids, given, strict=True)])
    _run_commands(env, model, list(zip(ids, given, strict=True)))
    own.after_create(env, ids, given)
    module = env.context.get("_import_current_module")
    if module:
        # In an import, and only there, Odoo takes an external id from the key `id`.
        pairs = zip(vals_list, ids, strict=True)
        named = [
            (qualified(vals["id"], module), record)
            for vals, record in pairs
            if isinstance(vals.get("id"), str)
        ]
        give(env, model, named)
    return ids


def write(env: Env, model: Model, ids: Sequence[int], vals: Mapping[str, Any]) -> bool:
    """One set of values for all the records. `write_date` moves even where nothing differs."""
    if not ids:
        return True
    records = list(ids)
    values = _known(model, vals)
    check_exists(env, model, records)
    own = hooks_of(model.name)
    own.before_write(env, records, values)
    row = {
        name: to_column(model.fields[name], value) for name, value in values.items() if _stored(model, name)
    }
    check_followed(env, model, [row], wiring.FOLLOWED_IN_WRITE)
    check_required(model, [row], row)
    check_links(env, model, [row], row)
    update(env, model, records, row)
    _write_related(env, model, [(records, values)])
    _run_commands(env, model, [(record, values) for record in records])
    own.after_write(env, records, values)
    return True


def unlink(env: Env, model: Model, ids: Sequence[int]) -> bool:
    """Delete, with what belongs to the records; refused where another record needs them."""
    if not ids:
        return True
    records = list(dict.fromkeys(ids))
    check_exists(env, model, records)
    own = hooks_of(model.name)
    own.before_unlink(env, records)
    array = as_array(records)
    for other, going in release_links(env, model, records).items():
        unlink(env, MODELS[other], going)
    for (owner, _name), (table, column, _other) in wiring.PIVOTS.items():
        if owner == model.name:
            env.db.execute(f"DELETE FROM {table} WHERE {column} {IN_ARRAY}", (array,))
    env.db.execute(f"DELETE FROM ir_model_data WHERE model = ? AND res_id {IN_ARRAY}", (model.name, array))
    env.db.execute(f"DELETE FROM {model.table} WHERE id {IN_ARRAY}", (array,))
    translations.forget(env, model, records)
    own.after_unlink(env, records)
    return True


def update(env: Env, model: Model, ids: Sequence[int], row: Values) -> None:
    """The columns and nothing else: no hooks, no checks but the unique ones."""
    stored = {**translations.update(env, model, ids, row), "write_uid": env.uid, "write_date": env.now}
    assignments = ", ".join(f'"{name}" = ?' for name in stored)
    try:
        env.db.execute(
            f"UPDATE {model.table} SET {assignments} WHERE id {IN_ARRAY}", (*stored.values(), as_array(ids))
        )
    except sqlite3.IntegrityError as error:
        raise not_unique(model, error) from error


def _known(model: Model, vals: Mapping[str, Any]) -> Values:
    for name in vals:
        model.field(name)
    return {name: value for name, value in vals.items() if name not in KEPT_BY_ODOO}


def _stored(model: Model, name: str) -> bool:
    return model.fields[name].is_column


def _rows(env: Env, model: Model, given: list[Values]) -> list[Values]:
    """Whole rows, ids included."""
    stamps = {"create_uid": env.uid, "write_uid": env.uid, "create_date": env.now, "write_date": env.now}
    empty = {name: 0 if model.fields[name].type == "boolean" else None for name in model.columns}
    blank = {**empty, **model.defaults, **stamps}
    context = {
        name.removeprefix("default_"): value
        for name, value in env.context.items()
        if name.startswith("default_") and name.removeprefix("default_") in model.columns
    }
    blank |= {name: to_column(model.fields[name], value) for name, value in context.items()}
    last = env.value("SELECT seq FROM sqlite_sequence WHERE name = ?", model.table) or 0
    rows = []
    for number, vals in enumerate(given, last + 1):
        row = blank.copy()
        row["id"] = number
        for name, value in vals.items():
            field = model.fields[name]
            if field.is_column:
                row[name] = to_column(field, value)
        rows.append(row)
    return rows


def _insert(env: Env, model: Model, rows: list[Values]) -> None:
    columns = ", ".join(f'"{name}"' for name in model.columns)
    marks = ", ".join("?" * len(model.columns))
    statement = f"INSERT INTO {model.table} ({columns}) VALUES ({marks})"
    try:
        env.db.executemany(statement, ([row[name] for name in model.columns] for row in rows))
    except sqlite3.IntegrityError as error:
        raise not_unique(model, error) from error
    translations.insert(env, model, rows)


def _create_owned(env: Env, model: Model, given: list[Values]) -> None:
    """The record that is owned through `_inherits`, where it is not given."""
    link, owner = wiring.INHERITS.get(model.name, ("", ""))
    lacking = [vals for vals in given if link and not vals.get(link)]
    if not lacking:
        return
    shown = {
        name: field.related[1]
        for name, field in model.fields.items()
        if field.related and field.related[0] == link and field.related[1] in MODELS[owner].fields
    }
    owned = [{shown[name]: vals.pop(name) for name in list(vals) if name in shown} for vals in lacking]
    for vals, owned_vals in zip(lacking, owned, strict=True):
        if "name" in vals and "name" not in shown:
            owned_vals["name"] = vals["name"]
    ids = create(env.with_context(owned_by=model.name), MODELS[owner], owned)
    for vals, record in zip(lacking, ids, strict=True):
        vals[link] = record


def _write_related(env: Env, model: Model, changes: list[tuple[list[int], Values]]) -> None:
    """Values of related fields are written where they live. A read-only one is ignored, as Odoo does."""
    for ids, vals in changes:
        through: dict[str, Values] = {}
        for name, value in vals.items():
            field = model.fields[name]
            if field.related and not field.facts["readonly"]:
                through.setdefault(field.related[0], {})[field.related[1]] = value
        for link, values in through.items():
            head = model.fields[link]
            column = expression(model, head, "t")
            found = env.rows(f"SELECT {column} FROM {model.table} t WHERE t.id {IN_ARRAY}", as_array(ids))
            owners = sorted({row[0] for row in found} - {None})
            write(env, MODELS[head.relation], owners, values)


def _run_commands(env: Env, model: Model, changes: list[tuple[int, Values]]) -> None:
    names = dict.fromkeys(name for _record, vals in changes for name in vals)
    for name in names:
        field = model.fields[name]
        if field.type in X2MANY and not field.related:
            pairs = [(record, vals[name]) for record, vals in changes if name in vals]
            apply(env, field, pairs, Crud(create, write, unlink))
