"""From {env: NAME} to the value behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from endpoints.configfile.items import Config, ConnectionItem, EndpointItem, KeyItem, Text
from endpoints.configfile.places import Findings
from endpoints.configfile.references import word_for
from synchub.crypto import OWN_VARIABLES


def resolved(file: Config, now: Config, environ: Mapping[str, str], findings: Findings) -> Config:
    """The file with the value of every reference.

    If a variable is not set but the database has a value, that value stays and a note says so. Whoever changes a limit
    need not have every secret at hand.
    """
    look = _Lookup(environ, findings)
    if file.connections is not None:
        old_connections = now.connections or {}
        file.connections = {
            name: _connection(item, old_connections.get(name), look)
            for name, item in file.connections.items()
        }
    if file.endpoints is not None:
        old_endpoints = now.endpoints or {}
        file.endpoints = {
            name: _endpoint(item, old_endpoints.get(name), look) for name, item in file.endpoints.items()
        }
    if file.access_keys is not None:
        old_keys = now.access_keys or {}
        file.access_keys = {
            name: _key(item, old_keys.get(name), "", look) for name, item in file.access_keys.items()
        }
    return file


@dataclass
class _Lookup:
    environ: Mapping[str, str]
    findings: Findings

    def __call__(self, text: Text, what: Callable[[], str], *, is_kept: bool) -> Text:
        if not text.env:
            return text
        if text.env in OWN_VARIABLES:
            self.findings.problem(text.node, f"{text.env} is the hub's own, and is sent to nobody")
            return text
        value = self.environ.get(text.env)
        if value:
            return replace(text, value=value)
        missing = f"environment variable {text.env} is {'not set' if value is None else 'empty'}"
        if is_kept:
            self.findings.note(f"{missing}; {what()} stays as it is")
        else:
            self.findings.problem(text.node, missing)
        return text


def _connection(item: ConnectionItem, old: ConnectionItem | None, look: _Lookup) -> ConnectionItem:
    def text(name: str) -> Text:
        new: Text = getattr(item, name)
        kept: Text | None = getattr(old, name) if old else None
        is_kept = kept is not None and bool(kept.value or kept.env == new.env)
        return look(new, lambda: f"the {name} of connection {item.name}", is_kept=is_kept)

    return replace(item, url=text("url"), login=text("login"), secret=text("secret"))


def _endpoint(item: EndpointItem, old: EndpointItem | None, look: _Lookup) -> EndpointItem:
    if item.keys is None:
        return item
    old_keys = {key.name: key for key in (old.keys if old else None) or ()}
    keys = tuple(_key(key, old_keys.get(key.name), item.name, look) for key in item.keys)
    return replace(item, keys=keys)


def _key(key: KeyItem, old: KeyItem | None, endpoint: str, look: _Lookup) -> KeyItem:
    is_kept = old is not None and bool(old.stored) and (old.login is None) == (key.login is None)

    def of_key(word: str) -> Callable[[], str]:
        where = f" of endpoint {endpoint}" if endpoint else ""
        return lambda: f"the {word} of access key {key.name}{where}"

    return replace(
        key,
        login=key.login and look(key.login, of_key("login"), is_kept=is_kept),
        secret=look(key.secret, of_key(word_for(key)), is_kept=is_kept),
    )
