"""One endpoint's operations. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from endpoints.docs import answers, examples, parameters, schemas
from endpoints.docs.values import Schema
from endpoints.models import Auth, Mode
from endpoints.registry import EndpointSpec
from mappings.spec import FieldSpec, LineSpec

Operation = dict[str, Any]
Filters = dict[str, tuple[FieldSpec, str, LineSpec | None]]

_READING = {400, 404, 500, 503}
_OF_NEW = ("Location", "X-Sync-State", "Idempotency-Replayed")
_WRITING = {400, 404, 411, 413, 415, 500, 503}


@dataclass(frozen=True, eq=False)
class Described:
    """An endpoint with all that its description is made of. `example` is a record as it is read.

    Compared by what it is: another one is made when the configuration changes.
    """

    endpoint: EndpointSpec
    filters: Filters
    example: dict[str, Any]
    sent: dict[str, Any]
    """An object to POST."""
    changed: dict[str, Any]
    """An object to PUT."""
    is_real: bool = False
    """The example is of a real record."""


def paths(one: Described, components: schemas.Components) -> dict[str, dict[str, Any]]:
    """The endpoint's addresses with their operations, below the API's base."""
    name, spec = one.endpoint.name, one.endpoint.mapping
    common = [{"$ref": f"#/components/parameters/{each}"} for each in parameters.in_every_request()]
    found: dict[str, dict[str, Any]] = {
        f"/{name}": dict(_of_the_list(one, components)),
        f"/{name}/{{id}}": dict(_of_a_record(one, components)),
    }
    for path, operations in found.items():
        for operation in operations.values():
            operation["tags"] = [name]
            operation["security"] = _security(one.endpoint)
            operation["parameters"] = [*operation["parameters"], *common]
        if path.endswith("{id}") and operations:
            operations["parameters"] = [
                parameters.identifier(spec, examples.at(one.example, spec.identifier.path))
            ]
    return {path: operations for path, operations in found.items() if operations}


def _of_the_list(one: Described, components: schemas.Components) -> Iterator[tuple[str, Operation]]:
    endpoint, spec = one.endpoint, one.endpoint.mapping
    if "GET" in endpoint.methods:
        yield (
            "get",
            {
                "operationId": f"list_{endpoint.name}",
                "summary": f"A list of {endpoint.name}",
                "parameters": parameters.of_lists(endpoint, one.filters),
                "responses": {
                    "200": answers.ok(
                        "One page.", _page(components, endpoint), example=_page_example(one.example)
                    )
                }
                | answers.errors(_statuses(endpoint, _READING)),
            },
        )
    if "POST" in endpoint.methods:
        record = schemas.record(components, spec)
        created: Schema = {
            "anyOf": [
                components.add(
                    f"{schemas.class_name(endpoint.name)}Created",
                    {
                        "type": "object",
                        "description": "Where a list was sent.",
                        "properties": {
                            "count": {"type": "integer"},
                            "results": {"type": "array", "items": record},
                        },
                        "required": ["count", "results"],
                    },
                ),
                record,
            ]
        }
        one_or_several: Schema = {
            "anyOf": [
                schemas.new(components, spec),
                {
                    "type": "array",
                    "items": schemas.new(components, spec),
                    "minItems": 1,
                    "maxItems": settings.API_MAX_ITEMS,
                },
            ]
        }
        made = {
            "201": answers.ok("Created.", created, *_OF_NEW, example=one.example, links=_links(endpoint)),
            "200": answers.ok("What a dry run found.", _rehearsal(components)),
        }
        if spec.named_by_odoo and endpoint.mode == Mode.MIRROR:
            made["202"] = answers.ok(
                "Accepted; Odoo has not given it an id yet. `Location` answers from now on, and has the id as "
                "soon as Odoo gave it.",
                created,
                *_OF_NEW,
            )
        yield (
            "post",
            {
                "operationId": f"create_{endpoint.name}",
                "summary": f"New records in {endpoint.name}, one or several",
                "description": "A list is taken whole or not at all.",
                "parameters": [parameters.dry_run()],
                "requestBody": _body(one_or_several, one.sent),
                "responses": made | answers.errors(_statuses(endpoint, _WRITING | {409}), writing=True),
            },
        )


def _of_a_record(one: Described, components: schemas.Components) -> Iterator[tuple[str, Operation]]:
    endpoint, spec = one.endpoint, one.endpoint.mapping
    record = schemas.record(components, spec)
    if "GET" in endpoint.methods:
        yield (
            "get",
            {
                "operationId": f"read_{endpoint.name}",
                "summary": f"One record of {endpoint.name}",
                "parameters": [parameters.fields(spec)],
                "responses": {"200": answers.ok("The record.", record, "X-Sync-State", example=one.example)}
                | answers.errors(_statuses(endpoint, _READING)),
            },
        )
    if "PUT" in endpoint.methods:
        # What has required keys comes first: generated clients take the first that fits.
        changed: Schema = {"anyOf": [_rehearsal(components), record]}
        yield (
            "put",
            {
                "operationId": f"change_{endpoint.name}",
                "summary": f"Change a record of {endpoint.name}",
                "description": "Only the keys that are sent are changed; null empties.",
                "parameters": [parameters.dry_run()],
                "requestBody": _body(schemas.change(components, spec), one.changed),
                "responses": {
                    "200": answers.ok(
                        "The record as it is now; of a dry run, what it found.",
                        changed,
                        "X-Sync-State",
                        example=one.example,
                    )
                }
                | answers.errors(_statuses(endpoint, _WRITING | {409}), writing=True),
            },
        )
    if "DELETE" in endpoint.methods:
        deleted = components.add(
            "Deleted",
            {
                "type": "object",
                "properties": {"message": {"type": "string"}, "request_id": {"type": "string"}},
                "required": ["message", "request_id"],
            },
        )
        yield (
            "delete",
            {
                "operationId": f"delete_{endpoint.name}",
                "summary": f"Delete a record of {endpoint.name}",
                "description": _DELETED[endpoint.on_delete],
                "parameters": [],
                "responses": {"200": answers.ok("It is gone.", deleted)}
                | answers.errors(_statuses(endpoint, (_READING | {409}))),
            },
        )


_DELETED = {
    "unlink": "It is deleted in Odoo as well.",
    "archive": "It is archived in Odoo.",
    "ignore": "It stays as it is in Odoo.",
}


def _statuses(endpoint: EndpointSpec, statuses: set[int]) -> set[int]:
    """With what the endpoint's mode and its authentication add."""
    more = set() if endpoint.auth == Auth.NONE else {401}
    if endpoint.mode == Mode.LIVE or statuses & {415}:  # a dry run asks Odoo too
        more |= {403, 502, 504}
    return statuses | more


