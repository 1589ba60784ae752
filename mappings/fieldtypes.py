"""Odoo's field types: how a value looks in JSON, in the hub and on the wire.

Three shapes of one value:

    JSON       what a consumer sends and sees          null, "2026-01-31T08:00:00Z"
    canonical  what the hub keeps and compares         None, "2026-01-31 08:00:00"
    wire       what Odoo sends and takes               False, "2026-01-31 08:00:00"

`parse` is JSON → canonical and refuses with a sentence (`WrongValue`); the other three never fail for values that
came through it or from Odoo. Canonical values are JSON-serialisable, and None is "empty" for every type
but boolean.
"""

import base64
import binascii
import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from synchub.errors import HubError
from synchub.odoo.wire import unsendable_text

INT32_MAX = 2**31 - 1
_CENTS = 2  # of most currencies: which one it is, only the record knows


class WrongValue(HubError):
    """A JSON value does not fit the field; the text says what would. `code` is the API's error code."""

    def __init__(self, text: str, code: str = "TYPE") -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True)
class FieldType:
    """Readable whatever it is, but not writable: the fallback for types the hub does not know."""

    name: str
    writable = False
    # What PostgreSQL has to cast a canonical value to, to compare it: "text", "numeric", "boolean"; "" for lists.
    compared_as = "text"

    def parse(self, value: Any) -> Any:
        raise WrongValue(f"a field of type {self.name} cannot be written", "READONLY")

    def from_wire(self, value: Any) -> Any:
        return None if value is False else value

    def to_wire(self, value: Any) -> Any:
        return False if value is None else value

    def present(self, value: Any) -> Any:
        return value


@dataclass(frozen=True)
class TextType(FieldType):
    size: int | None = None
    writable = True

    def parse(self, value: Any) -> str | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise WrongValue(f"a text is expected, not {json_name(value)}")
        bad = unsendable_text(value)
        if bad is not None:
            raise WrongValue(f"the text holds the character {bad}, which Odoo cannot take")
        if self.size and len(value) > self.size:
            raise WrongValue(f"the text has {len(value)} characters; Odoo takes {self.size}")
        return value

    def from_wire(self, value: Any) -> Any:
        # Odoo knows two empty texts, of which nobody outside wants to tell one from the other.
        return None if value is False or value == "" else value


@dataclass(frozen=True)
class PerLanguageText(TextType):
    """A text whose other languages stand beside it: Odoo's False would empty them all."""

    def to_wire(self, value: Any) -> Any:
        return "" if value is None else value


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
class BooleanType(FieldType):
    writable = True
    compared_as = "boolean"

    def parse(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise WrongValue(f"true or false is expected, not {json_name(value)}")
        return value

    def from_wire(self, value: Any) -> bool:
        return bool(value)

    def to_wire(self, value: Any) -> bool:
        return bool(value)


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


@dataclass(frozen=True)
class SelectionType(FieldType):
    options: tuple[tuple[Any, str], ...] = ()
    writable = True

    def parse(self, value: Any) -> Any:
        if value is None:
            return None
        value = whole(value)
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise WrongValue(f"one of {self.offered()} is expected, not {json_name(value)}", "SELECTION")
        # Odoo's values are texts, of which some are numbers: a priority is "1".
        text = str(value)
        for option, _ in self.options:
            if str(option) == text:
                return option
        by_label = [option for option, label in self.options if label.casefold() == text.casefold()]
        if len(by_label) == 1:
            return by_label[0]
        raise WrongValue(f"{json_name(value)} is none of {self.offered()}", "SELECTION")

    def offered(self) -> str:
        shown = [str(option) for option, _ in self.options[:12]]
        return ", ".join(shown) + (", …" if len(self.options) > 12 else "")


@dataclass(frozen=True)
class BinaryType(FieldType):
    writable = True

    def parse(self, value: Any) -> str | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise WrongValue(f"base64 text is expected, not {json_name(value)}")
        try:
            raw = base64.b64decode("".join(value.split()), validate=True)
        except (binascii.Error, ValueError):
            raise WrongValue("the text is not base64") from None
        return base64.b64encode(raw).decode() or None

    def from_wire(self, value: Any) -> Any:
        if isinstance(value, bytes):
            value = base64.b64encode(value).decode()
        return "".join(value.split()) if isinstance(value, str) and value else None


@dataclass(frozen=True)
class Many2oneType(FieldType):
    relation: str = ""
    writable = True
    compared_as = "numeric"

    def parse(self, value: Any) -> int | None:
        return None if value is None else odoo_id(value)

    def from_wire(self, value: Any) -> Any:
        # A bare id with load='', [id, name] without.
        if isinstance(value, (list, tuple)):
            value = value[0] if value else False
        return value or None


@dataclass(frozen=True)
class X2manyType(FieldType):
    relation: str = ""
    writable = True
    compared_as = ""

    def parse(self, value: Any) -> list[int]:
        if value is None:
            return []
        if not isinstance(value, list):
            raise WrongValue(f"a list of Odoo ids is expected, not {json_name(value)}")
        return sorted({odoo_id(item) for item in value})

    def from_wire(self, value: Any) -> list[int]:
        return sorted(value) if isinstance(value, (list, tuple)) else []

    def to_wire(self, value: Any) -> list[list[Any]]:
        return [[6, 0, value or []]]


@dataclass(frozen=True)
class ReferenceType(FieldType):
    writable = True

    def parse(self, value: Any) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z0-9_.]*,[1-9][0-9]{0,9}", value):
            raise WrongValue(f"a reference like res.partner,7 is expected, not {json_name(value)}")
        odoo_id(int(value.partition(",")[2]))
        return value


