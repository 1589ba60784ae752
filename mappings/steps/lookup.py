"""Lookup tables."""

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mappings.fieldtypes import WrongValue, json_name
from mappings.steps.step import Step


def scalar(value: Any) -> tuple[str, Any]:
    """A key for a JSON scalar: 1 and true are different, 1 and 1.0 are the same."""
    if value is None or isinstance(value, bool):
        return ("constant", value)
    return ("number", value) if isinstance(value, (int, float)) else ("text", value)


@dataclass(frozen=True)
class Lookup(Step):
    """`rows` are pairs (external, Odoo's), both as JSON; `unknown` is error, pass or empty.

    null without a row is null. Values from Odoo cannot be refused: an unknown one is null, unless it is passed on.
    """

    table: str
    rows: tuple[tuple[Any, Any], ...]
    unknown: str = "error"
    empty: Any = None  # what the field's type takes for "empty"

    @cached_property
    def _inward(self) -> dict[tuple[str, Any], Any]:
        return {scalar(external): odoo for external, odoo in self.rows}

    @cached_property
    def _outward(self) -> dict[tuple[str, Any], Any]:
        return {scalar(odoo): external for external, odoo in self.rows}

    def inward(self, value: Any) -> Any:
        if not isinstance(value, (list, dict)) and scalar(value) in self._inward:
            return self._inward[scalar(value)]
        if value is None:
            return self.empty
        if self.unknown == "error":
            raise self.unknown_value(value)
        return value if self.unknown == "pass" else self.empty

    def unknown_value(self, value: Any) -> WrongValue:
        """The refusal of a value that has no row."""
        known = ", ".join(_shown(external) for external, _ in self.rows[:12])
        more = ", …" if len(self.rows) > 12 else ""
        return WrongValue(f"{json_name(value)} is none of {known or 'no values'}{more}", "SELECTION")

    def outward(self, value: Any) -> Any:
        if isinstance(value, (list, dict)):
            return value
        return self._outward.get(scalar(value), value if self.unknown == "pass" else None)

    def from_text(self, text: str) -> Any:
        """The external value that a text in a URL means."""
        return next((external for external, _ in self.rows if _shown(external) == text), text)

    def parted(self, text: str) -> tuple[list[Any], list[Any]]:
        """Odoo's values in the rows: those shown as this text of a URL, and the others. The empty text also means null."""
        alike: list[Any] = []
        others: list[Any] = []
        for external, odoo in self.rows:
            shown = "" if external is None else _shown(external)
            (alike if shown == text else others).append(odoo)
        return alike, others


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
