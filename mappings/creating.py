"""Creates the records that relations name and Odoo does not have: one `load` for all, and one refusal stops no other."""

from collections.abc import Mapping, Sequence
from typing import Any

from mappings import loading
from mappings.convert import Values, to_wire
from mappings.external_ids import external_id
from mappings.normal import alike
from mappings.spec import MappingSpec
from synchub.errors import OdooPermanent
from synchub.odoo import OdooClient, refusal

# With this context, `load` does not change records that already have their external id, and answers their ids.
_KEEPING = {"mode": "update", "noupdate": True}


def create_each(
    spec: MappingSpec, fields: Sequence[str], rows: Mapping[Any, Values], client: OdooClient
) -> tuple[dict[Any, int], dict[Any, str]]:
    """Ids by identifier, and why Odoo refused the others. All rows have values for these fields. Raises OdooError.

    The external id is made from the identifier, so that sending it twice, or from two places at once, creates one record. If
    the record under that external id has another identifier in Odoo by now, it is left alone and another external id is tried.
    """
    made: dict[Any, int] = {}
    refused: dict[Any, str] = {}
    names = {ref: external_id("made", spec.model, ref) for ref in rows}
    newest = client.search(spec.model, [], limit=1, order="id desc", context={"active_test": False})
    while rows:
        ids, problems = _load(spec, fields, rows, names, client)
        # A rehearsed record has id 0, for which Odoo answers a record without values.
        there = {ref: one for ref, one in ids.items() if newest and 0 < one <= newest[0]}
        others = _called_otherwise(spec, there, client)
        made |= {ref: one for ref, one in ids.items() if ref not in others}
        refused |= problems
        names |= {ref: external_id("made", spec.model, ref, one) for ref, one in others.items()}
        rows = {ref: rows[ref] for ref in others}
    return made, refused


def _load(
    spec: MappingSpec,
    fields: Sequence[str],
    rows: Mapping[Any, Values],
    names: Mapping[Any, str],
    client: OdooClient,
) -> tuple[dict[Any, int], dict[Any, str]]:
    """Leaves out what Odoo refuses. Where Odoo does not say which row that is, halving finds it."""
    refs, refused = list(rows), dict[Any, str]()
    while refs:
        result = client.load(
            spec.model,
            ["id", *loading.columns(spec, fields)],
            [[names[ref], *loading.cells(spec, fields, rows[ref])] for ref in refs],
            context=loading.context(spec.by_field[name] for name in fields) | _KEEPING,
        )
        if result.ids is not None:
            return dict(zip(refs, result.ids, strict=True)), refused
        told = {at: one.message for at, one in refusal(result.messages, len(refs)).refused.items()}
        if len(refs) == 1:
            told = told or {0: "; ".join(one.message for one in result.messages if one.type == "error")}
        if not told:
            half = len(refs) // 2
            made, not_made = _load(spec, fields, {ref: rows[ref] for ref in refs[:half]}, names, client)
            others, not_others = _load(spec, fields, {ref: rows[ref] for ref in refs[half:]}, names, client)
            return made | others, refused | not_made | not_others
        refused |= {refs[at]: text for at, text in told.items()}
        refs = [ref for at, ref in enumerate(refs) if at not in told]
    return {}, refused


def write_translations(
    spec: MappingSpec, records: Sequence[tuple[int, Mapping[str, Values]]], client: OdooClient
) -> None:
    """Writes translations (id, values by language) in few calls for each language.

    Raises OdooError. Repeating it changes nothing.
    """
    for language in spec.languages:
        context = {"lang": language}
        tables: dict[tuple[str, ...], list[tuple[int, Values]]] = {}
        for odoo_id, translations in records:
            values = translations.get(language, {})
            exact = all(loading.is_exact(spec.by_field[name], value) for name, value in values.items())
            if values and exact:
                tables.setdefault(tuple(sorted(values)), []).append((odoo_id, dict(values)))
            elif values:
                client.write(spec.model, [odoo_id], to_wire(spec, values), context=context)
        for fields, rows in tables.items():
            if len(rows) == 1:
                client.write(spec.model, [rows[0][0]], to_wire(spec, rows[0][1]), context=context)
                continue
            result = client.load(
                spec.model,
                [".id", *loading.columns(spec, fields)],
                [[str(odoo_id), *loading.cells(spec, fields, values)] for odoo_id, values in rows],
                context=context,
            )
            if result.ids is None:
                raise OdooPermanent("; ".join(one.message for one in result.messages if one.type == "error"))


def _called_otherwise(spec: MappingSpec, there: Mapping[Any, int], client: OdooClient) -> dict[Any, int]:
    """Which of these records, given by the identifier they were created with, have another identifier by now. What Odoo itself
    makes of an identifier does not count as another."""
    if not there:
        return {}
    field = spec.identifier.field
    rows = client.read(spec.model, list(there.values()), [field.name])
    called = {row["id"]: field.type.from_wire(row[field.name]) for row in rows}
    return {ref: one for ref, one in there.items() if not alike(spec.identifier, ref, called.get(one, ref))}
