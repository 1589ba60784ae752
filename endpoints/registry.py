"""Endpoints as the API and the engine use them: compiled, immutable, kept in memory while they are current.

A lookup costs no query; once a second a process asks the database whether the configuration has changed, and at once
where it is told that it may have (`catch_up`).
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from limits import RateLimitItem

from endpoints import rates
from endpoints.models import AccessGrant, AccessKey, Endpoint, Mode, Parameter
from mappings import domain_fields, domains, schema
from mappings.compile import compile_mapping
from mappings.languages import fields_to_read
from mappings.models import ConfigVersion
from mappings.spec import FieldSpec, MappingSpec
from synchub.addresses import Network, networks_of
from synchub.errors import ConfigurationError, HubError

logger = logging.getLogger(__name__)

T = TypeVar("T")

CHECK_EVERY = 1.0  # seconds
# Keeps Odoo from writing the history of each record, which takes most of the time of a bulk write.
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "no_reset_password": True,
}


class UnknownEndpoint(HubError):
    """No endpoint of that name is enabled."""


@dataclass(frozen=True)
class KeySpec:
    """An access key and what it may do at one endpoint; see `endpoints.access`. Empty is no restriction.

    `secret` is the digest of its token or the hash of its password; the one before is good until `old_until`.
    """

    id: int
    name: str
    login: str
    secret: str
    old_secret: str = ""
    old_until: datetime | None = None
    expires_at: datetime | None = None
    networks: tuple[Network, ...] = ()
    rate: RateLimitItem | None = None
    has_own_rate: bool = False
    methods: frozenset[str] = frozenset()
    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    domain: domains.Domain = field(default_factory=list)

    def secrets_at(self, moment: datetime) -> list[str]:
        """Those that open something, the newest first."""
        old = self.old_secret and self.old_until is not None and moment < self.old_until
        return [self.secret, self.old_secret] if old else [self.secret]


@dataclass(frozen=True)
class ActionSpec:
    name: str
    method: str
    parameters: frozenset[str]
    repeatable: bool


@dataclass(frozen=True)
class ParameterSpec:
    key: str
    field: FieldSpec
    operator: str


@dataclass(frozen=True)
class EndpointSpec:
    """An endpoint with its mapping. `tokens` maps a token's digest to its key, `logins` a login."""

    id: int
    name: str
    mapping: MappingSpec
    connection_id: int
    mode: str
    methods: frozenset[str]
    auth: str
    tokens: dict[str, KeySpec]
    logins: dict[str, KeySpec]
    moving_domain: domains.Domain
    """With relative dates as they were written: `domain` is what Odoo takes."""
    time_zone: str
    parameters: tuple[ParameterSpec, ...]
    limit: int
    rate_per_address: RateLimitItem | None
    rate_per_key: RateLimitItem | None
    on_delete: str
    conflicts: str
    chatter: bool
    require_if_match: bool
    put_creates: bool
    post_updates: bool
    actions: dict[str, ActionSpec]
    moving_rows: domains.Domain = field(default_factory=list)
    """Of these, the records that an access key reaches; empty is all."""
    accesses: dict[int | None, Any] = field(default_factory=dict, compare=False)
    """What `endpoints.access` has worked out, by key."""

    @property
    def context(self) -> dict[str, Any]:
        """What Odoo is told with every write."""
        return {} if self.chatter else dict(QUIET)

    @property
    def domain(self) -> domains.Domain:
        """Which records it covers at this moment."""
        return self.domain_at(datetime.now(UTC))

    def domain_at(self, moment: datetime) -> domains.Domain:
        return domains.expand(self.moving_domain, moment, self.time_zone)

    @cached_property
    def odoo_fields(self) -> list[str]:
        """What a pull reads of each record."""
        return fields_to_read(self.mapping)


class _Version:
    """The configuration's version, the same for all caches of a process: what is made of two of them is of one."""

    def __init__(self) -> None:
        self._number, self._checked_at, self._times_cleared = -1, 0.0, 0
        self._stamp: bytes | None = None
        self._lock = threading.Lock()

    def now(self) -> tuple[int, int]:
        """At most a second old."""
        if time.monotonic() - self._checked_at > CHECK_EVERY:
            self._look()
        return self._times_cleared, self._number

    def catch_up(self, stamp: bytes) -> None:
        if stamp != self._stamp:
            self._look()
            self._stamp = stamp  # not before: another thread would take what it has for current

    def _look(self) -> None:
        with self._lock:
            self._number = ConfigVersion.current()
            self._checked_at = time.monotonic()

    def clear(self) -> None:
        self._times_cleared += 1
        self._checked_at = 0.0


_version = _Version()


class Cached(Generic[T]):
    """Values by key, computed once and dropped when the configuration changes. Errors are not kept."""

    def __init__(self, compute: Callable[[str], T]) -> None:
        self._compute = compute
        self._lock = threading.Lock()
        self._values: dict[str, T] = {}
        self._version = (0, -1)

    def get(self, key: str) -> T:
        # Read before computing: a change in between leaves a value that the next look drops.
        version = _version.now()
        if version != self._version:
            with self._lock:
                if version != self._version:
                    self._values, self._version = {}, version
        try:
            return self._values[key]
        except KeyError:
            value = self._compute(key)
            with self._lock:
                if version == self._version:
                    self._values[key] = value
            return value

    def forget(self, key: str) -> None:
        """It is computed again for the next who asks."""
        self._values.pop(key, None)


