"""The models and their fields: `facts.json` (what Odoo answers to `fields_get`) and `wiring` put together."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from demo.odoo import wiring

X2MANY = ("one2many", "many2many")
# Odoo keeps these itself: a value for them in create or write is ignored.
KEPT_BY_ODOO = frozenset({"id", "parent_path", "create_uid", "create_date", "write_uid", "write_date"})
_COLUMN_TYPES = {
    "boolean": "INTEGER",
    "integer": "INTEGER",
    "many2one": "INTEGER",
    "float": "REAL",
    "monetary": "REAL",
}


@dataclass(frozen=True)
class Pivot:
    """The table behind a many2many field."""

    table: str
    own: str
    other: str


@dataclass(frozen=True)
class Field:
    """One field. `facts` are its attributes as `fields_get` gives them."""

    model: str
    name: str
    type: str
    facts: Mapping[str, Any]
    relation: str = ""
    inverse: str = ""
    related: tuple[str, ...] = ()
    computed: str = ""
    pivot: Pivot | None = None
    ondelete: str = ""

    @property
    def label(self) -> str:
        return str(self.facts["string"])

    @property
    def required(self) -> bool:
        return bool(self.facts["required"])

    @cached_property
    def is_column(self) -> bool:
        return self.type not in X2MANY and not self.related and not self.computed

    @property
    def column_type(self) -> str:
        return _COLUMN_TYPES.get(self.type, "TEXT")

    @cached_property
    def choices(self) -> dict[str, str]:
        return dict(self.facts.get("selection", ()))

    @cached_property
    def decimals(self) -> int | None:
        """How many decimals the value is rounded to, or None."""
        if self.type == "monetary":
            return 2
        digits = self.facts.get("digits")
        return int(digits[1]) if digits else None


@dataclass(frozen=True)
class Model:
    """One model with its fields; `table` is named as Odoo names it."""

    name: str
    label: str
    order: str
    searched_names: tuple[str, ...]
    fields: Mapping[str, Field]

    @property
    def table(self) -> str:
        return self.name.replace(".", "_")

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return tuple(name for name, field in self.fields.items() if field.is_column)

    @cached_property
    def defaults(self) -> Mapping[str, Any]:
        return wiring.DEFAULTS.get(self.name, {})

    @property
    def has_active(self) -> bool:
        return "active" in self.fields

    def field(self, name: str) -> Field:
        try:
            return self.fields[name]
        except (KeyError, TypeError):
            raise ValueError(f"Invalid field {name!r} on model {self.name!r}") from None


def _field(model: str, name: str, facts: dict[str, Any], known: Mapping[str, Any]) -> Field:
    pivot = wiring.PIVOTS.get((model, name))
    related = wiring.RELATED.get(model, {}).get(name, "")
    computed = wiring.COMPUTED.get(model, {}).get(name, "")
    if name == "display_name" and not computed:
        computed = "{t}.name"
    link, owner = wiring.INHERITS.get(model, ("", ""))
    if owner and not (related or computed) and not facts["store"] and name in known[owner]["fields"]:
        related = f"{link}.{name}"
    return Field(
        model=model,
        name=name,
        type=facts["type"],
        facts=facts | {"depends": [related]} if related else facts,
        relation=facts.get("relation", ""),
        inverse=facts.get("relation_field", ""),
        related=tuple(related.split(".")) if related else (),
        computed=computed,
        pivot=Pivot(*pivot) if pivot else None,
        ondelete=wiring.ONDELETE.get((model, name), "restrict" if facts["required"] else "set null"),
    )


def _attributes(facts: Mapping[str, Any], timezones: list[str]) -> dict[str, Any]:
    """The file leaves out what is usual; a client is told everything, as by Odoo."""
    usual = {
        "readonly": False,
        "required": False,
        "store": True,
        "searchable": True,
        "sortable": True,
        "company_dependent": False,
    }
    if facts["type"] in ("char", "text", "html"):
        usual["translate"] = False
    whole = {**usual, **facts}
    if facts.get("selection") == "timezones":
        whole["selection"] = [[name, name] for name in timezones]
    return whole


def _load() -> dict[str, Model]:
    document = json.loads(Path(__file__).with_name("facts.json").read_text(encoding="utf-8"))
    known = document["models"]
    models = {}
    for entry in known.values():
        for field_name, facts in entry["fields"].items():
            entry["fields"][field_name] = _attributes(facts, document["timezones"])
    for name, entry in known.items():
        fields = {
            field_name: _field(name, field_name, facts, known)
            for field_name, facts in entry["fields"].items()
        }
        models[name] = Model(name, entry["label"], entry["order"], tuple(entry["names"]), fields)
    return models


MODELS: Mapping[str, Model] = _load()
