"""Which statuses an endpoint's operations may answer with. Pure."""

from collections.abc import Iterable
from typing import Any

from endpoints.docs import answers
from endpoints.models import Auth, Mode
from endpoints.registry import EndpointSpec

# The errors of operations that read, that take a body, and that may ask Odoo while the caller waits.
READING = {400, 404, 500, 503}
WITH_A_BODY = {400, 404, 409, 411, 412, 413, 415, 500, 503}
ASKS_ODOO = {403, 502, 504}


def of_conditions(endpoint: EndpointSpec) -> set[int]:
    return {428} if endpoint.require_if_match else set()


def errors(endpoint: EndpointSpec, statuses: Iterable[int], *, by_line: bool = False) -> dict[str, Any]:
    """Responses by status: these, and those that the endpoint's mode, authentication and rate limits add."""
    found = set(statuses)
    if endpoint.auth != Auth.NONE:
        found |= {401, 403, 429}  # a key may be restricted, or have its own rate limit
    if endpoint.mode == Mode.LIVE:
        found |= ASKS_ODOO
    if endpoint.rate_per_address or endpoint.rate_per_key:
        found |= {429}
    return answers.errors(found, writing=by_line)
