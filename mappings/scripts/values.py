"""What comes out of the sandbox, looked at again outside it."""

import json
from math import isfinite
from typing import Any

import orjson

from mappings.scripts.data import DEEPEST, Kind, ScriptError
from synchub.odoo.wire import unsendable_text

LARGEST = 2**63


def read_page(text: Any) -> tuple[list[Any], dict[str, Any], bool]:
    """A page's values as the sandbox wrote them, what else it says of some of the runs, and whether each value is known
    to pass `checked`.

    Nearly every page is, by a look at its text as a whole: that is many times as fast as at each value. That their keys
    are texts, the sandbox has seen to. Raises ScriptError where there is no page.
    """
    if type(text) is not str:
        raise _wrong("it cannot be read")
    data = text.encode("utf-8", "surrogatepass")
    sure = (
        not any(sign in data for sign in _DOUBTFUL)
        and _LONG_NUMBER not in data.translate(_DIGITS)
        and _is_shallow(data)
    )
    try:
        page = orjson.loads(data) if sure else json.loads(text)
        return list(page["values"]), dict(page["more"]), sure
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _wrong("it cannot be read") from None


# JSON has no raw control characters. These may stand for one that cannot travel, or be one of the two non-characters
# that are written as they are; and a number so long may be too large.
_DOUBTFUL = (b"\\u", b"\\b", b"\\f", "\ufffe".encode(), "\uffff".encode())
_DIGITS = bytes(ord("0") if byte in b"0123456789" else ord(" ") for byte in range(256))
_LONG_NUMBER = b"0" * 19


def _is_shallow(data: bytes) -> bool:
    """Whether no value is nested too deeply, by the brackets alone: each round takes away one or two levels of them.

    Brackets in texts make it look at each value, unless they hide how deep one is; the sandbox writes none that is too
    deep for whoever reads it.
    """
    brackets = data.translate(None, _NO_BRACKETS)
    for _ in range(DEEPEST // 2):  # the page itself has two
        if not brackets:
            return True
        brackets = brackets.replace(b"{}", b"").replace(b"[]", b"")
    return not brackets


_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


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
