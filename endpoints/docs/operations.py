"""One endpoint's operations. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from endpoints.docs import answers, examples, parameters, schemas, shapes
from endpoints.docs.schemas import Components
from endpoints.docs.values import Schema
from endpoints.models import Auth, Mode, Operator
from endpoints.registry import ActionSpec, EndpointSpec
from mappings.spec import FieldSpec, LineSpec

Operation = dict[str, Any]
Filters = dict[str, tuple[FieldSpec, str, LineSpec | None]]

# Statuses of errors: whatever reads, whatever takes a body, whatever is about one record that is there.
_READING = {400, 404, 500, 503}
_WITH_A_BODY = {400, 404, 409, 411, 412, 413, 415, 500, 503}
_ASKS_ODOO = {403, 502, 504}

_OF_NEW = ("Location", *answers.OF_A_WRITE, "Idempotency-Replayed")
_OF_A_DRY_RUN = " Of a dry run, what it found."
_DELETED = {
    "unlink": "It is deleted in Odoo as well.",
    "archive": "It is archived in Odoo.",
    "ignore": "It stays as it is in Odoo.",
}


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
    rehearses: bool = True
    """Dry runs are for whoever reads it."""


def paths(one: Described, components: Components) -> dict[str, dict[str, Any]]:
    """The endpoint's addresses with their operations, below the API's base."""
    name, spec = one.endpoint.name, one.endpoint.mapping
    offered = {
        f"/{name}": {"get": _list, "post": _create},
        f"/{name}/{{id}}": {"get": _read, "put": _change, "delete": _delete},
    }
    common = [{"$ref": f"#/components/parameters/{each}"} for each in parameters.in_every_request()]
    found: dict[str, dict[str, Any]] = {}
    for path, methods in offered.items():
        for method, described in methods.items():
            if method.upper() in one.endpoint.methods:
                operation = described(one, components)
                operation |= {"tags": [name], "security": _security(one.endpoint)}
                operation["parameters"] = [*operation["parameters"], *common]
                found.setdefault(path, {})[method] = operation
    if one.endpoint.mode == Mode.MIRROR and "GET" in one.endpoint.methods:
        for path, operation in (
            ("changes", _changes(one, components)),
            ("sync-state", _sync_state(one, components)),
        ):
            operation |= {"tags": [name], "security": _security(one.endpoint)}
            operation["parameters"] = [*operation["parameters"], *common]
            found[f"/{name}/{path}"] = {"get": operation}
    for action in one.endpoint.actions.values():
        operation = _act(one, action, components)
        operation |= {"tags": [name], "security": _security(one.endpoint)}
        operation["parameters"] = [*operation["parameters"], *common]
        found[f"/{name}/{{id}}/actions/{action.name}"] = {"post": operation}
    shown = parameters.identifier(spec, examples.at(one.example, spec.identifier.path))
    for path, operations in found.items():
        if path.startswith(f"/{name}/{{id}}"):
            operations["parameters"] = [shown]
    return found


def _list(one: Described, components: Components) -> Operation:
    endpoint = one.endpoint
    page = answers.ok("One page.", shapes.page(components, endpoint), example=shapes.of_page(one.example))
    # What lies below a record only Odoo knows, whatever the mode.
    trees = any(operator == Operator.CHILD_OF for _, operator, _ in one.filters.values())
    below = _ASKS_ODOO if trees else set()
    return {
        "operationId": f"list_{endpoint.name}",
        "summary": f"A list of {endpoint.name}",
        "parameters": parameters.of_lists(endpoint, one.filters),
        "responses": {"200": page} | _errors(endpoint, _READING | below),
    }


def _create(one: Described, components: Components) -> Operation:
    endpoint, spec = one.endpoint, one.endpoint.mapping
    new, written = schemas.new(components, spec), shapes.written(components, endpoint)
    rehearsal = [shapes.rehearsal(components)] if one.rehearses else []
    several = {"type": "array", "items": new, "minItems": 1, "maxItems": settings.API_MAX_ITEMS}
    made = {
        "201": answers.ok(
            "Created.", {"anyOf": written}, *_OF_NEW, example=one.example, links=_links(endpoint)
        ),
    }
    if rehearsal:
        made["200"] = answers.ok("What a dry run found.", rehearsal[0])
    if endpoint.post_updates:
        made["200"] = answers.ok(
            "There was such a record; it is changed." + _OF_A_DRY_RUN * one.rehearses,
            {"anyOf": [*rehearsal, *written]},
            *_OF_NEW,
        )
    if spec.named_by_odoo and endpoint.mode == Mode.MIRROR:
        made["202"] = answers.ok(
            "Accepted; Odoo has not given it an id yet. `Location` answers from now on, and has the id as soon as Odoo "
            "gave it.",
            {"anyOf": written},
            *_OF_NEW,
        )
    return {
        "operationId": f"create_{endpoint.name}",
        "summary": f"New records in {endpoint.name}, one or several",
        "description": "A list is taken whole or not at all.",
        "parameters": [
            *([parameters.dry_run()] if one.rehearses else []),
            parameters.idempotency_key(),
            parameters.prefer(),
            *parameters.conditions(writing=True),
        ],
        "requestBody": _body({"anyOf": [new, several]}, one.sent),
        "responses": made | _errors(endpoint, _WITH_A_BODY | _ASKS_ODOO | {422}, by_line=True),
    }


def _read(one: Described, components: Components) -> Operation:
    endpoint, spec = one.endpoint, one.endpoint.mapping
    record = schemas.record(components, spec)
    return {
        "operationId": f"read_{endpoint.name}",
        "summary": f"One record of {endpoint.name}",
        "parameters": [parameters.fields(spec), *parameters.conditions(writing=False)],
        "responses": {
            "200": answers.ok("The record.", record, *answers.OF_A_RECORD, example=one.example),
            "304": answers.unchanged(),
        }
        | _errors(endpoint, _READING | {412}),
    }


def _change(one: Described, components: Components) -> Operation:
    endpoint, spec = one.endpoint, one.endpoint.mapping
    record = schemas.record(components, spec)
    # A record that is made by it has no tag yet.
    insisting = endpoint.require_if_match and not endpoint.put_creates
    done = {
        "200": answers.ok(
            "The record as it is now." + _OF_A_DRY_RUN * one.rehearses,
            {"anyOf": [shapes.rehearsal(components), record]} if one.rehearses else record,
            *answers.OF_A_WRITE,
            example=one.example,
        )
    }
    if endpoint.put_creates:
        done["201"] = answers.ok("There was no such record; it is created.", record, *_OF_NEW)
    return {
        "operationId": f"change_{endpoint.name}",
        "summary": f"Change a record of {endpoint.name}",
        "description": "Only the keys that are sent are changed; null empties.",
        "parameters": [
            *([parameters.dry_run()] if one.rehearses else []),
            parameters.prefer(),
            *parameters.conditions(writing=True, insisting=insisting),
        ],
        "requestBody": _body(schemas.change(components, spec), one.changed),
        "responses": done | _errors(endpoint, _WITH_A_BODY | _ASKS_ODOO | _insisting(endpoint), by_line=True),
    }


def _delete(one: Described, components: Components) -> Operation:
    endpoint = one.endpoint
    gone = answers.ok("It is gone.", shapes.deleted(components), "X-Sync-State", "Preference-Applied")
    return {
        "operationId": f"delete_{endpoint.name}",
        "summary": f"Delete a record of {endpoint.name}",
        "description": _DELETED[endpoint.on_delete],
        "parameters": [
            parameters.prefer(),
            *parameters.conditions(writing=True, insisting=endpoint.require_if_match),
        ],
        # Told as an error of the whole record: Odoo may refuse it while the request waits.
        "responses": {"200": gone}
        | _errors(endpoint, _READING | {403, 409, 412} | _insisting(endpoint), by_line=True),
    }


def _act(one: Described, action: ActionSpec, components: Components) -> Operation:
    endpoint = one.endpoint
    record = schemas.record(components, endpoint.mapping)
    headers = (*answers.OF_A_WRITE, "Idempotency-Replayed")
    done = {
        "200": answers.ok("It is done; the record as Odoo has it.", record, *headers, example=one.example)
    }
    if endpoint.mode == Mode.MIRROR:
        done["202"] = answers.ok(
            "Accepted; it is called in order with the record's changes.", record, *headers
        )
    body: Operation = {}
    if action.parameters:
        asked = {
            "type": "object",
            "properties": {key: {} for key in sorted(action.parameters)},
            "additionalProperties": False,
        }
        body = {"requestBody": {"content": {"application/json": {"schema": asked}}}}
    return {
        "operationId": f"act_{endpoint.name}_{action.name}",
        "summary": f"{action.name}: `{action.method}` of Odoo",
        "parameters": [
            parameters.idempotency_key(),
            parameters.prefer(),
            *parameters.conditions(writing=True),
        ],
        **body,
        "responses": done
        | _errors(endpoint, _WITH_A_BODY | _ASKS_ODOO | {422} | _insisting(endpoint), by_line=True),
    }


def _changes(one: Described, components: Components) -> Operation:
    endpoint = one.endpoint
    return {
        "operationId": f"changes_of_{endpoint.name}",
        "summary": f"What was created, changed and deleted in {endpoint.name}",
        "description": "Each record once, as it is now, in order; to go on from anywhere by `next`.",
        "parameters": parameters.of_the_feed(endpoint),
        "responses": {"200": answers.ok("Changes.", shapes.feed(components, endpoint))}
        | _errors(endpoint, _READING | {410}),
    }


def _sync_state(one: Described, components: Components) -> Operation:
    endpoint = one.endpoint
    return {
        "operationId": f"sync_state_of_{endpoint.name}",
        "summary": f"How far {endpoint.name} is",
        "description": "And, where `state` is asked for, which records are in that state.",
        "parameters": parameters.of_the_state(),
        "responses": {"200": answers.ok("Counts, and since when.", shapes.sync_state(components))}
        | _errors(endpoint, _READING),
    }


def _insisting(endpoint: EndpointSpec) -> set[int]:
    return {428} if endpoint.require_if_match else set()


def _errors(endpoint: EndpointSpec, statuses: Iterable[int], *, by_line: bool = False) -> dict[str, Any]:
    """With what the endpoint's mode, its authentication and its limits add."""
    found = set(statuses)
    if endpoint.auth != Auth.NONE:
        found |= {401, 403, 429}  # a key may be restricted, and have a rate of its own
    if endpoint.mode == Mode.LIVE:
        found |= _ASKS_ODOO
    if endpoint.rate_per_address or endpoint.rate_per_key:
        found |= {429}
    return answers.errors(found, writing=by_line)


def _security(endpoint: EndpointSpec) -> list[dict[str, list[str]]]:
    return [] if endpoint.auth == Auth.NONE else [{endpoint.auth: []}]


def security_schemes() -> dict[str, Any]:
    """By the endpoint's way of authentication."""
    return {
        Auth.BEARER.value: {"type": "http", "scheme": "bearer", "description": "An access key's token."},
        Auth.BASIC.value: {
            "type": "http",
            "scheme": "basic",
            "description": "An access key's login and password.",
        },
    }


def _body(schema: Schema, example: Any) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def _links(endpoint: EndpointSpec) -> dict[str, Any]:
    """From a new record to what can be done with it."""
    named = {"id": f"$response.body#{schemas.pointer(endpoint.mapping)}"}
    return {
        f"{verb}_it": {"operationId": f"{verb}_{endpoint.name}", "parameters": named}
        for method, verb in (("GET", "read"), ("PUT", "change"), ("DELETE", "delete"))
        if method in endpoint.methods
    }
