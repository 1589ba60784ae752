"""Numbers, days and moments."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from mappings.fieldtypes.base import INT32_MAX, FieldType, WrongValue, json_name, whole


@dataclass(frozen=True)
class IntegerType(FieldType):
    writable = True
    compared_as = "numeric"

    def parse(self, value: Any) -> int | None:
        if value is None:
            return None
        value = whole(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise WrongValue(f"a whole number is expected, not {json_name(value)}")
        if not -INT32_MAX - 1 <= value <= INT32_MAX:
            raise WrongValue("the number does not fit in 32 bits")
        return value

    def from_wire(self, value: Any) -> Any:
        # Odoo sends False for numbers that were never set in a few places (computed, related).
        return 0 if value is False or value is None else value


@dataclass(frozen=True)
class FloatType(FieldType):
    digits: int | None = None
    """Decimals that Odoo keeps; None where it keeps all."""
    writable = True
    compared_as = "numeric"

    def parse(self, value: Any) -> float | None:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise WrongValue(f"a number is expected, not {json_name(value)}")
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise WrongValue("the number is too large")
        return number

    def from_wire(self, value: Any) -> Any:
        number = 0.0 if value is False or value is None else float(value)
        # PostgreSQL keeps NaN and infinity as well, which JSON has no word for.
        return number if math.isfinite(number) else None

    def rounds_to(self, sent: float, there: float) -> bool:
        """May Odoo have made the second of the first?"""
        return sent == there or (self.digits is not None and abs(sent - there) <= 0.500001 * 10**-self.digits)


@dataclass(frozen=True)
class DateType(FieldType):
    writable = True

    def parse(self, value: Any) -> str | None:
        if value is None:
            return None
        try:
            if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
                raise ValueError
            return date.fromisoformat(value).isoformat()
        except ValueError:
            raise WrongValue(f"a date like 2026-01-31 is expected, not {json_name(value)}") from None

    def from_wire(self, value: Any) -> Any:
        # Odoo writes the years before 1000 without zeros in front.
        return value.zfill(10) if isinstance(value, str) else super().from_wire(value)


@dataclass(frozen=True)
class DatetimeType(FieldType):
    writable = True

    def parse(self, value: Any) -> str | None:
        if value is None:
            return None
        try:
            if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", value):
                raise ValueError
            moment = datetime.fromisoformat(value)
            # Without an offset it is UTC, as Odoo itself reads it. Odoo keeps whole seconds.
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise WrongValue(
                f"a date and time like 2026-01-31T08:00:00Z is expected, not {json_name(value)}"
            ) from None
        return moment.replace(tzinfo=None, microsecond=0).isoformat(sep=" ")

    def from_wire(self, value: Any) -> Any:
        return value.zfill(19) if isinstance(value, str) else super().from_wire(value)

    def present(self, value: Any) -> Any:
        return f"{value[:10]}T{value[11:19]}Z" if isinstance(value, str) and len(value) >= 19 else value
