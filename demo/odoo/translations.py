"""Texts in other languages than Odoo's own, en_US: beside the columns, one row for each text.

A real Odoo keeps all languages of a field in one JSON column; what a client sees is the same. Where a language has no text
of its own, the one in en_US is shown.
"""

# ruff: noqa: S608 — names of tables and columns come from the field table, values are always parameters

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from demo.odoo.env import IN_ARRAY, Env, Values, as_array
from demo.odoo.models import Field, Model

TABLE = """CREATE TABLE IF NOT EXISTS translation (model TEXT NOT NULL, field TEXT NOT NULL, res_id INTEGER NOT NULL,
    lang TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (model, field, res_id, lang)) WITHOUT ROWID"""
_language: ContextVar[str] = ContextVar("language", default="")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Until then every translated field is read and written in this language; empty: in en_US."""
    token = _language.set("" if language == "en_US" else language)
    try:
        yield
    finally:
        _language.reset(token)


def is_translated(field: Field) -> bool:
    return bool(_language.get()) and field.is_column and bool(field.facts.get("translate"))


def shown(field: Field, alias: str) -> str:
    """The SQL of a translated field's text for the row that `alias` names."""
    language = _language.get().replace("'", "''")
    found = (
        f"SELECT v.value FROM translation v WHERE v.model = '{field.model}' AND v.field = '{field.name}'"
        f" AND v.lang = '{language}' AND v.res_id = {alias}.id"
    )
    return f'COALESCE(({found}), {alias}."{field.name}")'


def update(env: Env, model: Model, ids: Sequence[int], row: Values) -> Values:
    """Keep the texts of a write; gives what is left for the columns.

    Nothing (`False`) empties all languages at once. In another language than en_US a record without any text gets this
    one in en_US too.
    """
    left = dict(row)
    array = as_array(ids)
    for name, value in row.items():
        field = model.fields[name]
        if (value is None and field.facts.get("translate")) or _goes_over_all(env, field, value):
            env.db.execute(
                f"DELETE FROM translation WHERE model = ? AND field = ? AND res_id {IN_ARRAY}",
                (model.name, name, array),
            )
        elif is_translated(field):
            del left[name]
            env.db.execute(
                "INSERT OR REPLACE INTO translation (model, field, res_id, lang, value)"
                f" SELECT ?, ?, t.id, ?, ? FROM {model.table} t WHERE t.id {IN_ARRAY} AND {shown(field, 't')} IS NOT ?",
                (model.name, name, _language.get(), value, array, value),
            )
            env.db.execute(
                f'UPDATE {model.table} SET "{name}" = ? WHERE "{name}" IS NULL AND id {IN_ARRAY}',
                (value, array),
            )
    return left


def _goes_over_all(env: Env, field: Field, value: Any) -> bool:
    """An html text is translated piece by piece. A real Odoo keeps translations of pieces that are much the same; this one
    keeps none. A text without pieces counts for all languages, whatever is asked for."""
    if field.type != "html" or not field.facts.get("translate"):
        return False
    return not re.sub(r"<[^>]*>|\s", "", value) or not env.context.get("delay_translations")


def insert(env: Env, model: Model, rows: Sequence[Values]) -> None:
    """New records have their text in the language that they were made in, and in en_US."""
    names = [name for name in model.columns if is_translated(model.fields[name])]
    for name in names:
        texts = {row["id"]: row[name] for row in rows if row[name] is not None}
        give(env.db, model, name, _language.get(), texts)


def give(db: sqlite3.Connection, model: Model, field: str, language: str, texts: Mapping[int, str]) -> None:
    """Texts by record, whatever is there."""
    db.executemany(
        "INSERT OR REPLACE INTO translation (model, field, res_id, lang, value) VALUES (?, ?, ?, ?, ?)",
        [(model.name, field, record, language, text) for record, text in texts.items()],
    )


def forget(env: Env, model: Model, ids: Sequence[int]) -> None:
    """Of records that are no more."""
    env.db.execute(
        f"DELETE FROM translation WHERE model = ? AND res_id {IN_ARRAY}", (model.name, as_array(ids))
    )
