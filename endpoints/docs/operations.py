"""An endpoint's addresses and the operations at each. Pure."""

from collections.abc import Iterator
from typing import Any

from endpoints.docs import parameters, reading, writing
from endpoints.docs.schemas import Components
from endpoints.docs.subject import Described
from endpoints.docs.values import Operation
from endpoints.models import Auth, Mode
from endpoints.registry import EndpointSpec
from mappings.paths import at


def paths(one: Described, components: Components) -> dict[str, dict[str, Any]]:
    """The endpoint's addresses below the API's base, each with its operations by method."""
    name = one.endpoint.name
    of_all = [{"$ref": f"#/components/parameters/{each}"} for each in parameters.in_every_request()]
    found: dict[str, dict[str, Any]] = {}
    for path, method, operation in _operations(one, components):
        operation |= {"tags": [name], "security": _security(one.endpoint)}
        operation["parameters"] = [*operation["parameters"], *of_all]
        found.setdefault(f"/{name}{path}", {})[method] = operation
    spec = one.endpoint.mapping
    identifier = parameters.identifier(spec, at(one.example, spec.identifier.path))
    for path, operations in found.items():
        if path.startswith(f"/{name}/{{id}}"):
            operations["parameters"] = [identifier]
    return found


def _operations(one: Described, components: Components) -> Iterator[tuple[str, str, Operation]]:
    """Path below the endpoint's own, method, operation."""
    endpoint = one.endpoint
    for path, method, describe in (
        ("", "get", reading.records),
        ("", "post", writing.create),
        ("/{id}", "get", reading.one_record),
        ("/{id}", "put", writing.change),
        ("/{id}", "delete", writing.delete),
    ):
        if method.upper() in endpoint.methods:
            yield path, method, describe(one, components)
    if endpoint.mode == Mode.MIRROR and "GET" in endpoint.methods:
        yield "/changes", "get", reading.feed(one, components)
        yield "/sync-state", "get", reading.sync_state(one, components)
    for action in endpoint.actions.values():
        yield f"/{{id}}/actions/{action.name}", "post", writing.act(one, action, components)


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