def _security(endpoint: EndpointSpec) -> list[dict[str, list[str]]]:
    match endpoint.auth:
        case Auth.BEARER:
            return [{"bearer": []}]
        case Auth.BASIC:
            return [{"basic": []}]
    return []


def security_schemes() -> dict[str, Any]:
    return {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An access key's token."},
        "basic": {"type": "http", "scheme": "basic", "description": "An access key's login and password."},
    }


def _body(schema: Schema, example: Any) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def _page(components: schemas.Components, endpoint: EndpointSpec) -> Schema:
    record = schemas.record(components, endpoint.mapping)
    return components.add(
        f"{schemas.class_name(endpoint.name)}Page",
        {
            "type": "object",
            "properties": {
                "count": {
                    "type": ["integer", "null"],
                    "description": "How many records fit, exactly. Null: more than `count_at_least`.",
                },
                "count_at_least": {"type": "integer"},
                "next": {"type": ["string", "null"], "description": "The next page's address."},
                "previous": {"type": ["string", "null"]},
                "results": {"type": "array", "items": record},
            },
            "required": ["count", "next", "previous", "results"],
        },
    )


def _page_example(record: dict[str, Any]) -> dict[str, Any]:
    return {"count": 1, "next": None, "previous": None, "results": [record]}


def _rehearsal(components: schemas.Components) -> Schema:
    call = {
        "type": "object",
        "properties": {
            "model": {"type": "string"},
            "method": {"type": "string"},
            "args": {"type": "array", "items": {}},
            "context": {"type": "object"},
        },
        "required": ["model", "method", "args", "context"],
    }
    problem = {
        "type": "object",
        "properties": {
            "error": {"type": "string"},
            "line_id": {"type": ["integer", "null"]},
            "status_code": {"type": "string", "enum": list(answers.CODES)},
            "key": {"type": "string"},
        },
        "required": ["error", "line_id", "status_code", "key"],
    }
    return components.add(
        "DryRun",
        {
            "type": "object",
            "description": "What sending this would do in Odoo.",
            "properties": {
                "odoo_id": {"type": ["integer", "null"], "description": "null: it would be created."},
                "values": {"type": "object", "description": "The values that Odoo would get."},
                "calls": {"type": "array", "items": call},
                "problems": {"type": "array", "items": problem},
            },
            "required": ["odoo_id", "values", "calls", "problems"],
        },
    )


def _links(endpoint: EndpointSpec) -> dict[str, Any]:
    """From a new record to what can be done with it."""
    named = {"id": f"$response.body#{schemas.pointer(endpoint.mapping)}"}
    return {
        f"{verb}_it": {"operationId": f"{verb}_{endpoint.name}", "parameters": named}
        for method, verb in (("GET", "read"), ("PUT", "change"), ("DELETE", "delete"))
        if method in endpoint.methods
    }
