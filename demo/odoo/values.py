"""One value of a field: from a client to its column, from its column to the wire."""

import base64
import binascii
import html
import math
import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from demo.odoo.errors import DatabaseError, UserError, not_a
from demo.odoo.models import Field

DATE = "%Y-%m-%d"
DATETIME = "%Y-%m-%d %H:%M:%S"
_TAG = re.compile(r"</?[a-zA-Z]")
_BLOCK = re.compile(r"(?i)<(p|div|h[1-6]|ul|ol|table|section|article|blockquote|pre|header|footer|span)\b")
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
        return value[:19].lstrip("0")
    if field.type == "date":
        return value.lstrip("0")  # `strftime` writes no zeros in front of a year
    return value


def rounded(value: float, decimals: int) -> float:
    """Half away from zero, as Odoo's `float_round`; Python's own `round` goes to the even digit."""
    if not math.isfinite(value):
        round(value)  # raises what Odoo raises
    scaled = abs(value) * 10**decimals
    nearest = math.floor(scaled + 0.5 + scaled * 2e-16)
    return math.copysign(nearest / 10**decimals, value) if nearest else 0.0


def parse_date(value: Any) -> str | None:
    """`Date.to_date`: text is cut to ten characters first."""
    if not value:
        return None
    if isinstance(value, (datetime, date)):
        return value.strftime(DATE).zfill(10)
    return datetime.strptime(value[:10], DATE).date().isoformat()


def parse_datetime(value: Any) -> str | None:
    """`Datetime.to_datetime`, UTC; a bare date is its midnight."""
    if not value:
        return None
    # The pattern is cut to the text's length: Odoo takes a date, or a time without seconds, as well.
    parsed = value if isinstance(value, datetime) else datetime.strptime(value, DATETIME[: len(value) - 2])
    return parsed.strftime(DATETIME).zfill(19) + ".000000"


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
    text = re.sub(r"(?is)<(script|style)\b.*?</\1>", "", str(value)).strip()
    text = re.sub(r"<(br|hr)\s*/>", r"<\1>", text)
    if not text or _BLOCK.match(text):
        return text
    if _TAG.match(text):
        return f"<span>{text}</span>"
    return f"<p>{text if _TAG.search(text) else html.escape(html.unescape(text), quote=False)}</p>"


def _integer(_field: Field, value: Any) -> int | None:
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
    if isinstance(value, str) and value and not value.lstrip("-").isdecimal():
        raise not_a("InvalidTextRepresentation", "integer", value)
    return None if isinstance(value, (list, tuple, bool, str)) or not value else _integer(field, value)


def _binary(field: Field, value: Any) -> str | None:
    if not value:
        return None
    text = value.decode("ascii") if isinstance(value, bytes) else str(getattr(value, "data", value))
    is_image = field.name.startswith("image_") or field.name == "logo"
    try:
        content = base64.b64decode(text)
    except binascii.Error:
        if is_image:
            raise UserError("Image is not encoded in base64.") from None
        raise
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
