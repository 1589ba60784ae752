"""Records as answers. Documents are JSON text already, and are sent as they stand."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from endpoints.api import conditional
from endpoints.incoming import Stored, handle_in, worst

# Names that a record may have, and that are other things' in an address: see `beside`.
TAKEN = ("changes", "sync-state")


def as_json(text: str | bytes, *, status: int = 200) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="application/json")


def listed(head: dict[str, Any], documents: Sequence[str]) -> HttpResponse:
    """`head` with `results` at its end."""
    return as_json(joined(head, documents))


def joined(head: dict[str, Any], documents: Sequence[str]) -> bytes:
    return b'%s,"results":[%s]}' % (orjson.dumps(head)[:-1], ",".join(documents).encode())


def one(stored: Stored, *, status: int = 200) -> HttpResponse:
    return told(as_json(stored.document, status=status), stored)


def several(request: HttpRequest, endpoint: str, stored: Sequence[Stored], *, status: int) -> HttpResponse:
    head: dict[str, Any] = {"count": len(stored)}
    if any(one.external_id is None for one in stored):
        # Nothing else tells where they are.
        head["locations"] = [address(request, endpoint, one) for one in stored]
    response = as_json(joined(head, [each.document for each in stored]), status=status)
    response["X-Sync-State"] = worst(each.state for each in stored)
    return response


def told(response: HttpResponse, stored: Stored) -> HttpResponse:
    """With the headers that come with one record."""
    response["X-Sync-State"] = stored.state
    return conditional.tagged(response, stored)


def moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def address(request: HttpRequest, endpoint: str, stored: Stored) -> str:
    name = quote(stored.external_id or "", safe="")
    # What has no name yet has its handle; dots alone a client would take for a path, other names are other things' or records'.
    if stored.handle and (name in ("", ".", "..", *TAKEN) or handle_in(name)):
        name = f"~{stored.handle}"
    return request.build_absolute_uri(f"/{settings.API_BASE_PATH}/{endpoint}/{name}")