@dataclass(frozen=True)
class Refusing(FieldType):
    """A field that its line no longer fits: shown as `inner` shows it, never written."""

    inner: FieldType

    @property
    def compared_as(self) -> str:  # type: ignore[override]
        return self.inner.compared_as

    def parse(self, value: Any) -> Any:
        # Consumers are not told how things are called in Odoo; administrators are, by `drift`.
        raise WrongValue(
            "it cannot be written now, because its field has changed in Odoo; an administrator has to mend its line",
            "READONLY",
        )

    def from_wire(self, value: Any) -> Any:
        return self.inner.from_wire(value)

    def to_wire(self, value: Any) -> Any:
        return self.inner.to_wire(value)

    def present(self, value: Any) -> Any:
        return self.inner.present(value)


def whole(value: Any) -> Any:
    """5.0 is 5: JSON has one kind of number, and some writers put a point into each."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def odoo_id(value: Any) -> int:
    value = whole(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongValue(f"an Odoo id (a whole number) is expected, not {json_name(value)}")
    if not 0 < value <= INT32_MAX:
        raise WrongValue(f"{value if abs(value) < 10**12 else 'the number'} cannot be an Odoo id")
    return value


def json_name(value: Any) -> str:
    """What a JSON value is called in a message; short texts and numbers are quoted."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"“{value}”" if len(value) <= 40 and value.isprintable() else "this text"
    if isinstance(value, (int, float)):
        return str(value) if abs(value) < 10**12 else "this number"
    return "a list" if isinstance(value, list) else "an object"


def field_type(facts: dict[str, Any]) -> FieldType:
    """The type of a field, from what `fields_get` says of it."""
    name = str(facts.get("type", "unknown"))
    match name:
        case "char" | "text" | "html":
            return TextType(name, size=facts.get("size") or None)
        case "integer":
            return IntegerType(name)
        case "float":
            digits = facts.get("digits")
            return FloatType(name, digits=int(digits[1]) if digits else None)
        case "monetary":
            return FloatType(name, digits=_CENTS)
        case "boolean":
            return BooleanType(name)
        case "date":
            return DateType(name)
        case "datetime":
            return DatetimeType(name)
        case "selection":
            return SelectionType(
                name, options=tuple((value, str(label)) for value, label in facts.get("selection") or ())
            )
        case "binary" | "image":
            return BinaryType(name)
        case "many2one":
            return Many2oneType(name, relation=facts.get("relation") or "")
        case "many2one_reference":
            return Many2oneType(name)
        case "one2many" | "many2many":
            return X2manyType(name, relation=facts.get("relation") or "")
        case "reference":
            return ReferenceType(name)
        case _:
            return FieldType(name)
