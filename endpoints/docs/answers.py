"""Every status that the API answers with, its headers and its shape: the same for all endpoints. Pure."""

from collections.abc import Iterable
from typing import Any

from endpoints.docs.values import Schema
from endpoints.models import SyncState

CODES = {
    "REQUIRED": "a key is missing, or empty, that must not be",
    "TYPE": "the value is of another type, too long, out of range, or holds characters that Odoo cannot keep",
    "SELECTION": "not one of the values that the field, or the mapping's table, has",
    "READONLY": "the key comes from Odoo and cannot be written, or cannot be changed",
    "UNKNOWN_KEY": "the mapping has no such key; the text lists those it has",
    "RELATION_NOT_FOUND": "Odoo has no record of that identifier",
    "RELATION_AMBIGUOUS": "Odoo has several records of that identifier",
    "DUPLICATE": "the identifier names a record already, or stands twice in the list",
    "SCRIPT": "a script of the mapping refused the value, or failed",
    "ODOO": "Odoo refused it",
}

# By status: its meaning, and whether a line of the mapping may be at fault.
ERRORS: dict[int, tuple[str, bool]] = {
    400: ("The body, a parameter or a header is at fault; the text says what and where.", True),
    401: ("No valid access key of this endpoint.", False),
    403: ("The access key may not do this, or Odoo does not allow it.", False),
    404: ("There is nothing at this address.", False),
    405: ("A method that is not offered here; `Allow` has those that are.", False),
    409: (
        "The identifier names a record already, the endpoint's settings do not allow this, or a request with this "
        "`Idempotency-Key` is under way.",
        True,
    ),
    410: ("The token is too old, or of another reach of the access key; begin anew.", False),
    411: ("The body has no length.", False),
    412: ("The record is not as `If-Match` or `If-None-Match` says.", False),
    413: ("The body is too large, or has too many objects.", False),
    415: ("The body is not `application/json`, or compressed.", False),
    422: ("The `Idempotency-Key` was used for another request.", False),
    428: ("This endpoint wants `If-Match`: the `ETag` of the record that you have read.", False),
    429: ("Too many requests from this address, or with this access key.", False),
    500: ("A bug of the hub; its log has the cause under the request's id.", False),
    502: ("Odoo refused or failed.", False),
    503: ("Not at the moment: the hub's database is away, or the endpoint is not ready.", False),
    504: ("Odoo did not answer in time.", False),
}
_HEADERS_OF = {
    401: ["WWW-Authenticate"],
    405: ["Allow"],
    409: ["Retry-After"],
    429: ["Retry-After"],
    503: ["Retry-After"],
}
# On every answer, except where an endpoint has no rate limits or the key does not expire.
_ALWAYS = ("X-Request-ID", "X-API-Version", "RateLimit", "RateLimit-Policy", "X-Access-Key-Expires")
OF_A_RECORD = ("X-Sync-State", "ETag")
OF_A_WRITE = (*OF_A_RECORD, "Preference-Applied")

_REQUEST_ID: Schema = {"type": "string", "description": "The same as in `X-Request-ID`."}


def schemas() -> dict[str, Schema]:
    """The two shapes that errors have."""
    return {
        "Problem": {
            "title": "Problem",
            "type": "object",
            "description": "What went wrong, and what to do.",
            "properties": {"message": {"type": "string"}, "request_id": _REQUEST_ID},
            "required": ["message", "request_id"],
            "additionalProperties": False,
        },
        "LineProblem": {
            "title": "LineProblem",
            "type": "object",
            "description": "A value is at fault, or a key.",
            "properties": {
                "error": {"type": "string"},
                "line_id": {"type": ["integer", "null"], "description": "The mapping's line; null: none has such a key."},
                "status_code": {
                    "type": "string",
                    "enum": list(CODES),
                    "description": "\n".join(f"- `{code}` {what}" for code, what in CODES.items()),
                },
                "key": {"type": "string"},
                "index": {"type": "integer", "minimum": 0, "description": "Which object of a list that was sent."},
                "request_id": _REQUEST_ID,
            },
            "required": ["error", "line_id", "status_code", "key", "request_id"],
            "additionalProperties": False,
        },
    }  # fmt: skip


def headers() -> dict[str, Any]:
    return {
        "X-Request-ID": _header(
            "The request's id: taken over or made. In every line of the hub's log.", True
        ),
        "X-API-Version": _header("The API's version.", True),
        "X-Sync-State": {
            "description": "How far the record is: "
            + "; ".join(f"`{state.value}` {state.label}" for state in SyncState)
            + ".",
            "schema": {"type": "string", "enum": list(SyncState.values)},
        },
        "ETag": _header("Of the record as it is now: another one as soon as the record is."),
        "Preference-Applied": _header("`Prefer: wait` was understood."),
        "RateLimit": _header(
            "How many requests are left (`r`), and in how many seconds there are more (`t`)."
        ),
        "RateLimit-Policy": _header("How many requests are allowed (`q`) in how many seconds (`w`)."),
        "X-Access-Key-Expires": _header("When the access key, or the secret that was sent, stops working."),
        "Location": _header("The record's address."),
        "Idempotency-Replayed": {
            "description": "The answer was given before, to a request with the same `Idempotency-Key`.",
            "schema": {"type": "string", "enum": ["true"]},
        },
        "WWW-Authenticate": _header("How to say who asks.", True),
        "Allow": _header("The methods that are offered here.", True),
        "Retry-After": {
            "description": "After how many seconds to try again.",
            "schema": {"type": "integer", "minimum": 0},
        },
    }


def responses() -> dict[str, Any]:
    """The errors as components, by the names that `errors` refers to."""
    found: dict[str, Any] = {}
    for status, (what, by_line) in ERRORS.items():
        named = _HEADERS_OF.get(status, [])
        found[f"Error{status}"] = _answer(what, {"$ref": "#/components/schemas/Problem"}, named)
        if by_line:
            both = {"anyOf": [_ref("LineProblem"), _ref("Problem")]}
            found[f"WriteError{status}"] = _answer(what, both, named)
    return found


def errors(statuses: Iterable[int], *, writing: bool = False) -> dict[str, Any]:
    """An operation's errors by status."""
    return {
        str(status): {
            "$ref": f"#/components/responses/{'Write' if writing and ERRORS[status][1] else ''}Error{status}"
        }
        for status in sorted(statuses)
    }


def ok(description: str, schema: Schema, *named: str, example: Any = None, **more: Any) -> dict[str, Any]:
    """A successful answer, with the headers `named` besides those that all answers have."""
    answer = _answer(description, schema, named)
    if example is not None:
        answer["content"]["application/json"]["example"] = example
    return answer | more


def unchanged() -> dict[str, Any]:
    """304, without a body."""
    answer = _answer("It is still as you have it.", {}, OF_A_RECORD)
    return {name: part for name, part in answer.items() if name != "content"}


def _answer(description: str, schema: Schema, named: Iterable[str]) -> dict[str, Any]:
    return {
        "description": description,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in (*_ALWAYS, *named)},
        "content": {"application/json": {"schema": schema}},
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _header(description: str, required: bool = False) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}} | (
        {"required": True} if required else {}
    )
