"""Numbers."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

from mappings.fieldtypes import WrongValue, json_name
from mappings.steps.step import Step

_LONGEST_NUMBER = 1000
_NO_FRACTION = 1e15  # a float of this size has no decimals that could be rounded


@dataclass(frozen=True)
class Rounded(Step):
    """Rounded to so many decimals, halves away from zero as Odoo does."""

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
    """A number as text: `1.234,56`. The signs between thousands are either left out or all in their places."""

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
