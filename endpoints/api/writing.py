"""POST, PUT and DELETE of records, with all that their headers ask for: see `idempotency`, `conditional`, `waiting`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from endpoints.api import conditional, idempotency, rendering, waiting
from endpoints.api.errors import ApiError, message
from endpoints.api.putting import put
from endpoints.api.sources import Payload, Source, source_of
from endpoints.expected import Expected, PreconditionFailed
from endpoints.incoming import Stored, Who
from endpoints.models import SyncState
from endpoints.registry import EndpointSpec
from mappings.line_error import LineError
from synchub.errors import ValueNotSendable
from synchub.odoo.wire import sendable


def posted(request: HttpRequest, endpoint: EndpointSpec, who: Who, body: Any) -> HttpResponse:
    payloads = body if isinstance(body, list) else [body]
    if len(payloads) > settings.API_MAX_ITEMS:
        raise ApiError(
            413, f"A list has {settings.API_MAX_ITEMS} objects at most; {len(payloads)} were sent."
        )
    source, wait = source_of(endpoint), waiting.preferred(request)
    who = idempotency.who(request, endpoint, who, body)
    expected = conditional.expected(request, endpoint)
    # Where a change has to say what it has read, a POST that does not say it makes new records only.
    may_change = bool(expected) or not endpoint.require_if_match
    updates = endpoint.post_updates and may_change and not expected.new
    with _told_of_a_list(body):
        if updates:
            stored, replayed = idempotency.through(
                who, lambda: source.upsert(endpoint, payloads, who, expected)
            )
        else:
            stored, replayed = idempotency.through(
                who, lambda: _created(source, endpoint, payloads, who, expected)
            )
        stored = source.settled(endpoint, stored, who, wait)
    status = 201 if any(one.is_new for one in stored) else 200
    if any(one.external_id is None for one in stored):
        status = 202
    if isinstance(body, list):
        response = rendering.several(request, endpoint.name, stored, status=status)
    else:
        response = rendering.one(stored[0], status=status)
        response["Location"] = rendering.address(request, endpoint.name, stored[0])
    if replayed:
        response[idempotency.REPLAYED] = "true"
    return waiting.told(response, endpoint, wait)


@contextmanager
def _told_of_a_list(body: Any) -> Iterator[None]:
    """What takes records knows those of a list by their place, and one alone as itself; who sent a list of one reads an `index` all
    the same."""
    try:
        yield
    except LineError as error:
        if isinstance(body, list) and len(body) == 1:
            error.index = 0
        raise


def _created(
    source: Source, endpoint: EndpointSpec, payloads: Sequence[Payload], who: Who, expected: Expected
) -> list[Stored]:
    """Raises PreconditionFailed besides what the source raises."""
    if expected.match is not None:
        raise PreconditionFailed(
            "This POST takes new records only, and If-Match expects one that is there. PUT changes it."
        )
    return source.create(endpoint, payloads, who)


def changed(request: HttpRequest, endpoint: EndpointSpec, name: str, who: Who, body: Any) -> HttpResponse:
    source, wait = source_of(endpoint), waiting.preferred(request)
    stored = put(source, endpoint, name, body, who, conditional.expected(request, endpoint))
    [stored] = source.settled(endpoint, [stored], who, wait)
    response = rendering.one(stored, status=201 if stored.is_new else 200)
    if stored.is_new:
        response["Location"] = rendering.address(request, endpoint.name, stored)
    return waiting.told(response, endpoint, wait)


def acted(
    request: HttpRequest, endpoint: EndpointSpec, name: str, action: str, who: Who, body: Any
) -> HttpResponse:
    """Raises ApiError 400, 404."""
    spec = endpoint.actions.get(action)
    if spec is None:
        raise ApiError(404, f"There is no action “{action}” here.")
    if not isinstance(body, dict):
        raise ApiError(400, "Send one object with the action's parameters, or nothing.")
    for key, value in body.items():
        if key not in spec.parameters:
            known = f"It has: {', '.join(sorted(spec.parameters))}." if spec.parameters else "It has none."
            raise ApiError(400, f"“{key[:80]}” is not a parameter of “{action}”. {known}")
        try:
            sendable(value, (key,))
        except ValueNotSendable as error:
            raise ApiError(400, f"“{error.field}”: {error.reason}.") from None
    source, wait = source_of(endpoint), waiting.preferred(request)
    who, expected = idempotency.who(request, endpoint, who, body), conditional.expected(request, endpoint)
    stored, replayed = idempotency.through(
        who, lambda: [source.act(endpoint, name, spec, body, who, expected)]
    )
    stored = source.settled(endpoint, stored, who, wait)
    response = rendering.one(stored[0], status=202 if stored[0].state == SyncState.PENDING else 200)
    if replayed:
        response[idempotency.REPLAYED] = "true"
    return waiting.told(response, endpoint, wait)


def deleted(request: HttpRequest, endpoint: EndpointSpec, name: str, who: Who) -> HttpResponse:
    source, wait = source_of(endpoint), waiting.preferred(request)
    was = source.delete(endpoint, name, who, conditional.expected(request, endpoint))
    response: HttpResponse = message(f"“{name}” is deleted.", 200)
    if was is not None:
        [was] = source.settled(endpoint, [was], who, wait)
        response["X-Sync-State"] = was.state
    return waiting.told(response, endpoint, wait)
