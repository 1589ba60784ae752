"""Which children of a one2many Odoo has already, and which are new."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from mappings import languages
from mappings.convert import Values, from_row
from mappings.normal import bare
from mappings.relations import Structure
from mappings.spec import LineSpec, MappingSpec
from synchub.odoo import OdooClient


def existing(
    line: LineSpec, spec: MappingSpec, parents: Collection[int], client: OdooClient
) -> dict[int, list[Values]]:
    """By parent, the children that Odoo has, in its own order, in which they are shown; archived ones, which are not shown,
    come last."""
    if not parents:
        return {}
    archive = ["active"] if spec.can_archive else []
    fields = sorted({line.inverse, *archive, *languages.fields_to_read(spec)})
    rows = client.search_read(
        spec.model,
        [(line.inverse, "in", sorted(parents))],
        fields,
        context={"active_test": False},
    )
    rows.sort(key=is_archived)
    result: dict[int, list[Values]] = {}
    for row in languages.added(spec, rows, client):
        result.setdefault(row[line.inverse], []).append(from_row(spec, row))
    return result


def is_archived(row: Values) -> bool:
    return row.get("active") is False


def added_since(
    spec: MappingSpec, families: Iterable[tuple[Any, Collection[str], Sequence[int]]], client: OdooClient
) -> set[int]:
    """Of the children that Odoo has and nobody has written, those that others have added since the writer saw them.

    For each family: which were there when it was written (no list where that is not known), the external ids of what these
    writes themselves may have added, and the children in question.
    """
    new = [
        (own, one) for seen, own, ids in families if isinstance(seen, list) for one in ids if one not in seen
    ]
    names = client.external_ids(spec.model, [one for _, one in new]) if new else {}
    return {one for own, one in new if not set(names.get(one, ())) & set(own)}


def matched(
    spec: MappingSpec, families: Sequence[tuple[Sequence[Structure], Sequence[Values]]], client: OdooClient
) -> list[list[Values | None]]:
    """For each family (what was written, what Odoo has), the row that each child is; None for one that is new.

    What seems to be new may be there by an earlier attempt, and have no identifier yet, or another by now. So Odoo is asked
    under which external ids it knows the rows, if there is anything new.
    """
    found = [_matched(spec, children, rows, {}) for children, rows in families]
    unsure = [
        row["id"] for (_, rows), family in zip(families, found, strict=True) if None in family for row in rows
    ]
    if not unsure:
        return found
    names = client.external_ids(spec.model, unsure)
    by_name = {name: odoo_id for odoo_id, several in names.items() for name in several}
    return [
        _written_otherwise(spec, children, rows, _matched(spec, children, rows, by_name))
        for children, rows in families
    ]


def _matched(
    spec: MappingSpec, children: Sequence[Structure], rows: Sequence[Values], by_name: Mapping[str, int]
) -> list[Values | None]:
    """What this write has added is its own, whatever it is called by now. The others go by their identifier: of several with
    the same, the first is Odoo's first, and so on."""
    by_id = {row["id"]: row for row in rows}
    found = [by_id.pop(by_name.get(child.get("$external_id", ""), 0), None) for child in children]
    left: dict[Any, list[Values]] = {}
    for row in reversed(by_id.values()):
        left.setdefault(_name(spec, row), []).append(row)
    for place, child in enumerate(children):
        if found[place] is None and child["$ref"] is not None and left.get(child["$ref"]):
            found[place] = left[child["$ref"]].pop()
    return found


def _written_otherwise(
    spec: MappingSpec,
    children: Sequence[Structure],
    rows: Sequence[Values],
    found: list[Values | None],
) -> list[Values | None]:
    """With those that no row is called as, and that Odoo writes otherwise: a website gets its http://, an IBAN its spaces."""
    lost = [
        place
        for place, child in enumerate(children)
        if found[place] is None and isinstance(child["$ref"], str)
    ]
    matched = {row["id"] for row in found if row is not None}
    if not lost or len(matched) == len(rows):
        return found
    left: dict[str | None, list[Values]] = {}
    for row in reversed([row for row in rows if row["id"] not in matched]):
        left.setdefault(bare(spec.identifier, _name(spec, row)), []).append(row)
    for place in lost:
        name = bare(spec.identifier, children[place]["$ref"])
        if name is not None and left.get(name):
            found[place] = left[name].pop()
    return found


def _name(spec: MappingSpec, row: Values) -> Any:
    return row["id"] if spec.named_by_odoo else row.get(spec.identifier.field.name)
