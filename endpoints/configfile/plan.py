"""The difference between a file and the database, in words and in an order in which it can be carried out."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from endpoints.configfile.columns import keys
from endpoints.configfile.differences import differing, shown
from endpoints.configfile.items import (
    ActionItem,
    Config,
    ConnectionItem,
    EndpointItem,
    LineItem,
    MappingItem,
    ParameterItem,
    TableItem,
    Text,
    lines_by_name,
)
from endpoints.configfile.nesting import in_order
from endpoints.configfile.plan_keys import key_changes
from endpoints.configfile.references import connection_owner, key_owner, names

ADD, CHANGE, REMOVE = "+", "~", "-"


@dataclass(frozen=True)
class Step:
    action: str
    kind: str
    name: str
    details: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        head = f"{self.action} {self.kind.replace('_', ' ')} {self.name}"
        yield from (f"{head}: {detail}" for detail in self.details) if self.details else (head,)


def plan(file: Config, now: Config) -> list[Step]:
    """What to do, what others need first; what is removed comes last, in the opposite order."""
    references = names(now)
    sections: list[tuple[str, Callable[[Any, Any], Iterable[str]]]] = [
        ("connection", lambda old, new: _connection(old, new, references)),
        ("table", _table),
        ("mapping", _mapping),
        ("endpoint", lambda old, new: _endpoint(old, new, references)),
        ("access_key", lambda old, new: key_changes(old, new, references[key_owner("", new.name)])),
    ]
    steps: list[Step] = []
    removed: list[Step] = []
    for kind, compare in sections:
        wanted: dict[str, Any] | None = getattr(file, f"{kind}s")
        existing: dict[str, Any] = getattr(now, f"{kind}s") or {}
        if wanted is None:
            continue
        if kind == "mapping":
            wanted, existing = in_order(wanted), in_order(existing)
        for name, item in wanted.items():
            if name not in existing:
                steps.append(Step(ADD, kind, name))
            elif details := tuple(compare(existing[name], item)):
                steps.append(Step(CHANGE, kind, name, details))
        kept = file.names[f"{kind}s"]
        removed[:0] = [Step(REMOVE, kind, name) for name in reversed(existing) if name not in kept]
    return steps + removed


def _connection(old: ConnectionItem, new: ConnectionItem, references: Mapping[Any, str]) -> Iterator[str]:
    only_in_variable = not old.url.value and old.url.env == new.url.env
    if new.url.value is not None and old.url != new.url and not only_in_variable:
        yield f"url {_source(old.url)} → {_source(new.url)}"
    yield from differing(old, new, ["database"])
    if new.login.value is not None and old.login.value != new.login.value:
        yield f"login {old.login.value} → {new.login.value}"
    yield from _secret("secret", old.secret, new.secret, references[connection_owner(old.name)])
    yield from differing(
        old, new, keys(ConnectionItem, without=("name", "url", "database", "login", "secret"))
    )


def _source(text: Text) -> str:
    return f"{text.value} (from {text.env})" if text.env else shown(text.value)


def _secret(word: str, old: Text, new: Text, reference: str) -> Iterator[str]:
    """A secret of a connection, which the database has. It is never shown.

    A file that names the variable which an export makes up for a secret says no more than that the secret is as it is.
    """
    if new.value is None:
        return
    only_in_variable = not old.value and old.env == new.env
    if new.value != old.value and not only_in_variable:
        yield f"{word} changed"
    if new.env != old.env and not (new.env == reference and new.value == old.value):
        yield f"{word} is read from {new.env}" if new.env else f"{word} is no longer read from {old.env}"


def _table(old: TableItem, new: TableItem) -> Iterator[str]:
    yield from differing(old, new, ["on_unknown"])
    was, becomes = (
        {
            json.dumps([row.external, row.odoo]): f"{shown(row.external)} = {shown(row.odoo)}"
            for row in item.rows
        }
        for item in (old, new)
    )
    yield from (f"row {row} added" for text, row in becomes.items() if text not in was)
    yield from (f"row {row} removed" for text, row in was.items() if text not in becomes)
    if [text for text in was if text in becomes] != [text for text in becomes if text in was]:
        yield "rows in another order"


def _mapping(old: MappingItem, new: MappingItem) -> Iterator[str]:
    yield from differing(old, new, ["connection", "model"])
    was, becomes = (lines_by_name(item.lines) for item in (old, new))
    for key, line in becomes.items():
        if key not in was:
            yield f"line {key} added"
        elif changes := ", ".join(_line(was[key], line)):
            yield f"line {key}: {changes}"
    yield from (f"line {key} removed" for key in was if key not in becomes)
    if [key for key in was if key in becomes] != [key for key in becomes if key in was]:
        yield "lines in another order"


_JSON = ("default", "constant", "examples")


def _line(old: LineItem, new: LineItem) -> Iterator[str]:
    yield from differing(old, new, keys(LineItem, without=("key", *_JSON)))
    for name in _JSON:
        before, after = getattr(old, name), getattr(new, name)
        # 1 and true are equal in Python; in which order the keys of an object stand, the database does not keep.
        if json.dumps(before, sort_keys=True) != json.dumps(after, sort_keys=True):
            yield f"{name} {shown(before)} → {shown(after)}"


_CALLED = {
    "pull_every": "pull every",
    "pull_cron": "pull at",
    "rate_per_address": "rate limit per address",
    "rate_per_key": "rate limit per key",
}


def _endpoint(old: EndpointItem, new: EndpointItem, references: Mapping[Any, str]) -> Iterator[str]:
    apart = ("name", "keys", "parameters", "actions", "paused_by_file")
    yield from differing(old, new, keys(EndpointItem, without=apart), _CALLED)
    yield from _parameters(old.parameters, new.parameters)
    yield from _actions(old.actions, new.actions)
    if new.keys is None:
        return
    was, becomes = ({key.name: key for key in item.keys or ()} for item in (old, new))
    for name, key in becomes.items():
        if name not in was:
            yield f"access key {name} added"
            continue
        reference = references[key_owner(old.name, name)]
        yield from (f"access key {name}: {change}" for change in key_changes(was[name], key, reference))
    yield from (f"access key {name} removed" for name in was if name not in becomes)


def _parameters(old: Sequence[ParameterItem], new: Sequence[ParameterItem]) -> Iterator[str]:
    was, becomes = ({item.key: item for item in items} for items in (old, new))
    for key, item in becomes.items():
        if key not in was:
            yield f"parameter {key} added"
        elif item != was[key]:
            before, after = (f"{item.field} {item.operator}" for item in (was[key], item))
            yield f"parameter {key}: {before} → {after}"
    yield from (f"parameter {key} removed" for key in was if key not in becomes)


def _actions(old: Sequence[ActionItem], new: Sequence[ActionItem]) -> Iterator[str]:
    was, becomes = ({item.name: item for item in items} for items in (old, new))
    for name, item in becomes.items():
        if name not in was:
            yield f"action {name} added"
        elif item != was[name]:
            yield f"action {name} changed"
    yield from (f"action {name} removed" for name in was if name not in becomes)
