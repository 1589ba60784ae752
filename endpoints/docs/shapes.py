"""The shapes of answers other than one record: pages, lists, dry runs. Pure."""

from typing import Any

from endpoints.docs import answers, schemas
from endpoints.docs.schemas import Components
from endpoints.docs.values import Schema
from endpoints.registry import EndpointSpec


def page(components: Components, endpoint: EndpointSpec) -> Schema:
    record = schemas.record(components, endpoint.mapping)
    return components.add(
        f"{schemas.class_name(endpoint.name)}Page",
        {
            "type": "object",
            "properties": {
                "count": {
                    "type": ["integer", "null"],
                    "description": "How many records fit, exactly. Null: more than `count_at_least`, or a walk by `cursor`.",
                },
                "count_at_least": {"type": "integer"},
                "next": {"type": ["string", "null"], "description": "The next page's address."},
                "previous": {"type": ["string", "null"]},
                "results": {"type": "array", "items": record},
            },
            "required": ["count", "next", "previous", "results"],
        },
    )


def of_page(record: dict[str, Any]) -> dict[str, Any]:
    """An example page."""
    return {"count": 1, "next": None, "previous": None, "results": [record]}


def written(components: Components, endpoint: EndpointSpec) -> list[Schema]:
    """The answers of a POST: to a list, or to one object.

    Here and elsewhere, shapes with required keys come first: generated clients take the first that fits.
    """
    record = schemas.record(components, endpoint.mapping)
    several = components.add(
        f"{schemas.class_name(endpoint.name)}Written",
        {
            "type": "object",
            "description": "Where a list was sent.",
            "properties": {
                "count": {"type": "integer"},
                "locations": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "Where Odoo has not given all their ids yet: the address of each, which answers from now on.",
                },
                "results": {"type": "array", "items": record},
            },
            "required": ["count", "results"],
        },
    )
    return [several, record]


def deleted(components: Components) -> Schema:
    return components.add(
        "Deleted",
        {
            "type": "object",
            "properties": {"message": {"type": "string"}, "request_id": {"type": "string"}},
            "required": ["message", "request_id"],
        },
    )


def rehearsal(components: Components) -> Schema:
    """The answer to a dry run."""
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


def feed(components: Components, endpoint: EndpointSpec) -> Schema:
    """A page of the change feed."""
    record = schemas.record(components, endpoint.mapping)
    change = {
        "type": "object",
        "properties": {
            "change": {"type": "string", "enum": ["created", "changed", "deleted"]},
            "id": {"type": ["string", "null"], "description": "What the record is called."},
            "handle": {"type": "string", "description": "Stays, whatever the record is called."},
            "at": {"type": "string", "format": "date-time"},
            "record": record,
        },
        "required": ["change", "id", "handle", "at", "record"],
    }
    return components.add(
        f"{schemas.class_name(endpoint.name)}Changes",
        {
            "type": "object",
            "properties": {
                "more": {"type": "boolean", "description": "There is more already."},
                "next": {"type": "string", "description": "The address to ask next."},
                "since": {"type": "string", "description": "The token to go on from."},
                "results": {"type": "array", "items": change},
            },
            "required": ["more", "next", "since", "results"],
        },
    )


def sync_state(components: Components) -> Schema:
    numbers = ("records", "synced", "pending", "failed", "conflict")
    named = {
        "type": "object",
        "properties": {
            "id": {"type": ["string", "null"], "description": "What the record is called."},
            "handle": {"type": "string", "description": "Stays, whatever the record is called."},
        },
        "required": ["id", "handle"],
    }
    return components.add(
        "SyncState",
        {
            "type": "object",
            "properties": {name: {"type": "integer"} for name in numbers}
            | {
                "pending_since": {"type": ["string", "null"], "format": "date-time"},
                "pulled_at": {"type": ["string", "null"], "format": "date-time"},
                "complete": {"type": "boolean", "description": "All of Odoo has been read once."},
                "paused": {"type": "boolean"},
                "results": {
                    "type": "array",
                    "items": named,
                    "description": "Those of the state that was asked for.",
                },
            },
            "required": [*numbers, "pending_since", "pulled_at", "complete", "paused"],
        },
    )
