"""Parameters of requests, in the URL and in headers. Pure."""

from typing import Any

from django.conf import settings

from endpoints import syncstate
from endpoints.api.errors import API_VERSION
from endpoints.docs.values import Schema, of_type, shown
from endpoints.models import Mode, Operator
from endpoints.registry import EndpointSpec
from mappings.fieldtypes import BooleanType, Refusing, X2manyType
from mappings.spec import FieldSpec, LineSpec, MappingSpec

Parameter = dict[str, Any]

MAX_VALUES = 1000
LONGEST_PATTERN = 1000
_LARGEST = 2**31 - 1

_WORDS = {
    Operator.EQ: "is this",
    Operator.NE: "is not this",
    Operator.GT: "is more than this",
    Operator.GE: "is this or more",
    Operator.LT: "is less than this",
    Operator.LE: "is this or less",
    Operator.LIKE: "contains this, case counts",
    Operator.ILIKE: "contains this",
    Operator.EQ_LIKE: "fits this pattern with % and _, case counts",
    Operator.EQ_ILIKE: "fits this pattern with % and _",
    Operator.IN: "is one of these",
    Operator.NOT_IN: "is none of these",
    Operator.CHILD_OF: "is the record with this id of Odoo, or lies below it",
}
_PATTERNS = (Operator.LIKE, Operator.ILIKE, Operator.EQ_LIKE, Operator.EQ_ILIKE)


def schemas() -> dict[str, Schema]:
    return {"ApiVersion": {"type": "string", "enum": [API_VERSION]}}


def in_every_request() -> dict[str, Parameter]:
    """Headers that any request may have, as components by name."""
    return {
        "RequestId": _header(
            "X-Request-ID",
            "Taken over where it has 1 to 64 letters, digits, `.`, `_`, `:`, `-`; else one is made.",
            {"type": "string"},
        ),
        "ApiVersion": _header(
            "X-API-Version",
            "The version the caller was written for.",
            {"$ref": "#/components/schemas/ApiVersion"},
        ),
    }


def identifier(spec: MappingSpec, example: Any) -> Parameter:
    shown = {} if example is None else {"example": str(example)}
    return {
        "name": "id",
        "in": "path",
        "required": True,
        "description": f"The record's `{spec.identifier.key}`, percent-encoded; or a handle of the hub (`~…`) as a "
        "`Location` has it.",
        "schema": {"type": "string", "minLength": 1},
        **shown,
    }


def conditions(*, writing: bool, insisting: bool = False) -> list[Parameter]:
    """`If-Match`, `If-None-Match`. `insisting`: the first one is required."""
    unchanged = "Only if the record is still the one with this `ETag`; else 412. `*`: only if it is there."
    new = (
        "`*`: only if there is no such record yet; else 412, to a POST 409."
        if writing
        else "304 if the record still has this `ETag`."
    )
    schema: Schema = {"type": "string"}
    match = _header("If-Match", unchanged, schema) | ({"required": True} if insisting else {})
    return [match, _header("If-None-Match", new, schema)]


def prefer() -> Parameter:
    return _header(
        "Prefer",
        f"`wait=20`: answer when Odoo has what was written, or after 20 seconds ({settings.API_MAX_WAIT} at most).",
        {"type": "string"},
    )


