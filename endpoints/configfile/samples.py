"""A record to try an endpoint with: values that its mapping accepts, under a name that no other record has."""

import secrets
from collections.abc import Mapping
from typing import Any

from mappings.fieldtypes import IntegerType, SelectionType, TextType, WrongValue
from mappings.paths import put
from mappings.spec import LineSpec, MappingSpec

_MOST = 5  # keys, so that a line to try is short


def sample(spec: MappingSpec) -> tuple[str, dict[str, Any]] | None:
    """The record's name and its payload; None where no value can be made up (a required relation, say)."""
    name = _name(spec.identifier)
    if name is None:
        return None
    payload: dict[str, Any] = {}
    put(payload, spec.identifier.path, name)
    count = 1
    for line in spec.lines:
        if line.identifier or not line.to_odoo:
            continue
        needed = (line.required or line.field.required) and line.default is None
        value = _value(line) if needed or count < _MOST else None
        if value is not None and _fits(line, value):
            put(payload, line.path, value)
            count += 1
        elif line.required and line.default is None:
            return None
    return str(name), payload


def _name(line: LineSpec) -> str | int | None:
    if not line.to_odoo or not line.from_odoo:
        return None
    match line.field.type:
        case TextType(size=size) if size is None or size >= 11:
            return f"DEMO-{secrets.token_hex(3).upper()}"
        case IntegerType():
            return secrets.randbelow(10**6) + 10**6
    return None


def _fits(line: LineSpec, value: Any) -> bool:
    try:
        line.parse(value)
    except WrongValue:
        return False
    return True


def _value(line: LineSpec) -> Any:
    """A made-up value, if the line requires one or it says something; never for a relation."""
    word = line.path[-1].lower()
    match line.field.type:
        case TextType(name="char", size=size):
            text = "sample@example.com" if "mail" in word else _spoken(word)
            return text[:size]
        case SelectionType(options=[(value, _), *_]) if line.required or line.field.required:
            return value
    if not (line.required or line.field.required or word in _NUMBERS):
        return None
    return _PLAIN.get(line.field.type.name)


_NUMBERS: Mapping[str, None] = dict.fromkeys(("price", "list_price", "weight", "quantity", "amount"))
_PLAIN: Mapping[str, Any] = {
    "text": "Sample",
    "html": "Sample",
    "integer": 1,
    "float": 9.5,
    "monetary": 9.5,
    "date": "2030-01-31",
    "datetime": "2030-01-31T08:00:00Z",
}


def _spoken(word: str) -> str:
    if "phone" in word or "mobile" in word:
        return "+32 2 555 01 02"
    if "zip" in word or "postal" in word:
        return "1000"
    return f"Sample {word.replace('_', ' ')}"
