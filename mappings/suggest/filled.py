"""Lines for what is filled in a record of Odoo."""

from collections.abc import Collection, Mapping
from typing import Any

from mappings import names
from mappings.fieldtypes import field_type
from mappings.schema import Fields
from mappings.suggest.likeness import TECHNICAL
from mappings.suggest.proposals import (
    NAMING,
    Nested,
    Proposal,
    Suggestion,
    mapping_for,
    propose,
    with_identifier,
)

_RELATIONS = ("many2one", "one2many", "many2many")


def from_record(
    row: Mapping[str, Any], fields: Fields, nested: Nested, taken: Collection[tuple[str, str]] = ()
) -> Suggestion:
    """Lines for what is filled in a record, as `read` gives it, under Odoo's own names."""
    used = {name for _, name in taken} | {key for key, _ in taken}
    found: list[Proposal] = []
    for name, facts in sorted(fields.items(), key=lambda item: _place(*item)):
        value = field_type(facts).from_wire(row.get(name))
        if (
            name in used
            or TECHNICAL.match(name)
            or not is_ordinary(facts)
            or value in (None, "", [], 0, False)
        ):
            continue
        if facts.get("relation") and mapping_for(facts["relation"], "", nested) is None:
            continue
        made = propose(name, name, facts, "" if facts.get("relation") else value, nested, 1.0)
        if isinstance(made, Proposal) and names.matches(names.KEY, name) and name not in names.RESERVED_KEYS:
            found.append(made)
    return Suggestion(with_identifier(found, fields))


def is_ordinary(facts: Mapping[str, Any]) -> bool:
    """Whether a field is one that an office person sees: kept in the database, and neither a file nor a text of pages."""
    return facts.get("store") is not False and facts.get("type") in (
        "char", "text", "boolean", "integer", "float", "monetary", "date", "datetime", "selection", "many2one", "many2many",
    )  # fmt: skip


def _place(name: str, facts: Mapping[str, Any]) -> tuple[int, int, str]:
    naming = NAMING.index(name) if name in NAMING else len(NAMING)
    return naming, facts.get("type") in _RELATIONS, name