def _compile(name: str) -> EndpointSpec:
    endpoint = (
        Endpoint.objects.select_related("mapping__connection")
        .prefetch_related(
            "mapping__lines__nested__connection",
            "mapping__lines__table__rows",
            "parameters",
            "actions",
            "grants__key",
        )
        .filter(name=name, enabled=True)
        .first()
    )
    if endpoint is None:
        raise UnknownEndpoint(f"There is no endpoint “{name}”.")
    parameters: list[Parameter] = list(endpoint.parameters.all())
    grants = [grant for grant in endpoint.grants.all() if grant.key.enabled]
    # Where two have the same token or login, the endpoint's own is meant.
    grants.sort(key=lambda grant: grant.key.endpoint_id is not None)
    known = schema.known_fields(endpoint.mapping)
    kept = {name for grant in grants for name in grant.fields_of_rows() if name in known}
    mapping = compile_mapping(endpoint.mapping, [*(parameter.field for parameter in parameters), *kept])
    keys = _keys(grants, endpoint)
    return EndpointSpec(
        id=endpoint.pk,
        name=endpoint.name,
        mapping=mapping,
        connection_id=endpoint.mapping.connection_id,
        mode=endpoint.mode,
        methods=frozenset(endpoint.methods),
        auth=endpoint.auth,
        tokens={
            digest: spec
            for key, spec in keys.items()
            if not key.login
            for digest in (spec.old_secret, spec.secret)
            if digest
        },
        logins={key.login: spec for key, spec in keys.items() if key.login},
        moving_domain=domain_of(endpoint),
        time_zone=endpoint.mapping.connection.time_zone,
        parameters=tuple(
            ParameterSpec(parameter.key, mapping.by_field[parameter.field], parameter.operator)
            for parameter in parameters
        ),
        limit=endpoint.limit,
        rate_per_address=_rate(endpoint.rate_per_address),
        rate_per_key=_rate(endpoint.rate_per_key),
        on_delete=endpoint.on_delete,
        conflicts=endpoint.conflicts,
        chatter=endpoint.chatter,
        require_if_match=endpoint.require_if_match,
        put_creates=endpoint.put_creates,
        post_updates=endpoint.post_updates,
        actions={
            one.name: ActionSpec(one.name, one.method, frozenset(one.parameters), one.repeatable)
            for one in endpoint.actions.all()
        },
    )


def _keys(grants: Iterable[AccessGrant], endpoint: Endpoint) -> dict[AccessKey, KeySpec]:
    """Without those whose rows cannot be read: such a key opens nothing, and the others are not concerned."""
    found = {}
    for grant in grants:
        try:
            found[grant.key] = _key(grant, endpoint)
        except ConfigurationError as error:
            logger.warning("An access key is left out: %s", error)
    return found


def _key(grant: AccessGrant, endpoint: Endpoint) -> KeySpec:
    key = grant.key
    return KeySpec(
        id=key.pk,
        name=key.name,
        login=key.login,
        secret=key.password_hash if key.login else key.token_digest,
        old_secret=key.old_secret,
        old_until=key.old_until,
        expires_at=key.expires_at,
        networks=networks_of(key.addresses),
        rate=None if key.rate in ("", rates.NONE) else rates.parse(key.rate),
        has_own_rate=bool(key.rate),
        methods=frozenset(grant.methods),
        read=tuple(grant.read),
        write=tuple(grant.write),
        domain=_bound(
            grant.domain, endpoint, f"The rows of access key “{key.name}” at endpoint “{endpoint.name}”"
        ),
    )


def _rate(text: str | None) -> RateLimitItem | None:
    return rates.parse(text) if text else None


def domain_of(endpoint: Endpoint) -> domains.Domain:
    """Its domain, with relative dates as they were written. Raises ConfigurationError."""
    return _bound(endpoint.domain, endpoint, f"The domain of endpoint “{endpoint.name}”")


def _bound(text: str, endpoint: Endpoint, what: str) -> domains.Domain:
    mapping = endpoint.mapping
    try:
        domain = domains.parse(text)
    except domains.DomainError as error:
        raise ConfigurationError(f"{what}: {error}") from error
    return domain_fields.bind(domain, mapping.model, schema.fields_of(mapping.connection_id))


def _mirrors(connection_id: str) -> tuple[str, ...]:
    return tuple(
        Endpoint.objects.filter(mapping__connection_id=int(connection_id), enabled=True, mode=Mode.MIRROR)
        .order_by("name")
        .values_list("name", flat=True)
    )


_endpoints = Cached(_compile)
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
    _version.catch_up(stamp)


def clear() -> None:
    """Look at the database again before the next answer."""
    _version.clear()
