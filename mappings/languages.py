"""Translated fields: their values in languages other than the connection's, one call for each language.

In a row they have names of their own (`name@fr_FR`, see `FieldSpec`), beside the values in the connection's language.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from mappings import tracing, untold
from mappings.convert import Values
from mappings.sparing import Sparing
from mappings.spec import MappingSpec
from synchub.errors import OdooError, OdooPermanent
from synchub.odoo import OdooClient

READ_AT_ONCE = 20_000
"""Ids in one call: far more than a page of ordinary records, and within Odoo's time limit."""


def fields_to_read(spec: MappingSpec) -> list[str]:
    """The fields to read in the connection's language."""
    own = (field.odoo_name for field in spec.by_field.values() if not field.language)
    return sorted({"id", *(["write_date"] if spec.stamped else []), *own})


def added(
    spec: MappingSpec,
    rows: Sequence[Mapping[str, Any]],
    client: OdooClient,
    only: Collection[str] | None = None,
    *,
    left_out: dict[int, dict[str, str]] | None = None,
    sparing: Sparing | None = None,
) -> list[dict[str, Any]]:
    """The rows with their values in other languages, as far as they lack them. Raises OdooError.

    One call for each language, however many rows. A record that is gone by now keeps what its row has. A value that Odoo does
    not tell is missing from the row, and `left_out` gets Odoo's words by id and field. With `only` these fields, which the
    caller is about to compare, such a value is an error.
    """
    result = [dict(row) for row in rows]
    for language, fields in spec.languages.items():
        wanted = [
            field
            for field in fields
            if (only is None or field.name in only) and any(field.name not in row for row in rows)
        ]
        if not wanted:
            continue
        ids, names = [row["id"] for row in rows], sorted({field.odoo_name for field in wanted})
        there, refused = _read(spec.model, ids, language, names, client, sparing, whole=only is not None)
        for row in result:
            own = there.get(row["id"], row)
            row |= {field.name: own[field.odoo_name] for field in wanted if field.odoo_name in own}
            why = refused.get(row["id"], {})
            if left_out is not None and why:
                said = {field.name: why[field.odoo_name] for field in wanted if field.odoo_name in why}
                left_out[row["id"]] = left_out.get(row["id"], {}) | said
    return result


def _read(
    model: str,
    ids: Sequence[int],
    language: str,
    names: Sequence[str],
    client: OdooClient,
    sparing: Sparing | None,
    *,
    whole: bool,
) -> tuple[dict[int, dict[str, Any]], dict[int, dict[str, str]]]:
    """By id, what Odoo tells, and what it says where it does not."""
    told = untold.Told()
    for start in range(0, len(ids), READ_AT_ONCE):
        page, context = ids[start : start + READ_AT_ONCE], {"lang": language}
        try:
            told.rows += client.read(model, page, names, context=context)
        except OdooPermanent as error:
            if whole or language in error.message:  # the language is at fault, not a record
                raise
            found = untold.read(client, model, page, names, context=context, sparing=sparing)
            told.rows += found.rows
            told.fields |= found.fields
    return {row["id"]: row for row in told.rows}, told.fields


def explained(spec: MappingSpec, error: OdooError) -> str:
    """Odoo's refusal to read, with the line and what to do where a line's language is at fault."""
    traced = tracing.trace(spec, error.message, values={}, code=error.code)
    language = traced.line.field.language if traced.line else ""
    return traced.text if language and language in error.message else error.message


def together(spec: MappingSpec, sent: Mapping[str, Any], changed: Mapping[str, Any]) -> Values:
    """All that was sent of fields that change in one of their languages. All of it has to be written.

    Where Odoo has no text in a language it shows that of another, so a change of that one would show in this one too.
    """
    if not spec.languages:
        return {}
    fields = spec.by_field
    names = {fields[name].odoo_name for name in changed if name in fields}
    return {name: value for name, value in sent.items() if name in fields and fields[name].odoo_name in names}
