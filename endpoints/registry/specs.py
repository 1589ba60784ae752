"""An endpoint as the API and the engine use it: compiled, immutable."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from limits import RateLimitItem

from mappings import domains
from mappings.languages import fields_to_read
from mappings.spec import FieldSpec, MappingSpec
from synchub.addresses import Network

# Keeps Odoo from writing the history of each record, which takes most of the time of a bulk write.
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "no_reset_password": True,
}


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
    lost_parameters: frozenset[str]
    """Keys of those whose field Odoo has no more: they are refused."""
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
        stamp = {"create_date"} if self.mapping.dated else set[str]()
        return sorted({*fields_to_read(self.mapping), *stamp})
