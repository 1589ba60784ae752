"""Which environment variable stands for which secret in an exported file.

A secret that came from a variable is written as that variable. Others get a name made from their owner's.
"""

import re
from collections.abc import Iterator

from endpoints.configfile.items import Config, KeyItem

Owner = tuple[str, ...]  # ("connection", name) or ("key", endpoint, name); no endpoint: the key opens several

_LONGEST = 90  # a variable's name has 100 characters at most in the database


def names(config: Config) -> dict[Owner, str]:
    stored = {owner: env for owner, env, _ in _secrets(config) if env}
    taken = set(stored.values())
    result = dict(stored)
    for owner, env, wanted in _secrets(config):
        if not env:
            result[owner] = _free(wanted, taken)
            taken.add(result[owner])
    return result


def key_owner(endpoint: str, key: str) -> Owner:
    return ("key", endpoint, key)


def connection_owner(name: str) -> Owner:
    return ("connection", name)


def _secrets(config: Config) -> Iterator[tuple[Owner, str, str]]:
    """Owner, its variable if it has one, and the name it would get otherwise."""
    for connection in (config.connections or {}).values():
        yield connection_owner(connection.name), connection.secret.env, _made(connection.name, "SECRET")
    for endpoint in (config.endpoints or {}).values():
        for key in endpoint.keys or ():
            yield (
                key_owner(endpoint.name, key.name),
                key.secret.env,
                _made(endpoint.name, key.name, word_for(key).upper()),
            )
    for key in (config.access_keys or {}).values():
        yield key_owner("", key.name), key.secret.env, _made(key.name, word_for(key).upper())


def word_for(key: KeyItem) -> str:
    return "token" if key.login is None else "password"


def _made(*parts: str) -> str:
    text = re.sub(r"[^A-Z0-9]+", "_", "_".join(parts).upper())
    head, _, word = text.rpartition("_")
    return f"{head[: _LONGEST - len(word) - 1]}_{word}"


def _free(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name
