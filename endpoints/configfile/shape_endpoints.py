"""The shape of endpoints."""

from typing import Any

from endpoints.configfile.items import ActionItem, EndpointItem, ParameterItem
from endpoints.configfile.kinds import BAD, Domain, Flag, ListOf, Methods, OneOf, OrNull, TextKind, Whole
from endpoints.configfile.objects import Key, Shape
from endpoints.configfile.places import Findings, Node
from endpoints.configfile.shape_keys import ACCESS_KEY
from endpoints.models import Auth, Conflicts, Mode, OnDelete, Operator

_text, _flag = TextKind(), Flag()

PARAMETER = Shape(
    "a parameter",
    {
        "key": Key(_text, required=True),
        "field": Key(_text, required=True),
        "operator": Key(OneOf(Operator.values)),
    },
    ParameterItem,
)

ACTION = Shape(
    "an action",
    {
        "name": Key(_text, required=True),
        "method": Key(_text, required=True),
        "parameters": Key(ListOf(_text)),
        "repeatable": Key(_flag),
    },
    ActionItem,
)


class _Pull(Shape):
    """{every} or {cron}."""

    def read(self, node: Node, findings: Findings) -> Any:
        values = super().read(node, findings)
        if values is not BAD and len({"every", "cron"} & set(node.value)) != 1:
            findings.problem(node, "pull has either every (seconds) or cron (times of the day and week)")
            return BAD
        return values


_PULL = _Pull("pull", {"every": Key(Whole(least=1)), "cron": Key(_text)})
_RATE_LIMITS = Shape("rate_limits", {"per_address": Key(OrNull(_text)), "per_key": Key(OrNull(_text))})


def _endpoint(node: Node, **values: Any) -> EndpointItem:
    if "pull" in values:
        pull = values.pop("pull")
        values["pull_every"] = None if pull is None else pull.get("every")
        values["pull_cron"] = "" if pull is None else pull.get("cron", "")
    if "rate_limits" in values:
        limits = values.pop("rate_limits")
        limits = {"per_address": None, "per_key": None} if limits is None else limits
        values |= {f"rate_{name}": limit or None for name, limit in limits.items()}
    return EndpointItem(**values, node=node)


ENDPOINT = Shape(
    "an endpoint",
    {
        "name": Key(_text, required=True),
        "mapping": Key(_text, required=True),
        "enabled": Key(_flag),
        "mode": Key(OneOf(Mode.values)),
        "methods": Key(Methods()),
        "auth": Key(OneOf(Auth.values)),
        "keys": Key(ListOf(ACCESS_KEY)),
        "domain": Key(Domain()),
        "parameters": Key(ListOf(PARAMETER)),
        "actions": Key(ListOf(ACTION)),
        "limit": Key(Whole(least=1)),
        "pull": Key(OrNull(_PULL)),
        "rate_limits": Key(OrNull(_RATE_LIMITS)),
        "on_delete": Key(OneOf(OnDelete.values)),
        "conflicts": Key(OneOf(Conflicts.values)),
        "match_on": Key(ListOf(_text)),
        "chatter": Key(_flag),
        "paused": Key(_flag),
        "require_if_match": Key(_flag),
        "put_creates": Key(_flag),
        "post_updates": Key(_flag),
    },
    _endpoint,
)