def idempotency_key() -> Parameter:
    return _header(
        "Idempotency-Key",
        "Makes the request safe to repeat: under the same key, within 24 hours, it is done once and answered alike. A UUID "
        "is best.",
        {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
    )


def of_lists(
    endpoint: EndpointSpec, filters: dict[str, tuple[FieldSpec, str, LineSpec | None]]
) -> list[Parameter]:
    """The parameters of a list. `filters`: see `subject.Filters`."""
    spec = endpoint.mapping
    live = endpoint.mode == Mode.LIVE
    sortable = [
        line.key
        for line in spec.outgoing
        if line.is_compared and line.field.type.compared_as and (line.field.sortable or not live)
    ]
    return [
        _query("limit", f"How many records a page has. {endpoint.limit} where nothing is said, {settings.API_MAX_LIMIT} "
               "at most.", {"type": "integer", "minimum": 1, "maximum": _LARGEST, "default": endpoint.limit}),
        _query("offset", "How many records come before the page.",
               {"type": "integer", "minimum": 0, "maximum": _LARGEST, "default": 0}),
        _query("cursor", "A walk through all records: empty at its beginning, then follow `next`. Without `offset`.",
               {"type": "string"}) | {"allowEmptyValue": True},
        *([_listed("ordering", "By these keys; `-` is downwards.",
                  {"type": "string", "enum": [way + key for key in sortable for way in ("", "-")]})] if sortable else []),
        fields(spec),
        *(_filter(key, *one, live=live) for key, one in filters.items() if _filters(one[0])),
    ]  # fmt: skip


def of_the_feed(endpoint: EndpointSpec) -> list[Parameter]:
    return [
        _query("since", "The token of the last answer; `now`: only what comes next; left out: from the beginning.",
               {"type": "string"}),
        _query("limit", f"How many changes at most; {settings.API_MAX_LIMIT} at most.",
               {"type": "integer", "minimum": 1, "maximum": _LARGEST, "default": endpoint.limit}),
        fields(endpoint.mapping),
    ]  # fmt: skip


def of_the_state() -> list[Parameter]:
    return [
        _query("state", f"Name the records of this state too, {syncstate.MOST_NAMED:,} at most.",
               {"type": "string", "enum": [state.value for state in syncstate.NOT_WELL]})
    ]  # fmt: skip


def fields(spec: MappingSpec) -> Parameter:
    keys = list(dict.fromkeys(line.key for line in spec.outgoing))
    return _listed("fields", "Only these keys.", {"type": "string", "enum": keys}, least=1)


def dry_run() -> Parameter:
    return _query(
        "dry_run",
        "Tell what would be sent to Odoo, and send nothing. For one object.",
        {"type": "boolean", "default": False},
    )


def _filters(field: FieldSpec) -> bool:
    kind = field.type.inner if isinstance(field.type, Refusing) else field.type
    return kind.writable


def _filter(key: str, field: FieldSpec, operator: str, line: LineSpec | None, *, live: bool) -> Parameter:
    what = f"{field.label} {_WORDS[Operator(operator)]}."
    empty = f"Without a value: those that have {'one' if operator == Operator.NE else 'none'}."
    if live and field.is_file:
        return _query(key, f"{field.label}. {empty}", {"type": "string", "maxLength": 0}) | {
            "allowEmptyValue": True
        }
    if operator in _PATTERNS:
        return _query(key, what, {"type": "string", "maxLength": LONGEST_PATTERN})
    schema = shown(line) if line is not None and line.steps else of_type(field.type)
    schema = {name: fact for name, fact in schema.items() if name != "description"}
    if isinstance(field.type, X2manyType):
        schema = dict(schema.get("items", schema))
    if operator == Operator.CHILD_OF:
        schema = {"type": "integer", "minimum": 1, "maximum": _LARGEST}
    if operator in (Operator.IN, Operator.NOT_IN):
        return _listed(key, what, _without_null(schema), most=MAX_VALUES, quoted=True)
    if operator in (Operator.EQ, Operator.NE) and not isinstance(field.type, BooleanType):
        return _query(key, f"{what} {empty}", _without_null(schema)) | {"allowEmptyValue": True}
    return _query(key, what, _without_null(schema))


def _without_null(schema: Schema) -> Schema:
    result = dict(schema)
    if isinstance(result.get("type"), list):
        kinds = [kind for kind in result["type"] if kind != "null"]
        result["type"] = kinds[0] if len(kinds) == 1 else kinds
    if "enum" in result:
        result["enum"] = [value for value in result["enum"] if value is not None]
    if "anyOf" in result:
        result["anyOf"] = [one for one in result["anyOf"] if one != {"type": "null"}]
    return result


def _query(name: str, description: str, schema: Schema) -> Parameter:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _listed(
    name: str, description: str, items: Schema, *, least: int = 0, most: int = 0, quoted: bool = False
) -> Parameter:
    """Several values, comma separated. `quoted`: texts may contain commas."""
    separated = "Comma separated."
    if quoted and items.get("type") == "string" and "enum" not in items and "format" not in items:
        separated = 'Comma separated; one that holds a comma stands in quotes: `"a, b",c`.'
    schema: Schema = {"type": "array", "items": items}
    if least:
        schema["minItems"] = least
    if most:
        schema["maxItems"] = most
    return _query(name, f"{description} {separated}", schema) | {"style": "form", "explode": False}


def _header(name: str, description: str, schema: Schema) -> Parameter:
    return {"name": name, "in": "header", "description": description, "schema": schema}
