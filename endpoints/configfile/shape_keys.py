"""The shape of access keys: those of an endpoint, and those that open several."""

from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime

from endpoints.configfile.items import GrantItem, KeyItem
from endpoints.configfile.kinds import (
    BAD,
    Flag,
    Key,
    Kind,
    ListOf,
    OneOf,
    OrNull,
    Shape,
    TextKind,
    TextOrVariable,
    Whole,
    shown,
)
from endpoints.configfile.places import Findings, Node
from endpoints.models import Method

_text = TextKind()
_GRANT: dict[str, Key] = {
    "methods": Key(ListOf(OneOf(Method.values))),
    "read": Key(ListOf(_text)),
    "write": Key(ListOf(_text)),
    "domain": Key(_text),
}


class Moment(Kind):
    """A date, which begins at midnight UTC, or a date and time."""

    def read(self, node: Node, findings: Findings) -> Any:
        text = node.value if isinstance(node.value, str) else ""
        try:
            found = parse_datetime(text)
            day = None if found else parse_date(text)
        except ValueError:
            found = day = None
        if found is None and day is None:
            findings.problem(
                node, f"a date is expected, like 2027-01-31 or 2027-01-31T12:00:00Z, not {shown(node)}"
            )
            return BAD
        found = found or datetime(day.year, day.month, day.day)  # type: ignore[union-attr]  # see below
        return moment_text(found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC))


def moment_text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _grant(values: dict[str, Any], node: Node) -> GrantItem:
    values = dict(values)
    if "methods" in values:
        # In one order, so that another one is no difference.
        values["methods"] = tuple(method for method in Method.values if method in values["methods"])
    for name in ("read", "write"):
        if name in values:
            values[name] = tuple(values[name])
    if "domain" in values:
        values["domain"] = values["domain"].strip() or "[]"
    return GrantItem(**values, node=node)


class _Opened(Kind):
    """An endpoint's name, or an object that also says what of it."""

    def read(self, node: Node, findings: Findings) -> Any:
        if isinstance(node.value, str):
            return GrantItem(endpoint=node.value, node=node)
        return GRANT.read(node, findings)


GRANT = Shape("an opened endpoint", {"endpoint": Key(_text, required=True), **_GRANT}, make=_grant)


class _AccessKey(Shape):
    """{name, token} or {name, login, password}."""

    def read(self, node: Node, findings: Findings) -> Any:
        values = super().read(node, findings)
        if values is BAD:
            return BAD
        given = {name for name in ("token", "login", "password") if name in node.value}
        if given not in ({"token"}, {"login", "password"}):
            findings.problem(node, "an access key has either a token, or a login and a password")
            return BAD
        if not given <= set(values):
            return BAD
        secret = values.pop("token", None) or values.pop("password")
        if "addresses" in values:
            values["addresses"] = tuple(values["addresses"])
        opens = values.pop("endpoints", None)
        if opens is None:
            own = {name: values.pop(name) for name in _GRANT if name in values}
            opens = [_grant(own, node)]
        return KeyItem(**values, opens=tuple(opens), secret=secret, node=node)


_KEY: dict[str, Key] = {
    "name": Key(_text, required=True),
    "token": Key(TextOrVariable()),
    "login": Key(TextOrVariable()),
    "password": Key(TextOrVariable()),
    "enabled": Key(Flag()),
    "expires": Key(OrNull(Moment())),
    "rate": Key(_text),
    "addresses": Key(ListOf(_text)),
    "overlap_days": Key(Whole()),
}
ACCESS_KEY = _AccessKey("an access key", {**_KEY, **_GRANT})
SHARED_KEY = _AccessKey("an access key", {**_KEY, "endpoints": Key(ListOf(_Opened()), required=True)})
