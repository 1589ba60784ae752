"""The file's shape: every key, what it takes, and the item that comes of it."""

from collections.abc import Iterable
from typing import Any

from endpoints.configfile.items import (
    ActionItem,
    Config,
    ConnectionItem,
    EndpointItem,
    LineItem,
    MappingItem,
    ParameterItem,
    RowItem,
    TableItem,
)
from endpoints.configfile.kinds import (
    BAD,
    Flag,
    Json,
    Key,
    ListOf,
    Number,
    OneOf,
    OrNull,
    Scalar,
    Shape,
    TextKind,
    TextOrVariable,
    Whole,
    suggestion,
)
from endpoints.configfile.places import Findings, Node
from endpoints.configfile.shape_keys import ACCESS_KEY, SHARED_KEY
from endpoints.models import Auth, Conflicts, Method, Mode, OnDelete, Operator
from mappings.models import Direction, Kind, OnMissing, OnSeveral, OnUnknown, ScriptMode, TextCase, WriteWhen

_text, _flag = TextKind(), Flag()


def _connection(values: dict[str, Any], node: Node) -> ConnectionItem:
    return ConnectionItem(**values, node=node)


CONNECTION = Shape(
    "a connection",
    {
        "name": Key(_text, required=True),
        "url": Key(TextOrVariable(), required=True),
        "database": Key(_text, required=True),
        "login": Key(TextOrVariable(), required=True),
        "secret": Key(TextOrVariable(), required=True),
        "company": Key(OrNull(Whole(least=1))),
        "language": Key(_text),
        "time_zone": Key(_text),
        "concurrency": Key(Whole(least=1)),
        "rate_per_second": Key(OrNull(Number())),
        "read_timeout": Key(Number()),
    },
    make=_connection,
)

LINE = Shape(
    "a line",
    {
        "key": Key(_text, required=True),
        "field": Key(_text, required=True),
        "language": Key(_text),
        "kind": Key(OneOf(Kind.values)),
        "mapping": Key(_text),
        "on_missing": Key(OneOf(OnMissing.values)),
        "on_several": Key(OneOf(OnSeveral.values)),
        "direction": Key(OneOf(Direction.values)),
        "required": Key(_flag),
        "default": Key(Json()),
        "identifier": Key(_flag),
        "constant": Key(Json()),
        "write_when": Key(OneOf(WriteWhen.values)),
        "conflicts": Key(OneOf(Conflicts.values)),
        "table": Key(_text),
        "pattern": Key(_text),
        "time_zone": Key(_text),
        "decimal_sign": Key(_text),
        "thousands_sign": Key(_text),
        "decimals": Key(OrNull(Whole())),
        "trim": Key(_flag),
        "case": Key(OneOf([case for case in TextCase.values if case])),
        "mode": Key(OneOf(ScriptMode.values)),
        "script": Key(_text),
        "examples": Key(Json()),
    },
    make=lambda values, node: LineItem(**values, node=node),
)

ROW = Shape(
    "a row",
    {"external": Key(Scalar(), required=True), "odoo": Key(Scalar(), required=True)},
    make=lambda values, node: RowItem(**values, node=node),
)

TABLE = Shape(
    "a table",
    {
        "name": Key(_text, required=True),
        "on_unknown": Key(OneOf(OnUnknown.values)),
        "rows": Key(ListOf(ROW), required=True),
    },
    make=lambda values, node: TableItem(**{**values, "rows": tuple(values["rows"])}, node=node),
)

MAPPING = Shape(
    "a mapping",
    {
        "name": Key(_text, required=True),
        "connection": Key(_text, required=True),
        "model": Key(_text, required=True),
        "lines": Key(ListOf(LINE), required=True),
    },
    make=lambda values, node: MappingItem(**{**values, "lines": tuple(values["lines"])}, node=node),
)

PARAMETER = Shape(
    "a parameter",
    {
        "key": Key(_text, required=True),
        "field": Key(_text, required=True),
        "operator": Key(OneOf(Operator.values)),
    },
    make=lambda values, node: ParameterItem(**values, node=node),
)


ACTION = Shape(
    "an action",
    {
        "name": Key(_text, required=True),
        "method": Key(_text, required=True),
        "parameters": Key(ListOf(_text)),
        "repeatable": Key(_flag),
    },
    make=lambda values, node: ActionItem(
        **{**values, "parameters": tuple(values.get("parameters", ()))}, node=node
    ),
)


class _Pull(Shape):
    """{every} or {cron}."""

    def read(self, node: Node, findings: Findings) -> Any:
        values = super().read(node, findings)
        if values is not BAD and len({"every", "cron"} & set(node.value)) != 1:
            findings.problem(node, "pull has either every (seconds) or cron (times of the day and week)")
            return BAD
        return values


