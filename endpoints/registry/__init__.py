"""Endpoints as the API and the engine use them: compiled, immutable, kept in memory while they are current.

A lookup costs no query; once a second a process asks the database whether the configuration has changed, and at once
where it is told that it may have (`catch_up`).
"""

from collections.abc import Iterator

from endpoints.models import Endpoint, Mode
from endpoints.registry.compiling import UnknownEndpoint, compile_endpoint, domain_of
from endpoints.registry.current import VERSION, Cached
from endpoints.registry.specs import QUIET, ActionSpec, EndpointSpec, KeySpec
from mappings.mentions import Naming
from mappings.mentions import named_by as named_by_relations
from mappings.models import Connection
from synchub.errors import ConfigurationError, HubError

__all__ = [
    "QUIET",
    "ActionSpec",
    "Cached",
    "EndpointSpec",
    "KeySpec",
    "UnknownEndpoint",
    "catch_up",
    "clear",
    "copies",
    "domain_of",
    "get",
    "has_changed",
    "mirrors",
    "mirrors_of_database",
    "named_by",
    "same_database",
    "writers",
    "writers_of_database",
]


def _mirrors(connection_id: str) -> tuple[str, ...]:
    return tuple(
        Endpoint.objects.filter(mapping__connection_id=int(connection_id), enabled=True, mode=Mode.MIRROR)
        .order_by("name")
        .values_list("name", flat=True)
    )


def _named_by(connection_id: str) -> frozenset[Naming]:
    return frozenset().union(*(named_by_relations(one.mapping) for one in mirrors(int(connection_id))))


def _same_database(connection_id: str) -> tuple[int, ...]:
    address = {
        one.pk: (one.effective_url.rstrip("/").casefold(), one.database)
        for one in Connection.objects.only("url", "url_env", "database").order_by("pk")
    }
    own = address.get(int(connection_id))
    return tuple(pk for pk, other in address.items() if other == own) or (int(connection_id),)


def _over_model(key: str) -> tuple[int, ...]:
    connection_id, model = key.split(":")
    over = Endpoint.objects.filter(mapping__connection_id=int(connection_id), mapping__model=model)
    return tuple(over.order_by("name").values_list("pk", flat=True))


_endpoints = Cached(compile_endpoint)
_of_connections = Cached(_mirrors)
_namings = Cached(_named_by)
_databases = Cached(_same_database)
_over_models = Cached(_over_model)


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


def same_database(connection_id: int) -> tuple[int, ...]:
    """The connections to the same database of Odoo's, this one among them; the oldest first. There may be one for each company,
    or language."""
    return _databases.get(str(connection_id))


def mirrors_of_database(connection_id: int) -> Iterator[EndpointSpec]:
    """As `mirrors`, of all connections to the same database."""
    for one in same_database(connection_id):
        yield from mirrors(one)


def copies(connection_id: int, model: str) -> list[int]:
    """Ids of the mirrors that keep records of this model of the same database, by whatever connection."""
    return [one.id for one in mirrors_of_database(connection_id) if one.mapping.model == model]


def writers(connection_id: int, model: str) -> tuple[int, ...]:
    """Ids of all endpoints of a connection over this model, also of those that are off or live by now: what they have brought to Odoo
    is nobody's edit all the same."""
    return _over_models.get(f"{connection_id}:{model}")


def writers_of_database(connection_id: int, model: str) -> list[int]:
    """As `writers`, of all connections to the same database."""
    return [pk for one in same_database(connection_id) for pk in writers(one, model)]


def has_changed(endpoint: EndpointSpec) -> bool:
    """Does it show and take another thing by now, or cannot work at all?"""
    try:
        return get(endpoint.name).mapping.fingerprint != endpoint.mapping.fingerprint
    except HubError:  # which whoever asks for it next is told
        return True


def named_by(connection_id: int, model: str) -> list[str]:
    """The fields by which relations of its mirrors name records of this model."""
    return [field for one, field in _namings.get(str(connection_id)) if one == model]


def catch_up(stamp: bytes) -> None:
    """See to it that what `get` gives next is no older than the configuration that Redis calls by this name."""
    VERSION.catch_up(stamp)


def clear() -> None:
    """Look at the database again before the next answer."""
    VERSION.clear()
