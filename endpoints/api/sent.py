"""What is kept of a request for the audit log, once it is answered."""

import base64
import binascii
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import orjson
from django.http import HttpRequest
from django.utils.encoding import escape_uri_path

from synchub.addresses import client_address
from synchub.audit import log
from synchub.audit.models import Lacks
from synchub.middleware import request_id
from synchub.request import BROKEN

# Besides the body, what decides about a request; never who asks.
HEADERS = {
    "CONTENT_TYPE": "Content-Type",
    "HTTP_IDEMPOTENCY_KEY": "Idempotency-Key",
    "HTTP_IF_MATCH": "If-Match",
    "HTTP_IF_NONE_MATCH": "If-None-Match",
    "HTTP_PREFER": "Prefer",
    "HTTP_X_API_VERSION": "X-API-Version",
    "HTTP_USER_AGENT": "User-Agent",
}
_LONGEST = 300  # characters of a header
_LENGTH = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True)
class Sent:
    """What is kept of a request, in memory of its own. `authorization` is only there to be looked for."""

    method: str
    path: str
    query: str
    address: str
    request_id: str
    authorization: str
    fields: dict[str, str]
    length: int
    body: bytes | None
    """None where it was never read."""
    secret: str
    is_cut: bool
    """There was more in a header than is kept, or other bytes in its address."""

    @classmethod
    def of(cls, request: HttpRequest, path: str, secret: str, body: bytes | None) -> "Sent":
        """`path` where another one is kept than its own, `body` where it was read past the request."""
        told: Callable[[str, str], str] = request.META.get
        length = told("CONTENT_LENGTH", "") or ""
        fields = {name: value for key, name in HEADERS.items() if (value := told(key, ""))}
        return cls(
            method=request.method or "",
            path=path or escape_uri_path(request.path),
            query=told("QUERY_STRING", ""),
            address=client_address(request),
            request_id=request_id().strip("-"),
            authorization=told("HTTP_AUTHORIZATION", ""),
            fields={name: value[:_LONGEST] for name, value in fields.items()},
            length=int(length) if _LENGTH.fullmatch(length) else 0,
            body=getattr(request, "_body", body),
            secret=secret,
            is_cut=BROKEN in request.META or any(len(value) > _LONGEST for value in fields.values()),
        )

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def headers(self) -> str:
        return orjson.dumps(self.fields).decode() if self.fields else ""

    @cached_property
    def secrets(self) -> list[str]:
        """What the request has shown to be let in."""
        scheme, _, credentials = self.authorization.partition(" ")
        found = [one for one in (credentials.strip(), self.secret) if one]
        if scheme.lower() == "basic":
            with suppress(binascii.Error, ValueError):
                found.append(base64.b64decode(credentials).decode().partition(":")[2])
        return found

    @cached_property
    def kept(self) -> tuple[str, str, frozenset[str]]:
        return self._kept(thorough=False)

    @cached_property
    def looked_through(self) -> tuple[str, str, frozenset[str]]:
        return self._kept(thorough=True)

    def hidden(self, thorough: bool) -> frozenset[str]:
        return (self.looked_through if thorough else self.kept)[2]

    def _kept(self, *, thorough: bool) -> tuple[str, str, frozenset[str]]:
        if self.body is None:
            return "", Lacks.BODY.value if self.length else "", frozenset()
        return log.kept(self.body, self.secrets, thorough=thorough)
