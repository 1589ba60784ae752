"""Texts."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mappings.steps.step import Step


def _title(text: str) -> str:
    """Each word with a capital: “o'neil and SONS” → “O'neil And Sons”."""
    return re.sub(r"\S+", lambda word: word[0][:1].title() + word[0][1:].lower(), text)


_CASES: dict[str, Callable[[str], str]] = {
    "": str,
    "upper": str.upper,
    "lower": str.lower,
    "title": _title,
}


# Odoo and PostgreSQL compare letter by letter, and miss that some texts are shown alike: “SS” may come from “ß”, “Σ” from “ς”
# and “σ”. A backslash may have a meaning in a pattern of Odoo's.
_SEVERAL_WAYS = re.compile(r"ss|σ|\\", re.IGNORECASE)


@dataclass(frozen=True)
class Tidied(Step):
    """A text without space around it, in capitals, and so on. `only_inward`: Odoo's texts are shown unchanged."""

    trim: bool = False
    case: str = ""  # upper, lower, title
    only_inward: bool = False

    def inward(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        text = value
        for _ in range(4):  # a few letters, such as “ŉ”, change again when the change is repeated
            tidied = _CASES[self.case](text.strip() if self.trim else text)
            if tidied == text:
                break
            text = tidied
        return text

    def outward(self, value: Any) -> Any:
        return value if self.only_inward else self.inward(value)

    def near(self, value: Any) -> list[tuple[str, Any]]:
        if value is None or self.only_inward:
            return []
        return [("ilike", part) for part in _SEVERAL_WAYS.split(value) if part] or [("!=", None)]
