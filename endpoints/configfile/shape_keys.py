"""The shape of access keys: those of an endpoint, and those that open several."""

from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime

from endpoints.configfile.items import GrantItem, KeyItem
from endpoints.configfile.kinds import (
    BAD,
    Domain,
    Flag,
    Kind,
    ListOf,
    Methods,
    OrNull,
    TextKind,
    Whole,
    shown,
)
from endpoints.configfile.objects import Key, Shape, TextOrVariable
from endpoints.configfile.places import Findings, Node

_text = TextKind()
_GRANT: dict[str, Key] = {
    "methods": Key(Methods()),
    "read": Key(ListOf(_text)),
    "write": Key(ListOf(_text)),
    "domain": Key(Domain()),
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
        found = found or datetime(day.year, day.month, day.day)  # type: ignore[union-attr]  # see above
        return moment_text(found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC))


def moment_text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


GRANT = Shape("an opened endpoint", {"endpoint": Key(_text, required=True), **_GRANT}, GrantItem)


class _Opened(Kind):
    """An endpoint's name, or an object that also says which part of it."""

    def read(self, node: Node, findings: Findings) -> Any:
        if isinstance(node.value, str):
            return GrantItem(endpoint=node.value, node=node)
        return GRANT.read(node, findings)


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
        opens = values.pop("endpoints", None)
        if opens is None:
            own = {name: values.pop(name) for name in _GRANT if name in values}
            opens = (GrantItem(**own, node=node),)
        return KeyItem(**values, opens=opens, secret=secret, node=node)


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
