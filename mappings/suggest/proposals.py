"""One line that is proposed, or why there is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mappings.fieldtypes import field_type
from mappings.schema import Fields
from mappings.sources import only_worked_out


@dataclass(frozen=True)
class Inner:
    """A mapping that a relation may use, with its keys."""

    pk: int
    keys: frozenset[str]


Nested = Mapping[str, Sequence[Inner]]
"""Model → the mappings over it."""


@dataclass(frozen=True)
class Proposal:
    """One line. `nested` makes it a relation; `like` is how alike key and field are, from 0 to 1."""

    key: str
    field: str
    from_odoo_only: bool = False
    identifier: bool = False
    nested: int | None = None
    like: float = 1.0
    example: Any = None


@dataclass(frozen=True)
class Leftover:
    """A key that got no line, and why."""

    key: str
    why: str


@dataclass(frozen=True)
class Suggestion:
    lines: list[Proposal] = field(default_factory=list)
    left: list[Leftover] = field(default_factory=list)


ENOUGH = 0.62
NAMING = ("ref", "default_code", "client_order_ref", "code", "barcode", "vat", "login", "email", "name")
"""Fields that often name a record, the best first."""
NAMES = NAMING[:4]
"""Those that are there for nothing else."""


def propose(
    key: str, name: str, facts: Mapping[str, Any], value: Any, nested: Nested, like: float
) -> Proposal | Leftover:
    fixed = not field_type(dict(facts)).writable or only_worked_out(facts)
    relation = str(facts.get("relation") or "")
    within = mapping_for(relation, value, nested) if relation else None
    ids = isinstance(value, int) or (isinstance(value, list) and all(isinstance(one, int) for one in value))
    if relation and within is None and not (ids and value):
        return Leftover(
            key,
            f"it looks like {name} ({facts.get('string') or name}), which holds other records: add a mapping over "
            f"{relation} {_such_a_mapping(value)} first, then suggest again",
        )
    return Proposal(
        key,
        name,
        fixed or name in ("write_date", "create_date", "id"),
        nested=within,
        like=round(like, 2),
        example=value,
    )


def mapping_for(relation: str, value: Any, nested: Nested) -> int | None:
    """Of the mappings over a model the one whose keys are most like the value's; for a plain value one with nothing but
    its identifier."""
    known = nested.get(relation, ())
    keys = _keys_of(value)
    if keys is None:
        return next((one.pk for one in known if len(one.keys) == 1), None)
    best = max(known, key=lambda one: len(keys & one.keys) / len(keys | one.keys), default=None)
    return best.pk if best and keys & best.keys else None


def _keys_of(value: Any) -> set[str] | None:
    rows = [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, dict)]
    return {key for row in rows for key in row} or None


def _such_a_mapping(value: Any) -> str:
    keys = _keys_of(value)
    if keys is None:
        return "whose only line is its identifier"
    return f"with the keys {', '.join(sorted(keys)[:6])}"


def with_identifier(found: list[Proposal], fields: Fields) -> list[Proposal]:
    """The line that could name a record is marked. Whoever adds lines to others that have one unmarks it."""
    can = [
        one for one in found
        if fields[one.field].get("type") in ("char", "integer") and one.nested is None and not isinstance(one.example, bool)
        and fields[one.field].get("store") is not False and one.field in NAMING
    ]  # fmt: skip
    if not can or any(one.identifier for one in found):
        return found
    first = min(can, key=lambda one: NAMING.index(one.field))
    return [replace(one, identifier=one is first) for one in found]
