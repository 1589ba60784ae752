"""One value of a field: from a client to its column, from its column to the wire."""

import base64
import html
import math
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from demo.odoo.errors import DatabaseError, UserError
from demo.odoo.models import Field

DATE = "%Y-%m-%d"
DATETIME = "%Y-%m-%d %H:%M:%S"
_IMAGE_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"<svg", b"<?xml", b"BM")


def to_column(field: Field, value: Any) -> Any:
    """A client's value as the column keeps it; raises what a real Odoo raises."""
    return _WRITERS[field.type](field, value)


def to_wire(field: Field, value: Any) -> Any:
    """A column's value as a client gets it (a many2one as its bare id)."""
    if field.type in ("integer", "float", "monetary"):
        return value if value is not None else (0 if field.type == "integer" else 0.0)
    if field.type == "boolean":
        return bool(value)
    if value is None or (field.type in ("many2one", "binary") and not value):
        return False
    if field.type == "datetime":
        return value[:19]
    return value


def rounded(value: float, decimals: int) -> float:
    """Half away from zero, as Odoo's `float_round`; Python's own `round` goes to the even digit."""
    if not math.isfinite(value):
        return value
    scaled = abs(value) * 10**decimals
    nearest = math.floor(scaled + 0.5 + scaled * 2e-16)
    return math.copysign(nearest / 10**decimals, value) if nearest else 0.0


def parse_date(value: Any) -> str | None:
    """`Date.to_date`: text is cut to ten characters first."""
    if not value:
        return None
    if isinstance(value, (datetime, date)):
        return value.strftime(DATE)
    return datetime.strptime(value[:10], DATE).strftime(DATE)  # noqa: DTZ007 — a date has no time zone


def parse_datetime(value: Any) -> str | None:
    """`Datetime.to_datetime`, UTC; a bare date is its midnight."""
    if not value:
        return None
    if isinstance(value, datetime):
        parsed = value
    else:
        text = value[:19]
        parsed = datetime.strptime(text + " 00:00:00" if len(text) == 10 else text, DATETIME)  # noqa: DTZ007
    return parsed.strftime(DATETIME) + ".000000"


def _text(field: Field, value: Any) -> str | None:
    if value is None or value is False:
        return None
    text = str(value)
    size = field.facts.get("size")
    return text[:size] if size else text


def _html(_field: Field, value: Any) -> str | None:
    """A small part of what Odoo's sanitizer does: bare text becomes a paragraph, scripts go."""
    if value is None or value is False:
        return None
    text = str(value)
    if not text.strip():
        return text
    if not text.lstrip().startswith("<"):
        return f"<p>{html.escape(html.unescape(text), quote=False) if '<' not in text else text}</p>"
    return re.sub(r"(?is)<(script|style)\b.*?</\1>", "", text)


def _integer(field: Field, value: Any) -> int | None:
    number = int(value or 0)
    if not -(2**31) <= number < 2**31:
        raise DatabaseError("errors.NumericValueOutOfRange", "integer out of range\n")
    return number


def _float(field: Field, value: Any) -> float:
    number = float(value or 0.0)
    return number if field.decimals is None else rounded(number, field.decimals)


def _selection(field: Field, value: Any) -> str | None:
    if value is None or value is False or value == "":
        return None
    if value not in field.choices:
        raise ValueError(f"Wrong value for {field.model}.{field.name}: {value!r}")
    return str(value)


def _many2one(field: Field, value: Any) -> int | None:
    if isinstance(value, (list, tuple)):
        value = value[0] if value else None
    if not value:
        return None
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            raise DatabaseError(
                "errors.InvalidTextRepresentation", f'invalid input syntax for type integer: "{value}"'
            ) from None
    return _integer(field, value)


def _binary(field: Field, value: Any) -> str | None:
    if not value:
        return None
    text = value.decode("ascii") if isinstance(value, bytes) else str(getattr(value, "data", value))
    content = base64.b64decode(text)
    is_image = field.name.startswith("image_") or field.name == "logo"
    if is_image and not content.startswith(_IMAGE_STARTS):
        raise UserError("This file could not be decoded as an image file.")
    return text


_WRITERS: dict[str, Callable[[Field, Any], Any]] = {
    "char": _text,
    "text": _text,
    "html": _html,
    "boolean": lambda _field, value: bool(value),
    "integer": _integer,
    "float": _float,
    "monetary": _float,
    "selection": _selection,
    "date": lambda _field, value: parse_date(value),
    "datetime": lambda _field, value: parse_datetime(value),
    "many2one": _many2one,
    "binary": _binary,
}
