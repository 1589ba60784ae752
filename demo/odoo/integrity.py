"""What PostgreSQL guards for Odoo: required values, unique values, links to records that exist."""

# ruff: noqa: S608 — names of tables and columns come from the field table, values are always parameters

import sqlite3
from collections.abc import Collection, Iterable, Sequence

from demo.odoo import wiring
from demo.odoo.env import IN_ARRAY, Env, Values, as_array
from demo.odoo.errors import NOT_POSSIBLE, ConstraintError, MissingError
from demo.odoo.models import MODELS, Field, Model


def _refused(problem: str, model: Model, place: str, imported: str, field: str = "") -> ConstraintError:
    text = f"{NOT_POSSIBLE}{problem}\n\nModel: {model.label} ({model.name})\n{place}\n"
    return ConstraintError(text, imported, field)


def still_needed(model: Model, field: Field) -> ConstraintError:
    """A link of `model` forbids it: to a record that does not exist, or that was to be deleted."""
    problem = " another model requires the record being deleted. If possible, archive it instead."
    constraint = f"{model.table}_{field.name}_fkey"
    return _refused(problem, model, f"Constraint: {constraint}", problem.strip(), field.name)


def check_required(model: Model, rows: Iterable[Values], names: Iterable[str]) -> None:
    required = [name for name in names if model.fields[name].required]
    for row in rows:
        for name in required:
            if row[name] is None:
                label = model.fields[name].label
                raise _refused(
                    "\n- Create/update: a mandatory field is not set."
                    "\n- Delete: another model requires the record being deleted. If possible, archive it instead.",
                    model,
                    f"Field: {label} ({name})",
                    f"Missing required value for the field '{label}' ({name})",
                    name,
                )


def check_followed(
    env: Env, model: Model, rows: Sequence[Values], followed: Collection[tuple[str, str]]
) -> None:
    """Links that Odoo follows while it computes: there it meets a missing record before the database does."""
    for owner, name in followed:
        if owner == model.name:
            ids = dict.fromkeys(row[name] for row in rows if row.get(name))
            check_exists(env, MODELS[model.fields[name].relation], list(ids))


def check_links(env: Env, model: Model, rows: Sequence[Values], names: Iterable[str]) -> None:
    """Every many2one points to a record that exists."""
    for name in names:
        field = model.fields[name]
        if field.type != "many2one":
            continue
        ids = {row[name] for row in rows} - {None}
        table = MODELS[field.relation].table
        if ids and env.value(f"SELECT COUNT(*) FROM {table} WHERE id {IN_ARRAY}", as_array(ids)) < len(ids):
            raise still_needed(model, field)


def check_exists(env: Env, model: Model, ids: Sequence[int]) -> None:
    found = {row[0] for row in env.rows(f"SELECT id FROM {model.table} WHERE id {IN_ARRAY}", as_array(ids))}
    for record in ids:
        if record not in found:
            raise MissingError(model.name, record, env.uid)


def not_unique(model: Model, error: sqlite3.IntegrityError) -> Exception:
    """What Odoo says instead of the database's own words."""
    columns = str(error).rpartition(": ")[2].replace(f"{model.table}.", "")
    names = columns.split(", ")
    if model.name == "ir.model.data":
        # An index without a constraint: Odoo has no words of its own for it.
        text = f'duplicate key value violates unique constraint "{model.table}_{"_".join(names)}_uniq_index"'
        text += f"\nDETAIL:  Key ({columns}) already exists.\n"
        return ConstraintError(f"{NOT_POSSIBLE} {text}", text)
    message = wiring.UNIQUE.get((model.name, columns))
    if not message:
        return error
    labels = " and ".join(model.fields[name].label for name in names)
    if len(names) == 1:
        imported = f"The value for the field '{columns}' already exists (this is probably '{labels}' in the current model)."
        return ConstraintError(f"{NOT_POSSIBLE} {message}", imported, columns)
    imported = f"The values for the fields '{' and '.join(names)}' already exist (they are probably '{labels}' in the current model)."
    return ConstraintError(f"{NOT_POSSIBLE} {message}", imported)


def release_links(env: Env, model: Model, ids: Sequence[int]) -> dict[str, list[int]]:
    """Before a deletion: refuse where a link restricts, empty where it may be empty.

    Gives the records that go along (ondelete cascade), by model.
    """
    pointing = [
        (other, field)
        for other in MODELS.values()
        for field in other.fields.values()
        if field.is_column and field.type == "many2one" and field.relation == model.name
    ]
    array = as_array(ids)
    going: dict[str, list[int]] = {}
    for other, field in pointing:
        if field.name in ("create_uid", "write_uid"):
            continue
        condition = f'"{field.name}" {IN_ARRAY}'
        if field.ondelete == "cascade":
            found = env.rows(f"SELECT id FROM {other.table} WHERE {condition}", array)
            if found:
                going.setdefault(other.name, []).extend(row[0] for row in found)
        elif field.ondelete == "restrict":
            own = f" AND id NOT {IN_ARRAY}" if other.name == model.name else ""
            if env.rows(
                f"SELECT 1 FROM {other.table} WHERE {condition}{own} LIMIT 1",
                array,
                *((array,) if own else ()),
            ):
                raise still_needed(other, field)
        else:
            env.db.execute(f'UPDATE {other.table} SET "{field.name}" = NULL WHERE {condition}', (array,))
    return going
