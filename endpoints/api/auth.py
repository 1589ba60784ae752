"""Who asks: an access key by Bearer or Basic, compared without telling what was wrong."""

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest
from django.utils import timezone

from endpoints.api.errors import ApiError
from endpoints.models import Auth
from endpoints.models.access import token_digests
from endpoints.registry import EndpointSpec, KeySpec

# Verified passwords are remembered under a key of this process's own, so that the slow hash is paid once.
_process_key = os.urandom(32)
_MAX_REMEMBERED = 10_000
_verified: dict[bytes, str] = {}


def identify(
    request: HttpRequest, endpoint: EndpointSpec, *, before_hashing: Callable[[], None]
) -> KeySpec | None:
    """The access key of the request, if it has a valid one. `before_hashing` is called before a slow hash is made."""
    scheme, _, credentials = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if endpoint.auth == Auth.BEARER and scheme.lower() == "bearer":
        return _by_token(endpoint, credentials.strip())
    if endpoint.auth == Auth.BASIC and scheme.lower() == "basic":
        return _by_password(endpoint, credentials.strip(), before_hashing)
    return None


def refusal(endpoint: EndpointSpec) -> ApiError:
    """The same, whatever was wrong."""
    challenge = "Bearer" if endpoint.auth == Auth.BEARER else 'Basic realm="hub", charset="UTF-8"'
    return ApiError(401, "A valid access key of this endpoint is needed.", {"WWW-Authenticate": challenge})


def _by_token(endpoint: EndpointSpec, token: str) -> KeySpec | None:
    # A keyed digest is looked up, not the token: how long that takes tells nothing about tokens.
    found = None
    now = timezone.now()
    for digest in token_digests(token):
        key = endpoint.tokens.get(digest)
        if key is not None and digest in key.secrets_at(now):
            found = _by_secret(key, digest)
    return found


def _by_password(
    endpoint: EndpointSpec, credentials: str, before_hashing: Callable[[], None]
) -> KeySpec | None:
    try:
        login, colon, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    if not colon:
        return None
    now = timezone.now()
    key = endpoint.logins.get(login)
    hashes = key.secrets_at(now) if key else []
    # As many as the key has that has most: how long a refusal takes tells nothing about logins.
    most = max((len(one.secrets_at(now)) for one in endpoint.logins.values()), default=1)
    hashes += [_nobodys_hash()] * (most - len(hashes))
    for stored in hashes:
        if _password_fits(password, stored, before_hashing):
            return key and _by_secret(key, stored)
    return None


def _by_secret(key: KeySpec, secret: str) -> KeySpec:
    """Whoever uses the secret before the present one has a key that expires with that."""
    if secret == key.secret or key.old_until is None:
        return key
    ends = key.old_until if key.expires_at is None else min(key.old_until, key.expires_at)
    return replace(key, expires_at=ends)


def _password_fits(password: str, stored: str, before_hashing: Callable[[], None]) -> bool:
    remembered = hmac.new(_process_key, f"{stored}:{password}".encode(), hashlib.sha256).digest()
    if _verified.get(remembered) == stored:
        return True
    before_hashing()
    if not check_password(password, stored):
        return False
    if len(_verified) >= _MAX_REMEMBERED:
        _verified.clear()
    _verified[remembered] = stored
    return True


@lru_cache
def _nobodys_hash() -> str:
    """Compared with where the login is unknown, so that it takes as long as a wrong password."""
    return make_password(os.urandom(16).hex())
