"""The tables behind the models, and the rows that describe them (`ir.model`, `ir.model.fields`)."""

# ruff: noqa: S608 — names of tables and columns come from the field table, values are always parameters

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime

from demo.odoo import translations, wiring
from demo.odoo.models import MODELS, Model

# A data file made by another version of this table is not touched.
VERSION = 2
WITHOUT_TRANSLATIONS = 1
SUPERUSER = 1


def now() -> str:
    """The time as the database keeps it: UTC with microseconds, so that text compares like time."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def prepare(db: sqlite3.Connection) -> bool:
    """Make the tables where there are none yet; says whether it did."""
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == VERSION:
        return False
    db.execute(translations.TABLE)
    if version == WITHOUT_TRANSLATIONS:
        db.execute("UPDATE res_lang SET active = 1 WHERE code = 'fr_FR'")
        db.execute(f"PRAGMA user_version = {VERSION}")
        return False
    if version:
        raise SystemExit("This data file was made by another version of the practice Odoo: choose a new one.")
    for model in MODELS.values():
        for statement in _tables(model):
            db.execute(statement)
    _describe(db)
    db.execute(f"PRAGMA user_version = {VERSION}")
    return True


def _tables(model: Model) -> Iterator[str]:
    columns = [f'"{name}" {model.fields[name].column_type}' for name in model.columns if name != "id"]
    # AUTOINCREMENT: like a sequence of PostgreSQL it never gives an id twice.
    yield f"CREATE TABLE {model.table} (id INTEGER PRIMARY KEY AUTOINCREMENT, {', '.join(columns)})"
    yield f"CREATE INDEX {model.table}_write_date ON {model.table} (write_date, id)"
    for indexed in wiring.INDEXES.get(model.name, ()):
        name = indexed.replace(", ", "_")
        yield f"CREATE INDEX {model.table}_{name} ON {model.table} ({indexed})"
    for owner, unique in wiring.UNIQUE:
        if owner == model.name:
            name = unique.replace(", ", "_")
            yield f"CREATE UNIQUE INDEX {model.table}_{name}_uniq ON {model.table} ({unique})"
    for field in model.fields.values():
        if field.pivot:
            pivot = field.pivot
            yield (
                f"CREATE TABLE IF NOT EXISTS {pivot.table} ({pivot.own} INTEGER NOT NULL,"
                f" {pivot.other} INTEGER NOT NULL, PRIMARY KEY ({pivot.own}, {pivot.other})) WITHOUT ROWID"
            )
            yield f"CREATE INDEX IF NOT EXISTS {pivot.table}_other ON {pivot.table} ({pivot.other}, {pivot.own})"


def _describe(db: sqlite3.Connection) -> None:
    stamp = (SUPERUSER, SUPERUSER, *(now(),) * 2)
    log = "create_uid, write_uid, create_date, write_date"
    for number, model in enumerate(MODELS.values(), 1):
        db.execute(
            f'INSERT INTO ir_model (id, model, name, "order", state, {log}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
            (number, model.name, model.label, model.order, "base", *stamp),
        )
        db.executemany(
            "INSERT INTO ir_model_fields (model_id, model, name, field_description, ttype, relation,"
            f" relation_field, required, readonly, store, translate, size, company_dependent, state, copied, {log})"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'base', 1, ?, ?, ?, ?)",
            [
                (
                    number,
                    model.name,
                    field.name,
                    field.label,
                    field.type,
                    field.relation or None,
                    field.inverse or None,
                    *(bool(field.facts.get(key)) for key in ("required", "readonly", "store", "translate")),
                    field.facts.get("size"),
                    bool(field.facts.get("company_dependent")),
                    *stamp,
                )
                for field in model.fields.values()
            ],
        )
