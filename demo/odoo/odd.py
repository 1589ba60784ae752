"""Records that cannot be read like the others: hidden by an access rule, with a value that XML-RPC has no room for, of a model
with a `search_read` of its own, or left out of a list that others of their kind are in."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from demo.odoo.errors import AccessError
from demo.odoo.models import Model

TOO_LARGE = 3_000_000_000
STAMPS = frozenset({"create_uid", "create_date", "write_uid", "write_date"})


@dataclass
class Odd:
    """What a test made odd. It concerns those who come over XML-RPC only, as an administrator of Odoo sees everything."""

    hidden: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    numbers: dict[tuple[str, int], dict[str, float]] = field(default_factory=dict)
    unstamped: set[str] = field(default_factory=set)
    """Models of which Odoo does not note when a record was written, such as its reports."""
    own_search_read: set[str] = field(default_factory=set)
    """Models whose `search_read` takes no `load`, such as project.tags."""

    sifted: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Records that a search finds and leaves out after it was limited, as that of mail.message does."""

    holds: dict[tuple[str, str], Sequence[Any]] = field(default_factory=dict)
    """By model and one2many field, the domain of what it holds, such as an invoice's lines, which are some of its items."""

    def hide(self, model: str, ids: Iterable[int]) -> None:
        """By a record rule."""
        self.hidden[model] |= set(ids)

    def swell(self, model: str, record: int, field_name: str, number: float = TOO_LARGE) -> None:
        """Its value is a number over 32 bits; or NaN, which Odoo keeps in a field without digits."""
        self.numbers.setdefault((model, record), {})[field_name] = number

    def clear(self) -> None:
        self.hidden.clear()
        self.numbers.clear()
        self.unstamped.clear()
        self.own_search_read.clear()
        self.sifted.clear()
        self.holds.clear()

    def seen(self, model: Model) -> Model:
        if model.name not in self.unstamped:
            return model
        return replace(model, fields={name: one for name, one in model.fields.items() if name not in STAMPS})

    def check(self, uid: int, model: str, label: str, ids: Iterable[int]) -> None:
        if self.hidden[model].intersection(ids):
            raise AccessError(
                "Uh-oh! Looks like you have stumbled upon some top-secret records.\n\n"
                f"Sorry, Mitchell Admin (id={uid}) doesn't have 'read' access to:\n- {label} ({model})\n\n"
                "If you really, really need access, perhaps you can win over your friendly administrator with a batch of "
                "freshly baked cookies."
            )

    def swollen(self, model: str, records: Sequence[dict[str, Any]]) -> None:
        for record in records:
            odd = self.numbers.get((model, record["id"]), {})
            record |= {name: number for name, number in odd.items() if name in record}
