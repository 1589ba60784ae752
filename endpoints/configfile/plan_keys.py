"""What changes about an access key, in words. Secrets are never shown."""

from collections.abc import Iterator

from django.contrib.auth.hashers import check_password

from endpoints.configfile.columns import keys
from endpoints.configfile.differences import differing
from endpoints.configfile.items import GrantItem, KeyItem
from endpoints.configfile.references import word_for
from endpoints.models.access import token_digests


def key_changes(old: KeyItem, new: KeyItem, reference: str) -> Iterator[str]:
    if (old.login is None) != (new.login is None):
        yield f"{word_for(old)} → {word_for(new)}"
    else:
        if old.login and new.login and new.login.value not in (None, old.login.value):
            yield f"login {old.login.value} → {new.login.value}"
        if new.secret.value is not None:
            same = secret_fits(old, new.secret.value)
            if not same:
                yield f"{word_for(new)} changed"
            if new.secret.env != old.secret.env and not (same and new.secret.env == reference):
                source = f"from {new.secret.env}" if new.secret.env else "from the file itself"
                yield f"{word_for(new)} comes {source}"
    yield from differing(old, new, keys(KeyItem, without=("name", "login", "secret", "opens", "stored")))
    was, becomes = ({grant.endpoint: grant for grant in item.opens} for item in (old, new))
    for endpoint, grant in becomes.items():
        at = f"at {endpoint}: " if endpoint else ""
        if endpoint not in was:
            yield f"opens {endpoint}"
        else:
            yield from (
                f"{at}{change}"
                for change in differing(was[endpoint], grant, keys(GrantItem, without=("endpoint",)))
            )
    yield from (f"no longer opens {endpoint}" for endpoint in was if endpoint not in becomes)


def secret_fits(stored: KeyItem, value: str) -> bool:
    """Whether this is the token or password whose digest the database has."""
    if stored.login is None:
        return stored.stored in token_digests(value)
    return check_password(value, stored.stored)
