"""What comes out of the sandbox, looked at again outside it."""

from math import isfinite
from typing import Any

from mappings.scripts.data import Kind, ScriptError
from synchub.odoo.wire import unsendable_text

DEEPEST = 32
LARGEST = 2**63


def checked(value: Any, depth: int = 0) -> Any:
    """`value`, if it is plain JSON that can travel to Odoo and to consumers. Raises ScriptError."""
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is str:
        return _text(value)
    if kind is int:
        if not -LARGEST <= value < LARGEST:
            raise _wrong("the number is too large")
        return value
    if kind is float:
        if not isfinite(value):
            raise _wrong("the number is not finite")
        return value
    if depth > DEEPEST:
        raise _wrong("the value is nested too deeply")
    if kind is list:
        return [checked(item, depth + 1) for item in value]
    if kind is dict:
        return {_key(key): checked(item, depth + 1) for key, item in value.items()}
    raise _wrong(f"the value has no form in JSON: {kind.__name__}")


def _text(text: str) -> str:
    bad = unsendable_text(text)
    if bad is not None:
        raise _wrong(f"the text holds the character {bad}, which cannot travel")
    return text


def _key(key: Any) -> str:
    if type(key) is not str:
        raise _wrong(f"a key of the value is not text but {type(key).__name__}")
    return _text(key)


def _wrong(message: str) -> ScriptError:
    return ScriptError(f"The value cannot be used: {message}.", kind=Kind.VALUE)
