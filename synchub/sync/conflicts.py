"""Both sides changed the same field: who wins. Pure.

Three values of a field are known: `base`, what Odoo had when the consumer wrote; `current`, what Odoo has now; and what
was written. Where `current` is `base`, only the consumer changed it; where what was written is `current`, both want
the same. What is left is a conflict, and the endpoint's policy decides it, field by field.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from endpoints.models import Conflicts
from mappings.relations import is_structure
from mappings.spec import MappingSpec

_MISSING = object()


@dataclass(frozen=True)
class Conflict:
    """A field that both sides changed."""

    field: str
    base: Any
    current: Any
    wanted: Any


def conflicts(
    base: Mapping[str, Any], current: Mapping[str, Any], written: Mapping[str, Any]
) -> list[Conflict]:
    """The fields of a write that Odoo has changed as well since the consumer saw them, to something else.

    Children (one2many) are merged one by one when they are resolved, so that they are no conflict of their parent.
    """
    found = []
    for name, wanted in written.items():
        was, now = base.get(name, _MISSING), current.get(name, _MISSING)
        if _MISSING in (was, now) or was == now or wanted == now:
            continue
        if is_structure(wanted) and not {"$ref", "$set"} & set(wanted):
            continue
        found.append(Conflict(name, was, now, wanted))
    return found


def policy(endpoint: str, spec: MappingSpec, field: str) -> str:
    """Whose value of this field counts: what its line says, else what the endpoint does."""
    line = spec.line_of(field)
    return (line.conflicts if line else "") or endpoint


def may_matter(endpoint: str, spec: MappingSpec) -> bool:
    """Is there a field whose value in Odoo could win, so that it has to be known?"""
    return any((line.conflicts or endpoint) != Conflicts.HUB for line in spec.incoming)


def odoo_wins(policy: str, odoo_changed: datetime | None, consumer_wrote: datetime) -> bool:
    """Under this policy. `newest` compares Odoo's clock with the hub's; where Odoo's is not told, Odoo wins."""
    if policy == Conflicts.NEWEST:
        return odoo_changed is None or odoo_changed >= consumer_wrote
    return policy == Conflicts.ODOO


def question(spec: MappingSpec, found: list[Conflict]) -> str:
    """What a person is asked."""
    fields = "; ".join(_described(spec, one) for one in found)
    return f"Odoo and a consumer changed the same: {fields}. Decide in the conflict inbox whose value counts."


def _described(spec: MappingSpec, one: Conflict) -> str:
    line = spec.line_of(one.field)
    shown = _shown if line is None or line.nested or line.script else line.present
    label = f"“{line.key}”" if line else one.field
    wanted = "another record" if is_structure(one.wanted) else _text(shown(one.wanted))
    return (
        f"{label} was {_text(shown(one.base))}, is {_text(shown(one.current))} in Odoo, and {wanted} was sent"
    )


def _shown(value: Any) -> Any:
    return value


def _text(value: Any) -> str:
    text = "empty" if value in (None, [], "") else str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"
