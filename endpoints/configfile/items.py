"""What the file describes, as plain values: the same classes hold what a file says and what the database has."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Field, Model

from endpoints.configfile.places import NOWHERE, Node
from endpoints.models import AccessGrant, AccessKey, Action, Endpoint, Method, Parameter
from mappings.models import Connection, Direction, Kind, Line, LookupTable
from mappings.schema import Fields


def _default(model: type[Model], name: str) -> Any:
    """What a key means that the file leaves out: the value a new row has in admin."""
    field = model._meta.get_field(name)
    assert isinstance(field, Field)  # noqa: S101  # a column, not the other end of a relation
    return field.get_default()


def sorted_methods(methods: Iterable[str]) -> tuple[str, ...]:
    """Methods in one fixed order, so that another order is no difference."""
    given = set(methods)
    return tuple(method for method in Method.values if method in given)


def normal_domain(domain: str) -> str:
    return domain.strip() or "[]"


@dataclass(frozen=True)
class Text:
    """A text and the environment variable that it came from.

    `value` is None if the file names a variable that is not set. Then the database keeps its value.
    """

    value: str | None = dataclasses.field(repr=False)
    env: str = ""
    node: Node = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class ConnectionItem:
    name: str
    url: Text
    database: str
    login: Text
    secret: Text
    company: int | None = None
    language: str = ""
    time_zone: str = ""
    concurrency: int = _default(Connection, "concurrency")
    rate_per_second: float | None = None
    read_timeout: float = _default(Connection, "read_timeout")
    node: Node = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class RowItem:
    external: Any
    odoo: Any
    node: Node = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class TableItem:
    name: str
    on_unknown: str = _default(LookupTable, "on_unknown").value
    rows: tuple[RowItem, ...]
    node: Node = dataclasses.field(default=NOWHERE, compare=False, repr=False)

    def pairs(self) -> list[tuple[Any, Any]]:
        return [(row.external, row.odoo) for row in self.rows]


@dataclass(frozen=True, kw_only=True)
class LineItem:
    key: str
    field: str
    language: str = ""
    kind: str = Kind.PLAIN.value
    mapping: str = ""  # of a relation: how the other records look
    on_missing: str = _default(Line, "on_missing").value
    on_several: str = _default(Line, "on_several").value
    direction: str = Direction.BOTH.value
    required: bool = _default(Line, "required")
    default: Any = None
    identifier: bool = _default(Line, "identifier")
    constant: Any = None
    write_when: str = _default(Line, "write_when").value
    conflicts: str = ""
    table: str = ""
    pattern: str = ""
    time_zone: str = ""
    decimal_sign: str = ""
    thousands_sign: str = ""
    decimals: int | None = None
    trim: bool = _default(Line, "trim")
    case: str = _default(Line, "case").value
    mode: str = _default(Line, "script_mode").value  # of a script
    script: str = ""
    examples: list[Any] | None = None
    node: Node = dataclasses.field(default=NOWHERE, compare=False, repr=False)


def lines_by_name(lines: Iterable[LineItem]) -> dict[str, LineItem]:
    """Lines by key; two with the same key by key and direction."""
    lines = list(lines)
    keys = [line.key for line in lines]
    return {
        line.key if keys.count(line.key) == 1 else f"{line.key} ({line.direction})": line for line in lines
    }


@dataclass(frozen=True, kw_only=True)
class MappingItem:
    name: str
    connection: str
    model: str
    lines: tuple[LineItem, ...]
    node: Node = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class ParameterItem:
    key: str
    field: str
    operator: str = _default(Parameter, "operator").value
    node: Node = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class GrantItem:
    """What a key may do at an endpoint. Empty: no restriction."""

    endpoint: str = ""
    methods: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    domain: str = _default(AccessGrant, "domain")
    node: Node = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class ActionItem:
    name: str
    method: str
    parameters: tuple[str, ...] = ()
    repeatable: bool = _default(Action, "repeatable")
    node: Node = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class KeyItem:
    """An access key: a token, or a login with a password. `stored` is the digest or hash that the database has.

    `expires` is a moment in UTC, 2027-01-31T00:00:00Z. An endpoint's own key opens nothing else.
    """

    name: str
    login: Text | None = None
    secret: Text
    enabled: bool = _default(AccessKey, "enabled")
    expires: str | None = None
    rate: str = ""
    addresses: tuple[str, ...] = ()
    overlap_days: int = _default(AccessKey, "overlap_days")
    opens: tuple[GrantItem, ...] = ()
    stored: str = dataclasses.field(default="", repr=False)
    node: Node = dataclasses.field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class EndpointItem:
    """`keys` is None if the file has none: existing ones stay. `on_delete` and `paused` are None until `check.settled`
    fills in what the file leaves open.
    """

    name: str
    mapping: str
    enabled: bool = _default(Endpoint, "enabled")
    mode: str = _default(Endpoint, "mode").value
    methods: tuple[str, ...] = tuple(Method.values)
    auth: str = _default(Endpoint, "auth").value
    keys: tuple[KeyItem, ...] | None = None
    domain: str = _default(Endpoint, "domain")
    parameters: tuple[ParameterItem, ...] = ()
    actions: tuple[ActionItem, ...] = ()
    limit: int = _default(Endpoint, "limit")
    pull_every: int | None = _default(Endpoint, "pull_every")
    pull_cron: str = _default(Endpoint, "pull_cron")
    rate_per_address: str | None = _default(Endpoint, "rate_per_address")
    rate_per_key: str | None = _default(Endpoint, "rate_per_key")
    on_delete: str | None = None
    conflicts: str = _default(Endpoint, "conflicts").value
    match_on: tuple[str, ...] = ()
    chatter: bool = _default(Endpoint, "chatter")
    paused: bool | None = None
    paused_by_file: bool = dataclasses.field(default=False, compare=False)
    require_if_match: bool = _default(Endpoint, "require_if_match")
    put_creates: bool = _default(Endpoint, "put_creates")
    post_updates: bool = _default(Endpoint, "post_updates")
    node: Node = dataclasses.field(default=NOWHERE, compare=False, repr=False)


FILE = "the configuration file"
"""Stands for the person who paused an endpoint."""


@dataclass
class Config:
    """All items by name. A section is None if the file does not have it.

    `fields`: what is known of Odoo's fields, by connection and model.
    """

    connections: dict[str, ConnectionItem] | None = None
    tables: dict[str, TableItem] | None = None
    mappings: dict[str, MappingItem] | None = None
    endpoints: dict[str, EndpointItem] | None = None
    access_keys: dict[str, KeyItem] | None = None
    fields: dict[tuple[str, str], Fields] = dataclasses.field(default_factory=dict)
    # All names in the file, also of items that could not be read: these are neither unknown nor removed.
    names: dict[str, set[str]] = dataclasses.field(default_factory=dict)
    node: Node = NOWHERE
