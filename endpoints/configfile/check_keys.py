"""What can be told of access keys before they are written."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from endpoints.configfile.items import Config, EndpointItem, KeyItem
from endpoints.configfile.kinds import is_there
from endpoints.configfile.places import Findings
from endpoints.configfile.plan_keys import secret_fits
from endpoints.configfile.references import word_for
from endpoints.models import Auth


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
    """Whoever revoked a key may have done so because others know its secret: with that one the file does not allow it again."""
    if keys is None:
        return None
    settled = {}
    for name, key in keys.items():
        old = (now or {}).get(name)
        if old is not None and not old.enabled and key.enabled and not _is_new(old, key):
            word = word_for(old)
            findings.warning(
                key.node,
                f"access key “{name}” was revoked, and stays so with the same {word}: give it another {word}, or press “Allow "
                "again” on its page in admin",
            )
            key = replace(key, enabled=False)
        settled[name] = key
    return settled


def _is_new(old: KeyItem, key: KeyItem) -> bool:
    if key.secret.value is None:
        return False
    return (old.login is None) != (key.login is None) or not secret_fits(old, key.secret.value)


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
