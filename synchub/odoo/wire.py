"""Values on their way to Odoo: what XML-RPC can carry, checked before anything is sent.

`xmlrpc.client.dumps` writes NUL, lone surrogates and NaN without a word and Odoo then answers with a parser's
traceback; an integer over 32 bits fails inside it without saying which one. Here every such value is named.
"""

import re
import xmlrpc.client
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from synchub.errors import ValueNotSendable

SMALLEST, LARGEST = -(2**31), 2**31 - 1
DEEPEST = 64

# What XML 1.0 has no place for: control characters but tab, LF and CR; surrogates; two non-characters.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Path = tuple[str | int, ...]


class RowNotSendable(ValueNotSendable):
    """As its base; `row` is the place in a list of records (from 0), None where there is no such list."""

    def __init__(self, field: str, reason: str, *, row: int | None = None) -> None:
        super().__init__(field, reason if row is None else f"{reason} (record {row} of the list)")
        self.row = row


def unsendable_text(text: str) -> str | None:
    """Name the first character of `text` that XML cannot carry, as `U+0000`; None if there is none."""
    found = _FORBIDDEN.search(text)
    return f"U+{ord(found.group()):04X}" if found else None


def sendable(value: Any, path: Path = ()) -> Any:
    """Return `value` as XML-RPC and Odoo take it: None, bool, int, float, str, list, dict of these.

    bytes become base64 text, datetimes `YYYY-MM-DD HH:MM:SS` in UTC (one without a zone is taken as UTC),
    dates `YYYY-MM-DD`, Decimals floats, tuples lists. Raises RowNotSendable, a ValueNotSendable; `path` is
    where `value` sits, for that error's text.
    """
    # Exact types first: nearly every value is one of these.
    kind = type(value)
    if kind is str:
        if _FORBIDDEN.search(value):
            raise _at(path, f"holds the character {unsendable_text(value)}, which cannot travel in XML")
        return value
    if kind is bool or value is None:
        return value
    if kind is int:
        if not SMALLEST <= value <= LARGEST:
            raise _at(
                path,
                f"is outside the 32-bit integers that Odoo's interface carries ({SMALLEST} to {LARGEST})",
            )
        return value
    if kind is float:
        if not isfinite(value):
            raise _at(path, "is not a finite number")
        return value
    if kind is list or kind is tuple or kind is dict:
        return _container(value, path)
    return _converted(value, path)


def sendable_rows(fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """`sendable` for the rows of `load`, whose cells take their names from `fields`."""
    checked = []
    for number, row in enumerate(rows):
        if len(row) != len(fields):
            raise RowNotSendable("row", f"has {len(row)} cells for {len(fields)} fields", row=number)
        checked.append([sendable(cell, (number, name)) for name, cell in zip(fields, row, strict=True)])
    return checked


def encode(method: str, params: tuple[Any, ...]) -> bytes:
    """The body of a request; `params` are values that `sendable` gave."""
    text = xmlrpc.client.dumps(params, method, allow_none=True)
    # A parser turns a bare CR into LF. All of them stand in texts: `dumps` itself breaks lines with LF only.
    return text.replace("\r", "&#13;").encode()


def _container(value: Any, path: Path) -> Any:
    if len(path) >= DEEPEST:
        raise _at(path, f"is nested deeper than {DEEPEST} levels")
    if isinstance(value, Mapping):
        return {_key(key, path): sendable(item, (*path, key)) for key, item in value.items()}
    return [sendable(item, (*path, index)) for index, item in enumerate(value)]


def _key(key: Any, path: Path) -> str:
    if not isinstance(key, str):
        raise _at(path, f"has a key that is not text but {type(key).__name__}")
    if _FORBIDDEN.search(key):
        raise _at(path, f"has a key with the character {unsendable_text(key)}, which cannot travel in XML")
    return str.__str__(key)


def _converted(value: Any, path: Path) -> Any:
    """The rarer types, and subclasses of the plain ones: `dumps` knows neither."""
    match value:
        case str():
            return sendable(str.__str__(value), path)
        case int():
            return sendable(int(value), path)
        case float() | Decimal():
            # A signalling NaN refuses to become a float, so that it is asked first.
            return sendable(float(value) if isfinite_number(value) else float("nan"), path)
        case datetime():
            if value.tzinfo is not None:
                value = value.astimezone(UTC).replace(tzinfo=None)
            return value.isoformat(sep=" ", timespec="seconds")
        case date():
            return value.isoformat()
        case bytes() | bytearray() | memoryview():
            return b64encode(value).decode("ascii")
        case Mapping() | list() | tuple():
            return _container(value, path)
    raise _at(path, f"is of the type {type(value).__name__}, which Odoo's interface does not know")


def isfinite_number(value: float | Decimal) -> bool:
    """`math.isfinite` that knows Decimals, signalling NaN included."""
    return value.is_finite() if isinstance(value, Decimal) else isfinite(value)


def _at(path: Path, reason: str) -> RowNotSendable:
    """An error at `path`: `(3, "line_ids", 0, 2, "price")` is field `line_ids.0.price` of record 3.

    A path begins with the places in the list of records; the 2 of a command `(0, 0, values)` says nothing to
    a person and is left out.
    """
    first_key = next((place for place, part in enumerate(path) if isinstance(part, str)), None)
    if first_key is None:
        return RowNotSendable(".".join(["value", *map(str, path)]), reason)
    row = path[first_key - 1] if first_key else None
    inner = path[first_key:]
    named = [
        str(part)
        for place, part in enumerate(inner)
        if not (
            part == 2
            and place >= 2
            and isinstance(inner[place - 1], int)
            and place + 1 < len(inner)
            and isinstance(inner[place + 1], str)
        )
    ]
    return RowNotSendable(".".join(named), reason, row=row if isinstance(row, int) else None)
