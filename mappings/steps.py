"""What a line does with a value without code: steps between the JSON outside and the JSON that its field's type takes.

Each step goes both ways, and they are composed: `inward` in order, then the type's `parse`; the type's `present`, then
`outward` in the opposite order. `inward` refuses with a sentence (WrongValue); `outward` never fails. What `inward`
has let in comes back the same after `outward` and `inward`.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from mappings.fieldtypes import WrongValue, json_name

_LONGEST_NUMBER = 1000
_NO_FRACTION = 1e15  # a float of this size has no digits behind the point that could be rounded


class Step:
    """Nothing is done to a value, whichever way it goes."""

    def inward(self, value: Any) -> Any:
        return value

    def outward(self, value: Any) -> Any:
        return value

    def near(self, value: Any) -> list[tuple[str, Any]]:
        """Where other values of Odoo are shown like this one: terms (operator, value) that hold for all of them, and may
        hold for more. All three are what the field's type makes of them."""
        return []


# Lookup tables ---------------------------------------------------------------------------------------------------


def scalar(value: Any) -> tuple[str, Any]:
    """By what a JSON scalar is known: 1 and true are different things, 1 and 1.0 are not."""
    if value is None or isinstance(value, bool):
        return ("constant", value)
    return ("number", value) if isinstance(value, (int, float)) else ("text", value)


@dataclass(frozen=True)
class Lookup(Step):
    """`rows` are pairs (external, of Odoo), both as JSON; `unknown` is error, pass or empty.

    null that is in no row is null. Odoo cannot be refused: of an unknown value of its own, only `pass` shows anything.
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
        """The refusal of one that is in no row."""
        known = ", ".join(_shown(external) for external, _ in self.rows[:12])
        more = ", …" if len(self.rows) > 12 else ""
        return WrongValue(f"{json_name(value)} is none of {known or 'no values'}{more}", "SELECTION")

    def outward(self, value: Any) -> Any:
        if isinstance(value, (list, dict)):
            return value
        return self._outward.get(scalar(value), value if self.unknown == "pass" else None)

    def from_text(self, text: str) -> Any:
        """The external value that this text of an address means."""
        return next((external for external, _ in self.rows if _shown(external) == text), text)

    def parted(self, text: str) -> tuple[list[Any], list[Any]]:
        """The values of Odoo in its rows: those that are shown as this text of an address, and the others. The empty text
        means null as well."""
        alike: list[Any] = []
        others: list[Any] = []
        for external, odoo in self.rows:
            shown = "" if external is None else _shown(external)
            (alike if shown == text else others).append(odoo)
        return alike, others


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


# Numbers -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rounded(Step):
    """To so many decimals, halves away from zero as Odoo does it."""

    decimals: int

    def inward(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return value  # the type says what it expected
        if not abs(value) < _NO_FRACTION:
            return value
        step = Decimal(1).scaleb(-self.decimals)
        rounded = Decimal(repr(value)).quantize(step, ROUND_HALF_UP)
        return float(rounded)

    outward = inward

    def near(self, value: Any) -> list[tuple[str, Any]]:
        if value is None:
            return []
        step = 10.0**-self.decimals
        return [(">=", value - step), ("<=", value + step)]


@dataclass(frozen=True)
class NumberText(Step):
    """A number as text: `1.234,56`. What separates thousands may be left out, or stand where it belongs."""

    decimal_sign: str
    thousands_sign: str = ""
    decimals: int | None = None

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        thousands = re.escape(self.thousands_sign)
        whole = rf"[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+|[0-9]+" if thousands else "[0-9]+"
        return re.compile(rf"(-?)({whole})(?:{re.escape(self.decimal_sign)}([0-9]+))?")

    def inward(self, value: Any) -> Any:
        if value is None or value == "":
            return None
        found = None
        if isinstance(value, str) and len(value) <= _LONGEST_NUMBER:
            found = self._pattern.fullmatch(value.strip())
        if found is None:
            raise WrongValue(
                f"a number as text like “{self.outward(1234.5)}” is expected, not {json_name(value)}"
            )
        sign, whole, fraction = found.groups()
        whole = whole.replace(self.thousands_sign, "") if self.thousands_sign else whole
        if fraction is None:
            return int(sign + whole)
        return float(f"{sign}{whole}.{fraction}")

    def outward(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return value
        number = Decimal(repr(value))
        whole, _, fraction = f"{abs(number):f}".partition(".")
        fraction = fraction.rstrip("0")
        if self.decimals is not None:
            fraction = fraction.ljust(self.decimals, "0")
        if self.thousands_sign:
            whole = f"{int(whole):,}".replace(",", self.thousands_sign)
        sign = "-" if number < 0 else ""
        return f"{sign}{whole}{self.decimal_sign}{fraction}" if fraction else f"{sign}{whole}"


# Text --------------------------------------------------------------------------------------------------------------


def _title(text: str) -> str:
    """Each word with a capital: “o'neil and SONS” → “O'neil And Sons”."""
    return re.sub(r"\S+", lambda word: word[0][:1].title() + word[0][1:].lower(), text)


_CASES: dict[str, Callable[[str], str]] = {
    "": str,
    "upper": str.upper,
    "lower": str.lower,
    "title": _title,
}


# Where a comparison letter by letter, as Odoo and PostgreSQL make it, does not see that two texts are shown alike: “SS” comes
# from “ß” too, “ς” and “σ” both from “Σ”. In a pattern of Odoo's a backslash may be no letter.
_SEVERAL_WAYS = re.compile(r"ss|σ|\\", re.IGNORECASE)


@dataclass(frozen=True)
class Tidied(Step):
    """Without space around it, in capitals, …. `only_inward` shows what Odoo has as it is there."""

    trim: bool = False
    case: str = ""  # upper, lower, title
    only_inward: bool = False

    def inward(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        text = value
        for _ in range(4):  # a few letters change once more when they are changed again: “ŉ”
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
