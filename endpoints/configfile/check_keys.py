"""Checks access keys before they are written."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from endpoints.configfile.items import Config, EndpointItem, KeyItem
from endpoints.configfile.kinds import is_there
from endpoints.configfile.places import Findings
from endpoints.configfile.plan_keys import secret_fits
from endpoints.configfile.references import word_for
from endpoints.models import Auth
from endpoints.revoked import was_revoked


def own_keys(endpoint: EndpointItem, findings: Findings) -> None:
    _alone(endpoint.keys or (), findings)
    for key in endpoint.keys or ():
        _of_use(key, endpoint, findings)


def shared_keys(file: Config, now: Config, known: set[str], findings: Findings) -> None:
    keys = list((file.access_keys or {}).values())
    endpoints = (file.endpoints if file.endpoints is not None else now.endpoints) or {}
    _alone(keys, findings)
    for key in keys:
        for grant in key.opens:
            endpoint = endpoints.get(grant.endpoint)
            there = is_there("endpoint", grant.endpoint, known, grant.node.at("endpoint"), findings)
            if there and endpoint is not None:
                _of_use(key, endpoint, findings)
                if key.name in {own.name for own in endpoint.keys or ()}:
                    findings.problem(
                        key.node.at("name"),
                        f"endpoint “{endpoint.name}” has an access key “{key.name}” of its own",
                    )


def stay_revoked(
    keys: dict[str, KeyItem] | None, now: Mapping[str, KeyItem] | None, findings: Findings
) -> dict[str, KeyItem] | None:
    """The keys, where none whose secret was revoked is enabled by the file, under whatever name."""
    if keys is None:
        return None
    return {
        name: _settled(key, (now or {}).get(name), findings) if key.enabled else key
        for name, key in keys.items()
    }


def _settled(key: KeyItem, old: KeyItem | None, findings: Findings) -> KeyItem:
    if old is not None and _is_as_it_was(old, key):
        return key if old.enabled else _stays_revoked(key, word_for(old), findings)
    if not _has_revoked(key, old):
        return key
    word = word_for(key)
    if old is None or not _is_for_the_same(old, key):
        return _stays_revoked(key, word, findings)
    # Its present secret must not be lost, nor replaced by one that “Allow again” would then allow.
    findings.warning(
        key.node,
        f"the {word} that access key “{key.name}” has here was revoked: the key keeps the {word} that the hub has of it"
        f"{'' if old.enabled else ', and stays revoked'}. Give it another {word}",
    )
    return replace(key, enabled=old.enabled, secret=replace(key.secret, value=None))


def _stays_revoked(key: KeyItem, word: str, findings: Findings) -> KeyItem:
    findings.warning(
        key.node,
        f"access key “{key.name}” was revoked, and stays so with the same {word}: give it another {word}, or press “Allow "
        "again” on its page in admin",
    )
    return replace(key, enabled=False)


def _has_revoked(key: KeyItem, old: KeyItem | None) -> bool:
    value = key.secret.value
    if value is None:
        return False
    if key.login is None:
        return was_revoked("", value)
    login = key.login.value or (old.login.value if old and old.login else None)
    return login is not None and login != "" and was_revoked(login, value)


def _is_as_it_was(old: KeyItem, key: KeyItem) -> bool:
    if key.secret.value is None:
        return True
    return (old.login is None) == (key.login is None) and secret_fits(old, key.secret.value)


def _is_for_the_same(old: KeyItem, key: KeyItem) -> bool:
    """Both a token, or both a password of one login."""
    if old.login is None or key.login is None:
        return old.login is key.login
    return key.login.value in (None, old.login.value)


def _of_use(key: KeyItem, endpoint: EndpointItem, findings: Findings) -> None:
    with_token = key.login is None
    if endpoint.auth != (Auth.BEARER if with_token else Auth.BASIC):
        what = "a token" if with_token else "a login and password"
        findings.warning(key.node, f"{what} is of no use while auth is {endpoint.auth}")


def _alone(keys: Iterable[KeyItem], findings: Findings) -> None:
    """Keys that open the same endpoint must differ."""
    tokens: dict[str, str] = {}
    logins: dict[str, str] = {}
    for key in keys:
        if key.login is not None:
            _one_key(key, key.login.value, logins, "login", findings)
        else:
            _one_key(key, key.secret.value, tokens, "token", findings)
        if key.secret.value == "":
            findings.problem(key.secret.node, "an empty text keeps nobody out")


def _one_key(key: KeyItem, value: str | None, seen: dict[str, str], what: str, findings: Findings) -> None:
    if value in seen:
        findings.problem(key.node.at(what), f"access key “{seen[value]}” has the same {what}")
    elif value:
        seen[value] = key.name
