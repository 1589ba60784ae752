"""Secrets at rest: encrypted where the hub must send them on, digested where it only compares them."""

import hmac
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

from synchub.errors import ConfigurationError

# Whoever has what stands in one of these can write in the hub's name, or read what it keeps: no value for anybody else.
OWN_VARIABLES = frozenset(
    {"DATABASE_URL", "HUB_ADMIN_PASSWORD", "HUB_ENCRYPTION_KEYS", "HUB_SECRET_KEY", "REDIS_URL"}
)


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.HUB_ENCRYPTION_KEYS])


def encrypt(text: str) -> str:
    return _fernet().encrypt(text.encode()).decode()


def decrypt(stored: str) -> str:
    try:
        return _fernet().decrypt(stored.encode()).decode()
    except InvalidToken:
        raise ConfigurationError(
            "A stored secret cannot be read with HUB_ENCRYPTION_KEYS. Put the key it was written with back into "
            "the list (older keys go behind the newest), or enter the secret again."
        ) from None


def digests(value: str, *, purpose: str) -> list[str]:
    """The value's keyed digests, hex, one for each encryption key, newest first.

    Keyed, so that a stolen table does not let short tokens be guessed; one for each key, so that keys can
    be rotated: store the first, compare with all.
    """
    return [_digest(key, f"{purpose}:{value}") for key in settings.HUB_ENCRYPTION_KEYS]


@lru_cache(maxsize=1024)  # an access token comes with each of its requests
def _digest(key: str, text: str) -> str:
    return hmac.digest(key.encode(), text.encode(), "sha256").hex()


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # generic only in the stubs
    """Text that is plain in Python and Fernet-encrypted in the database. Empty stays empty."""

    def from_db_value(self, value: str | None, *_: Any) -> str | None:
        return decrypt(value) if value else value

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return encrypt(value) if value else value
