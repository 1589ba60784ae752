"""Endpoints as the API and the engine use them: compiled, immutable, kept in memory while they are current.

A lookup costs no query; once a second a process asks the database whether the configuration has changed, and at once
where it is told that it may have (`catch_up`).
"""

from collections.abc import Iterator

from endpoints.models import Endpoint, Mode
from endpoints.registry.compiling import UnknownEndpoint, compile_endpoint, domain_of
from endpoints.registry.current import VERSION, Cached
from endpoints.registry.specs import QUIET, ActionSpec, EndpointSpec, KeySpec
from synchub.errors import ConfigurationError

__all__ = [
    "QUIET",
    "ActionSpec",
    "Cached",
    "EndpointSpec",
    "KeySpec",
    "UnknownEndpoint",
    "catch_up",
    "clear",
    "domain_of",
    "get",
    "mirrors",
]


def _mirrors(connection_id: str) -> tuple[str, ...]:
    return tuple(
        Endpoint.objects.filter(mapping__connection_id=int(connection_id), enabled=True, mode=Mode.MIRROR)
        .order_by("name")
        .values_list("name", flat=True)
    )


_endpoints = Cached(compile_endpoint)
_of_connections = Cached(_mirrors)


def get(name: str) -> EndpointSpec:
    """Raises UnknownEndpoint, NotReady (fields not read yet), ConfigurationError."""
    return _endpoints.get(name)


def mirrors(connection_id: int) -> Iterator[EndpointSpec]:
    """The enabled endpoints of a connection that keep records here, those left out that cannot work for now."""
    for name in _of_connections.get(str(connection_id)):
        try:
            yield get(name)
        except (UnknownEndpoint, ConfigurationError):
            continue


def catch_up(stamp: bytes) -> None:
    """See to it that what `get` gives next is no older than the configuration that Redis calls by this name."""
    VERSION.catch_up(stamp)


def clear() -> None:
    """Look at the database again before the next answer."""
    VERSION.clear()
