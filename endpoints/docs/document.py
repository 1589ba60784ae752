"""Endpoints as one OpenAPI 3.1 document. Pure."""

from collections.abc import Sequence
from typing import Any

from endpoints.api.errors import API_VERSION
from endpoints.docs import answers, operations, parameters
from endpoints.docs.schemas import Components
from endpoints.docs.subject import Described
from endpoints.docs.told_apart import told_apart
from endpoints.models import Mode

_ABOUT = """\
Records of Odoo as JSON. What they look like is decided by an administrator, and this description follows it.

- A body is JSON in UTF-8, sent as `application/json`. Texts hold no control characters but tab and line breaks, integers
  are within 32 bits, nothing is nested deeper than 32 levels.
- Errors are JSON on every path, in one of two shapes: `LineProblem` where a value or a key is at fault, else `Problem`.
- A parameter that is not known is 400, never ignored.
"""


def openapi(described: Sequence[Described], *, title: str) -> dict[str, Any]:
    """The document without `servers`, which depends on the address that the caller used."""
    components = Components()
    components.schemas |= answers.schemas() | parameters.schemas()
    by_endpoint = {one.endpoint.name: operations.paths(one, components) for one in described}
    taken: set[str] = set()
    # The older ones first: whoever has a client of theirs keeps its names.
    for one in sorted(described, key=lambda one: one.endpoint.id):
        by_endpoint[one.endpoint.name] = told_apart(by_endpoint[one.endpoint.name], taken)
    paths: dict[str, Any] = {}
    for own in by_endpoint.values():
        paths |= own
    auths = {one.endpoint.auth for one in described}
    return {
        "openapi": "3.1.1",
        "info": {"title": title, "version": API_VERSION, "description": _ABOUT},
        "tags": [{"name": one.endpoint.name, "description": _about(one)} for one in described],
        "paths": paths,
        "components": {
            "schemas": components.schemas,
            "parameters": parameters.in_every_request(),
            "headers": answers.headers(),
            "responses": answers.responses(),
            "securitySchemes": {
                name: scheme for name, scheme in operations.security_schemes().items() if name in auths
            },
        },
    }


def _about(one: Described) -> str:
    if one.endpoint.mode == Mode.LIVE:
        return "Each request asks Odoo."
    return "Read from the hub's own copy; what is written is accepted at once and carried to Odoo."