PULL = _Pull("pull", {"every": Key(Whole(least=1)), "cron": Key(_text)})


def _endpoint(values: dict[str, Any], node: Node) -> EndpointItem:
    values = dict(values)
    if "pull" in values:
        pull = values.pop("pull")
        values["pull_every"] = None if pull is None else pull.get("every")
        values["pull_cron"] = "" if pull is None else pull.get("cron", "")
    if "rate_limits" in values:
        limits = values.pop("rate_limits")
        limits = {"per_address": None, "per_key": None} if limits is None else limits
        values |= {f"rate_{name}": limit or None for name, limit in limits.items()}
    if "methods" in values:
        # In one order, so that another one is no difference.
        values["methods"] = tuple(method for method in Method.values if method in values["methods"])
    if "domain" in values:
        values["domain"] = values["domain"].strip() or "[]"
    for name in ("keys", "parameters", "actions", "match_on"):
        if name in values:
            values[name] = tuple(values[name])
    return EndpointItem(**values, node=node)


ENDPOINT = Shape(
    "an endpoint",
    {
        "name": Key(_text, required=True),
        "mapping": Key(_text, required=True),
        "enabled": Key(_flag),
        "mode": Key(OneOf(Mode.values)),
        "methods": Key(ListOf(OneOf(Method.values))),
        "auth": Key(OneOf(Auth.values)),
        "keys": Key(ListOf(ACCESS_KEY)),
        "domain": Key(_text),
        "parameters": Key(ListOf(PARAMETER)),
        "actions": Key(ListOf(ACTION)),
        "limit": Key(Whole(least=1)),
        "pull": Key(OrNull(PULL)),
        "rate_limits": Key(
            OrNull(Shape("rate_limits", {"per_address": Key(OrNull(_text)), "per_key": Key(OrNull(_text))}))
        ),
        "on_delete": Key(OneOf(OnDelete.values)),
        "conflicts": Key(OneOf(Conflicts.values)),
        "match_on": Key(ListOf(_text)),
        "chatter": Key(_flag),
        "paused": Key(_flag),
        "require_if_match": Key(_flag),
        "put_creates": Key(_flag),
        "post_updates": Key(_flag),
    },
    make=_endpoint,
)

_LATER = ("targets",)
"""Sections that a file may have one day, and this version does nothing with."""

SECTIONS = {
    "connections": CONNECTION,
    "tables": TABLE,
    "mappings": MAPPING,
    "endpoints": ENDPOINT,
    "access_keys": SHARED_KEY,
}


def config(root: Node, findings: Findings) -> Config:
    """All that can be read of the file; what cannot is noted in `findings`."""
    result = Config(node=root)
    if not isinstance(root.value, dict):
        findings.problem(root, f"a configuration file is an object with {', '.join(SECTIONS)}")
        return result
    for name, node in root.value.items():
        if name in _LATER:
            findings.problem(node, f"“{name}” comes with a later version of the hub")
        elif name not in SECTIONS:
            hint = suggestion(name, SECTIONS)
            findings.problem(node, f"there is no section “{name}”{hint}; there are {', '.join(SECTIONS)}")
        elif not isinstance(node.value, list):
            hint = "; write [] to remove all of them" if node.value is None else ""
            findings.problem(node, f"a list is expected{hint}")
            result.names[name] = set()
        else:
            setattr(result, name, _section(name, node, result, findings))
    return result


def _section(section: str, node: Node, result: Config, findings: Findings) -> dict[str, Any]:
    names = result.names[section] = _names(node.value, findings)
    items: dict[str, Any] = {}
    for inner in node.value:
        item = SECTIONS[section].read(inner, findings)
        if item is not BAD and item.name in names:
            items.setdefault(item.name, item)
            for part, what in (
                ("lines", "key"),
                ("keys", "name"),
                ("parameters", "key"),
                ("opens", "endpoint"),
                ("actions", "name"),
            ):
                _once(getattr(item, part, None) or (), what, findings)
    return items


def _names(nodes: Iterable[Node], findings: Findings) -> set[str]:
    lines: dict[str, int] = {}
    for node in nodes:
        name = node.at("name")
        if name is node or not isinstance(name.value, str):
            continue
        if name.value in lines:
            findings.problem(
                name, f"“{name.value}” is there twice; the first begins in line {lines[name.value]}"
            )
        lines.setdefault(name.value, name.line)
    return set(lines)


def _once(items: Iterable[Any], what: str, findings: Findings) -> None:
    seen: dict[str, int] = {}
    for item in items:
        node, name = item.node.at(what), getattr(item, what)
        # Of two lines with the same key, one may be for each direction.
        known = f"{name} {item.direction}" if isinstance(item, LineItem) else name
        if known in seen:
            findings.problem(node, f"“{name}” is there twice; the first is in line {seen[known]}")
        seen.setdefault(known, node.line)
