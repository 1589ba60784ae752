"""Reading a request's body: JSON, strictly, with an error that says what is wrong and where."""

import json
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError

from endpoints.api.errors import ApiError

MAX_DEPTH = 32
MAX_DIGITS = 400


def read_json(request: HttpRequest) -> Any:
    """The body as an object or a list of objects. Raises ApiError (400, 411, 413, 415)."""
    content_type = request.content_type or ""
    if content_type != "application/json" and not content_type.endswith("+json"):
        raise ApiError(415, "Send JSON, with the header Content-Type: application/json.")
    if request.META.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() not in ("", "identity"):
        raise ApiError(415, "Send the body as it is, without Content-Encoding; a compressed one is not read.")
    if not request.META.get("CONTENT_LENGTH") and request.META.get("HTTP_TRANSFER_ENCODING"):
        raise ApiError(411, "Send the body's length (Content-Length); a chunked body is not read.")
    length = announced(request, settings.API_MAX_BODY)
    try:
        raw = request.body
    except RequestDataTooBig:
        raise ApiError(413, f"The body is larger than {settings.API_MAX_BODY} bytes.") from None
    except UnreadablePostError:
        raise ApiError(400, "The body did not arrive whole.") from None
    if len(raw) < length:  # a server may hand over what came before the connection broke
        raise ApiError(400, "The body did not arrive whole.")
    return parse(raw)


def announced(request: HttpRequest, most: int) -> int:
    """How many bytes the request says that its body has. Raises ApiError (400, 413)."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdecimal()):
        raise ApiError(400, "Content-Length is no number.")
    if len(length) > 15 or int(length) > most:
        raise ApiError(413, f"The body is larger than {most} bytes.")
    return int(length)


def parse(raw: bytes) -> Any:
    """Strict JSON: UTF-8, no duplicate keys, no NaN, nesting bounded."""
    if not raw.strip():
        raise ApiError(400, "The body is empty; send a JSON object.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ApiError(400, f"The body is not UTF-8 at byte {error.start}.") from None
    if text.startswith("\ufeff"):
        raise ApiError(400, "The body begins with a byte order mark; leave it out.")
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise ApiError(
            400, f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from None
    except RecursionError:
        raise ApiError(400, f"The body is nested deeper than {MAX_DEPTH} levels.") from None
    if _deeper(value, MAX_DEPTH):
        raise ApiError(400, f"The body is nested deeper than {MAX_DEPTH} levels.")
    if isinstance(value, list):
        if not value:
            raise ApiError(400, "The list is empty; send at least one object.")
        for index, item in enumerate(value):
            if not isinstance(item, dict):
                raise ApiError(400, f"Item {index} of the list is not an object.")
    elif not isinstance(value, dict):
        raise ApiError(400, "Send a JSON object, or a list of objects.")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ApiError(400, f"The key “{_printable(key)}” stands twice in one object.")
            seen.add(key)
    return result


def _printable(key: str) -> str:
    return key[:80].encode("unicode_escape").decode()


def _integer(digits: str) -> int | float:
    # What no field could hold is refused by its key, as a number without end is; reading it costs time.
    return int(digits) if len(digits) <= MAX_DIGITS else float("-inf" if digits.startswith("-") else "inf")


def _no_constant(name: str) -> Any:
    raise ApiError(400, f"{name} is not JSON.")


def _deeper(value: Any, levels: int) -> bool:
    if not isinstance(value, (dict, list)):
        return False
    if levels == 0:
        return True
    items = value.values() if isinstance(value, dict) else value
    return any(_deeper(item, levels - 1) for item in items)
