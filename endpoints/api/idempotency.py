"""`Idempotency-Key` on requests that create or act: draft-ietf-httpapi-idempotency-key-header."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest

from endpoints import once
from endpoints.api.errors import ApiError
from endpoints.incoming import Once, Stored, Who
from endpoints.registry import EndpointSpec

REPLAYED = "Idempotency-Replayed"
_KEY = re.compile(r"[\x20-\x7e]{1,255}")


def who(request: HttpRequest, endpoint: EndpointSpec, who: Who, body: Any) -> Who:
    """With the request's key, if it has one. Raises ApiError 400."""
    given = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if given is None:
        return who
    # The draft writes a string of structured fields, in quotes; most clients send the bare text.
    key = given[1:-1] if len(given) > 1 and given[0] == given[-1] == '"' else given
    if not _KEY.fullmatch(key):
        raise ApiError(400, "Idempotency-Key has 1 to 255 printable ASCII characters: a UUID, best of all.")
    return replace(who, once=Once(endpoint.id, who.key_id, key, _fingerprint(request, body)))


def through(who: Who, make: Callable[[], list[Stored]]) -> tuple[list[Stored], bool]:
    """(what the request makes, or made when it came first; whether that was before). Raises ApiError 409, 422."""
    if who.once is None:
        return make(), False
    try:
        found = once.find(who.once)
        if found is None:
            try:
                return make(), False
            except once.Taken:
                found = once.find(who.once)
    except once.KeyReused as error:
        raise ApiError(422, str(error)) from None
    except once.InFlight as error:
        raise ApiError(409, str(error), {"Retry-After": str(error.seconds)}) from None
    if found is None:  # the other one was refused meanwhile
        raise ApiError(
            409, "A request with this Idempotency-Key has just failed; try again.", {"Retry-After": "1"}
        )
    return found, True


def _fingerprint(request: HttpRequest, body: Any) -> str:
    """Equal for requests that ask for the same, however their JSON is laid out."""
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{request.method} {request.get_full_path()}\n{text}".encode()).hexdigest()
