"""What is read of an endpoint as a whole, at an address where a record's would be: `rendering.TAKEN`. Of the mirror only."""

from datetime import datetime

import orjson
from django.http import HttpRequest, HttpResponse, QueryDict

from endpoints import pauses, syncstate
from endpoints.access import Access
from endpoints.api import changes, filters, rendering
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
            filters.check_keys(query, ())
            return _state(access.whole)
    return None


def _state(endpoint: EndpointSpec) -> HttpResponse:
    found = syncstate.standing(endpoint)
    told = {
        "records": sum(found.records.values()),
        **found.records,
        "pending_since": _moment(found.pending_since),
        "pulled_at": _moment(found.pulled_at),
        "complete": found.complete,
        "paused": pauses.why(endpoint.id) is not None,
    }
    return rendering.as_json(orjson.dumps(told))


def _moment(at: datetime | None) -> str | None:
    return None if at is None else rendering.moment(at)
