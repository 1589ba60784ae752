"""From items to a file that, applied, changes nothing. Pure: the same configuration always gives the same text."""

from collections.abc import Mapping
from typing import Any

from endpoints.configfile.columns import keys
from endpoints.configfile.dump import Flow, FlowList, dumped
from endpoints.configfile.items import (
    ActionItem,
    Config,
    ConnectionItem,
    EndpointItem,
    GrantItem,
    KeyItem,
    LineItem,
    MappingItem,
    ParameterItem,
    TableItem,
    Text,
)
from endpoints.configfile.nesting import in_order
from endpoints.configfile.references import Owner, connection_owner, key_owner, names, word_for
from endpoints.models import Method

_HEAD = """\
# The hub's configuration; `manage.py hub_apply FILE` makes a database match it. See docs/configuration.md.
# A key that is not here has its default. {env: NAME} is the value of an environment variable: secrets are
# never written. Applied to the same hub, variables that are not set leave what it has as it is; on another
# hub they have to be set.
"""


def export(config: Config) -> str:
    references = names(config)
    sections: list[tuple[str, list[Any]]] = [
        ("connections", [_connection(item, references) for item in _by_name(config.connections)]),
        ("tables", [_table(item) for item in _by_name(config.tables)]),
        ("mappings", [_mapping(item) for item in in_order(config.mappings or {}).values()]),
        ("endpoints", [_endpoint(item, references) for item in _by_name(config.endpoints)]),
        ("access_keys", [_shared_key(item, references) for item in _by_name(config.access_keys)]),
    ]
    return "\n".join(
        [
            _HEAD,
            *(
                dumped({name: items})
                for name, items in sections
                if items or name not in ("tables", "access_keys")
            ),
        ]
    )


def _by_name(items: Mapping[str, Any] | None) -> list[Any]:
    return [item for _, item in sorted((items or {}).items())]


def _connection(item: ConnectionItem, references: Mapping[Owner, str]) -> dict[str, Any]:
    return {
        "name": item.name,
        "url": _text(item.url),
        "database": item.database,
        "login": item.login.value,
        "secret": _variable(references[connection_owner(item.name)]),
        **_beyond_default(
            item, *keys(ConnectionItem, without=("name", "url", "database", "login", "secret"))
        ),
    }


def _table(item: TableItem) -> dict[str, Any]:
    return {
        "name": item.name,
        **_beyond_default(item, "on_unknown"),
        "rows": [Flow(external=row.external, odoo=row.odoo) for row in item.rows],
    }


def _mapping(item: MappingItem) -> dict[str, Any]:
    return {
        "name": item.name,
        "connection": item.connection,
        "model": item.model,
        "lines": [_line(line) for line in item.lines],
    }


def _line(item: LineItem) -> dict[str, Any]:
    return Flow(
        key=item.key,
        field=item.field,
        **_beyond_default(item, *keys(LineItem, without=("key", "field"))),
    )


def _endpoint(item: EndpointItem, references: Mapping[Owner, str]) -> dict[str, Any]:
    result = {"name": item.name, "mapping": item.mapping, **_beyond_default(item, "enabled", "mode")}
    if item.methods != tuple(Method.values):
        result["methods"] = FlowList(item.methods)
    result |= _beyond_default(item, "auth")
    if item.keys:
        result["keys"] = [_key(key, references[key_owner(item.name, key.name)]) for key in item.keys]
    result |= _beyond_default(item, "domain")
    if item.parameters:
        result["parameters"] = [_parameter(parameter) for parameter in item.parameters]
    if item.actions:
        result["actions"] = [_action(action) for action in item.actions]
    result |= _beyond_default(item, "limit")
    if item.pull_cron:
        result["pull"] = Flow(cron=item.pull_cron)
    elif "pull_every" in _beyond_default(item, "pull_every"):
        result["pull"] = None if item.pull_every is None else Flow(every=item.pull_every)
    result |= _rate_limits(item)
    # Always written: what it defaults to depends on the model, which may not be known where the file is applied.
    result["on_delete"] = item.on_delete
    result |= _beyond_default(item, "conflicts")
    if item.match_on:
        result["match_on"] = FlowList(item.match_on)
    result |= _beyond_default(item, "chatter")
    if item.paused:
        result["paused"] = True
    return result | _beyond_default(item, "require_if_match", "put_creates", "post_updates")


def _key(item: KeyItem, reference: str) -> dict[str, Any]:
    result: dict[str, Any] = Flow(name=item.name)
    if item.login is not None:
        result["login"] = item.login.value
    result[word_for(item)] = _variable(reference)
    result.update(_beyond_default(item, "enabled", "expires", "rate"))
    result.update({name: FlowList(some) for name, some in _beyond_default(item, "addresses").items()})
    result.update(_beyond_default(item, "overlap_days"))
    if len(item.opens) == 1 and not item.opens[0].endpoint:
        result.update(_restrictions(item.opens[0]))
    return result


def _shared_key(item: KeyItem, references: Mapping[Owner, str]) -> dict[str, Any]:
    opens = []
    for grant in item.opens:
        more = _restrictions(grant)
        opens.append(Flow(endpoint=grant.endpoint, **more) if more else grant.endpoint)
    return {**_key(item, references[key_owner("", item.name)]), "endpoints": opens}


def _restrictions(grant: GrantItem) -> dict[str, Any]:
    lists = _beyond_default(grant, "methods", "read", "write")
    return {name: FlowList(some) for name, some in lists.items()} | _beyond_default(grant, "domain")


def _action(item: ActionItem) -> dict[str, Any]:
    parameters = {"parameters": FlowList(item.parameters)} if item.parameters else {}
    return Flow(name=item.name, method=item.method, **parameters, **_beyond_default(item, "repeatable"))


def _parameter(item: ParameterItem) -> dict[str, Any]:
    return Flow(key=item.key, field=item.field, **_beyond_default(item, "operator"))


def _rate_limits(item: EndpointItem) -> dict[str, Any]:
    if item.rate_per_address is None and item.rate_per_key is None:
        return {"rate_limits": None}
    limits = _beyond_default(item, "rate_per_address", "rate_per_key")
    return (
        {"rate_limits": Flow({name.removeprefix("rate_"): limits[name] for name in limits})} if limits else {}
    )


def _beyond_default(item: Any, *names: str) -> dict[str, Any]:
    """The item's values that differ from what a key left out means."""
    fields = type(item).__dataclass_fields__
    return {key: getattr(item, key) for key in names if getattr(item, key) != fields[key].default}


def _text(text: Text) -> Any:
    return _variable(text.env) if text.env else text.value


def _variable(name: str) -> dict[str, Any]:
    return Flow(env=name)
