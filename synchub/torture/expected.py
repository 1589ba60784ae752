"""What was accepted, and therefore has to be in Odoo. Pure.

Each record has one writer, so it is known to the last value what has to be there once everything has come to rest.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Document = dict[str, Any]


@dataclass
class Partner:
    """A partner as consumers see it. `contacts`: the names of its children by identifier."""

    name: str
    city: str | None = None
    contacts: dict[str, str] = field(default_factory=dict)

    def body(self, customer_id: str) -> Document:
        return {
            "customer_id": customer_id,
            "name": self.name,
            "city": self.city,
            "contacts": [{"customer_id": key, "name": name} for key, name in self.contacts.items()],
        }

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Partner":
        contacts = {one["customer_id"]: one["name"] for one in body["contacts"]}
        return cls(body["name"], body["city"], contacts)


@dataclass(frozen=True)
class Row:
    """A partner of Odoo's, with the identifier of its parent."""

    ref: str
    name: str
    city: str | None
    parent: str | None


@dataclass
class Findings:
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.unexpected)


def compared(expected: Mapping[str, Partner], rows: Iterable[Row], shown: Mapping[str, Partner]) -> Findings:
    """`rows`: all of Odoo's records that the torture may have made. `shown`: what the API answers in the end."""
    found, rows = Findings(), list(rows)
    times = Counter(row.ref for row in rows)
    found.doubled += [f"“{ref}” is {count} times in Odoo" for ref, count in times.items() if count > 1]
    children: dict[str, dict[str, str]] = {}
    for row in rows:
        if row.parent is not None:
            children.setdefault(row.parent, {})[row.ref] = row.name
    there = {
        row.ref: Partner(row.name, row.city, children.get(row.ref, {})) for row in rows if row.parent is None
    }
    for name, partner in expected.items():
        if name not in there:
            found.lost.append(f"“{name}” was accepted and is not in Odoo")
        elif there[name] != partner:
            found.lost.append(f"“{name}” is {there[name]} in Odoo, and {partner} was accepted")
        if shown.get(name) != partner:
            found.unexpected.append(
                f"the API shows “{name}” as {shown.get(name)}, and {partner} was accepted"
            )
    # What is left of a deleted partner are its contacts, which Odoo lets stand alone.
    found.unexpected += [
        f"“{name}” is in Odoo, and was deleted or renamed"
        for name in there
        if name not in expected and not name.startswith(CONTACTS)
    ]
    found.unexpected += [
        f"the API shows “{name}”, which was deleted or renamed" for name in shown if name not in expected
    ]
    return found


CONTACTS = "TC"
"""What the identifiers of children begin with; those of partners begin with TP."""
PARTNERS = "TP"
