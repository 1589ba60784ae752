"""The operations that write: POST, PUT, DELETE and actions. Pure."""

from typing import Any

from django.conf import settings

from endpoints.docs import answers, parameters, schemas, shapes, statuses
from endpoints.docs.schemas import Components
from endpoints.docs.subject import Described
from endpoints.docs.values import Operation, Schema
from endpoints.models import Mode
from endpoints.registry import ActionSpec, EndpointSpec

_OF_NEW = ("Location", *answers.OF_A_WRITE, "Idempotency-Replayed")
_OF_A_DRY_RUN = " Of a dry run, what it found."
_DELETED = {
    "unlink": "It is deleted in Odoo as well.",
    "archive": "It is archived in Odoo.",
    "ignore": "It stays as it is in Odoo.",
}


def create(one: Described, components: Components) -> Operation:
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
        "responses": made
        | statuses.errors(endpoint, statuses.WITH_A_BODY | statuses.ASKS_ODOO | {422}, by_line=True),
    }


def change(one: Described, components: Components) -> Operation:
    endpoint, spec = one.endpoint, one.endpoint.mapping
    record = schemas.record(components, spec)
    # A record that this creates has no tag yet.
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
        "responses": done
        | statuses.errors(
            endpoint,
            statuses.WITH_A_BODY | statuses.ASKS_ODOO | statuses.of_conditions(endpoint),
            by_line=True,
        ),
    }


def delete(one: Described, components: Components) -> Operation:
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
        # Odoo may refuse the deletion while the request waits: an error in the shape of a line's.
        "responses": {"200": gone}
        | statuses.errors(
            endpoint, statuses.READING | {403, 409, 412} | statuses.of_conditions(endpoint), by_line=True
        ),
    }


def act(one: Described, action: ActionSpec, components: Components) -> Operation:
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
        | statuses.errors(
            endpoint,
            statuses.WITH_A_BODY | statuses.ASKS_ODOO | {422} | statuses.of_conditions(endpoint),
            by_line=True,
        ),
    }


def _body(schema: Schema, example: Any) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def _links(endpoint: EndpointSpec) -> dict[str, Any]:
    """What can be done with a new record: links to the other operations."""
    named = {"id": f"$response.body#{schemas.pointer(endpoint.mapping)}"}
    return {
        f"{verb}_it": {"operationId": f"{verb}_{endpoint.name}", "parameters": named}
        for method, verb in (("GET", "read"), ("PUT", "change"), ("DELETE", "delete"))
        if method in endpoint.methods
    }
