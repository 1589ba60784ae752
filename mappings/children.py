"""Which children of a one2many Odoo has already, and which are new."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from mappings import languages
from mappings.convert import Values, from_row
from mappings.normal import bare
from mappings.relations import Structure
from mappings.spec import LineSpec, MappingSpec
from synchub.odoo import OdooClient

LAST_WRITTEN = "$write_date"
"""Beside a child's values: Odoo's stamp, as Odoo writes it."""


def existing(
    model: str, line: LineSpec, spec: MappingSpec, parents: Collection[int], client: OdooClient
) -> dict[int, list[Values]]:
    """By parent (of this `model`), the children that Odoo has, in Odoo's order, which is how they are shown. Archived
    ones, which are not shown, come last.

    The one2many field decides which they are, not the field that leads back: that may lead back from children of another
    field (an entry's tax items), from records of other models where it is a bare number (files, activities), and to another
    record (a product's suppliers lead back to its template).
    """
    if not parents:
        return {}
    everyone = {"active_test": False}
    owners = client.read(model, sorted(parents), [line.field.name], context=everyone)
    holders: dict[int, list[int]] = {}
    for owner in owners:
        for one in owner[line.field.name]:
            holders.setdefault(one, []).append(owner["id"])
    # Some fields leave out archived children, such as a partner's contacts.
    leads_back = spec.facts.get(line.inverse, {}).get("type") == "many2one"
    more = [*spec.archive_read, *(["write_date"] if spec.stamped else [])]
    fields = sorted({*([line.inverse] if leads_back else []), *more, *languages.fields_to_read(spec)})
    rows = client.search_read(
        spec.model,
        [(line.inverse, "in", sorted(parents))] if leads_back else [("id", "in", sorted(holders))],
        fields,
        context=everyone,
    )
    rows.sort(key=spec.is_archived)
    result: dict[int, list[Values]] = {}
    for row in languages.added(spec, rows, client):
        archived = [row[line.inverse]] if leads_back and spec.is_archived(row) else []
        for parent in holders.get(row["id"], archived):
            child = from_row(spec, row) | {LAST_WRITTEN: row.get("write_date")}
            result.setdefault(parent, []).append(child)
    return result


def added_since(
    spec: MappingSpec, families: Iterable[tuple[Any, Collection[str], Sequence[int]]], client: OdooClient
) -> set[int]:
    """Which of the children that were not sent were added by others since the writer looked.

    For each family: the ids that were there when it was written (None where that is not known), the external ids of what
    these writes themselves may have added, and the ids of the children in question.
    """
    new = [
        (own, one) for seen, own, ids in families if isinstance(seen, list) for one in ids if one not in seen
    ]
    names = client.external_ids(spec.model, [one for _, one in new]) if new else {}
    return {one for own, one in new if not set(names.get(one, ())) & set(own)}


def matched(
    spec: MappingSpec, families: Sequence[tuple[Sequence[Structure], Sequence[Values]]], client: OdooClient
) -> list[list[Values | None]]:
    """For each family (what was written, what Odoo has), the row of each child; None for a new one.

    A child that seems to be new may have been created by an earlier attempt, and have no identifier yet, or another one by
    now. So if anything seems new, Odoo is asked for the external ids of the rows.
    """
    found = [_matched(spec, children, rows, {}) for children, rows in families]
    unsure = [
        row["id"] for (_, rows), family in zip(families, found, strict=True) if None in family for row in rows
    ]
    if not unsure:
        return found
    names = client.external_ids(spec.model, unsure)
    by_name = {name: odoo_id for odoo_id, several in names.items() for name in several}
    return [_matched(spec, children, rows, by_name, bare) for children, rows in families]


def _matched(
    spec: MappingSpec,
    children: Sequence[Structure],
    rows: Sequence[Values],
    by_name: Mapping[str, int],
    otherwise: Callable[[LineSpec, Any], Any] | None = None,
) -> list[Values | None]:
    """What this write itself has added is recognised by its external id, whatever it is called by now. Others are by their
    identifier, or else by what Odoo makes of it: a website gets its http://, an IBAN its spaces."""
    by_id = {row["id"]: row for row in rows}
    found = [by_id.pop(by_name.get(child.get("$external_id", ""), 0), None) for child in children]
    for called in (lambda _, name: name, otherwise):
        if called is not None and by_id:
            _pair(spec, children, found, by_id, called)
    return found


def _pair(
    spec: MappingSpec,
    children: Sequence[Structure],
    found: list[Values | None],
    by_id: dict[int, Values],
    called: Callable[[LineSpec, Any], Any],
) -> None:
    """Pairs children that have no row yet with remaining rows of the same name, the first with Odoo's first and so on, and
    removes those rows from the remaining ones."""
    left: dict[Any, list[Values]] = {}
    for row in reversed(by_id.values()):
        left.setdefault(called(spec.identifier, _name(spec, row)), []).append(row)
    for place, child in enumerate(children):
        name = None if child["$ref"] is None else called(spec.identifier, child["$ref"])
        if found[place] is None and name is not None and left.get(name):
            row = left[name].pop()
            found[place] = by_id.pop(row["id"])


def _name(spec: MappingSpec, row: Values) -> Any:
    return row["id"] if spec.named_by_odoo else row.get(spec.identifier.field.name)
