"""What is read of an endpoint as a whole, at an address where a record's would be: `rendering.TAKEN`. Of the mirror only."""

from datetime import datetime
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, QueryDict

from endpoints import pauses, syncstate
from endpoints.access import Access
from endpoints.api import changes, filters, rendering
from endpoints.api.errors import ApiError
from endpoints.models import Mode
from endpoints.registry import EndpointSpec


def answer(request: HttpRequest, access: Access, name: str, query: QueryDict) -> HttpResponse | None:
    """None where the name is a record's."""
    if access.whole.mode != Mode.MIRROR:
        return None
    match name.removesuffix("/"):
        case "changes":
            return changes.answer(request, access, query)
        case "sync-state":
            filters.check_keys(query, ("state",))
            return _state(access.whole, query.get("state"))
    return None


def _state(endpoint: EndpointSpec, asked: str | None) -> HttpResponse:
    if asked is not None and asked not in syncstate.NOT_WELL:
        raise ApiError(400, f"“state” is one of {', '.join(syncstate.NOT_WELL)}.")
    found = syncstate.standing(endpoint)
    told: dict[str, Any] = {
        "records": sum(found.records.values()),
        **found.records,
        "pending_since": _moment(found.pending_since),
        "pulled_at": _moment(found.pulled_at),
        "complete": found.complete,
        "paused": pauses.why(endpoint.id) is not None,
    }
    if asked is not None:
        named = syncstate.named(endpoint, asked)
        told["results"] = [{"id": name, "handle": f"~{handle}"} for name, handle in named]
    return rendering.as_json(orjson.dumps(told))


def _moment(at: datetime | None) -> str | None:
    return None if at is None else rendering.moment(at)
