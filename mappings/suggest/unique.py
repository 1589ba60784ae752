"""Whether what is proposed to name a record does so: several tasks or leads may be called alike. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from mappings.schema import Fields
from mappings.suggest.proposals import Proposal, Suggestion, with_identifier


def naming(found: Suggestion) -> Proposal | None:
    """The line that is proposed as the identifier."""
    return next((one for one in found.lines if one.identifier), None)


def shared(rows: Iterable[Mapping[str, Any]], field: str) -> str:
    """A value that several of these records have; "" where each has its own."""
    counts = Counter(str(row[field]) for row in rows if row.get(field))
    return next((value for value, count in counts.items() if count > 1), "")


def named_otherwise(found: Suggestion, fields: Fields, never: Collection[str]) -> Suggestion:
    """With another of its lines as the identifier, or with Odoo's own id where no other one would do."""
    lines = [replace(one, identifier=False) for one in found.lines]
    others = {name: facts for name, facts in fields.items() if name not in never}
    can = with_identifier([one for one in lines if one.field in others], others)
    marked = next((one for one in can if one.identifier), None)
    if marked is not None:
        lines = [replace(one, identifier=one.key == marked.key) for one in lines]
    else:
        key = "odoo_id" if any(one.key == "id" for one in lines) else "id"
        lines = [Proposal(key, "id", from_odoo_only=True, identifier=True), *lines]
    return replace(found, lines=lines)
