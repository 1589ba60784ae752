"""Endpoints with examples for their description, kept until the configuration changes."""

import logging
from collections.abc import Iterable
from functools import lru_cache

import orjson

from endpoints import registry
from endpoints.access import Access
from endpoints.access import described as access_to
from endpoints.api import filters
from endpoints.docs import examples
from endpoints.docs.subject import Described
from endpoints.models import Endpoint, Record, SyncState
from endpoints.registry import EndpointSpec
from synchub.errors import HubError

logger = logging.getLogger(__name__)


def _compute(name: str) -> Described:
    endpoint = registry.get(name)
    return _made(endpoint, _newest(endpoint))


def _made(endpoint: EndpointSpec, document: dict[str, object] | None, *, rehearses: bool = True) -> Described:
    example = examples.read(endpoint.mapping, document)
    sent = examples.new(endpoint.mapping, example, is_real=document is not None)
    return Described(
        endpoint=endpoint,
        filters=filters.offered(endpoint),
        example=example,
        sent=examples.named_anew(endpoint.mapping, sent),
        changed=examples.changed(endpoint.mapping, sent, document),
        is_real=document is not None,
        rehearses=rehearses,
    )


_described = registry.Cached(_compute)


def get(name: str) -> Described:
    """Raises what `registry.get` does."""
    found = _described.get(name)
    if not found.is_real and _newest(found.endpoint):  # there are real records by now
        _described.forget(name)
        found = _described.get(name)
    return found


def to(access: Access) -> Described:
    """The endpoint as a caller with this access may see it; with made-up examples where something is hidden."""
    if access.is_restricted or access.methods != access.whole.methods or not access.may_act:
        return _narrow(access)
    return get(access.whole.name)


@lru_cache(maxsize=64)
def _narrow(access: Access) -> Described:
    return _made(access_to(access), None, rehearses=not access.is_restricted)


def names() -> list[str]:
    """The names of all enabled endpoints."""
    return list(Endpoint.objects.filter(enabled=True).order_by("name").values_list("name", flat=True))


def those_ready(names: Iterable[str]) -> list[EndpointSpec]:
    """The endpoints of these names, without broken ones, which must not hide the others."""
    ready = []
    for name in names:
        try:
            ready.append(registry.get(name))
        except HubError as error:
            logger.info("Endpoint “%s” is not described: %s", name, error)
    return ready


def _newest(endpoint: EndpointSpec) -> dict[str, object] | None:
    """The document of the newest record that is in sync; None if there is none."""
    found = (
        Record.objects.filter(endpoint_id=endpoint.id, deleted_at=None, state=SyncState.SYNCED)
        .exclude(external_id=None)
        .order_by("-id")
        .values_list("document", flat=True)
        .first()
    )
    return orjson.loads(found) if found else None
