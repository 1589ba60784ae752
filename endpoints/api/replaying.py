"""Sending a request of the audit log once more: through the same view, with the rights that its access key has now.

Only what was refused, and is kept whole. What was done is not done twice.
"""

import logging
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import orjson
from django.conf import settings
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone

from endpoints import access, registry
from endpoints.api import admission, auditing
from endpoints.api.errors import ApiError
from endpoints.api.sent import HEADERS
from endpoints.api.views import EndpointView
from endpoints.models import AccessGrant, Auth, Endpoint
from endpoints.registry import EndpointSpec, KeySpec
from synchub.audit.models import Direction, Exchange
from synchub.request import HubRequest

logger = logging.getLogger(__name__)

WRITES = ("POST", "PUT", "DELETE")
# Odoo, or the hub, may have done it all the same.
_UNKNOWN = ("500", "502", "504")


def problem(exchange: Exchange) -> str:
    """Why it cannot be sent once more, as a sentence; empty where it can."""
    if exchange.direction != Direction.IN or exchange.method not in WRITES or not exchange.endpoint:
        return "Only a write to an endpoint can be sent again."
    if not exchange.failed:
        return "It was accepted: what it asks for is done, or on its way."
    if exchange.replayed_at is not None:
        return f"{exchange.sent_again_by or 'Somebody'} has sent it again already."
    if exchange.lacks:
        return f"It is not kept as it was sent: {exchange.get_lacks_display()}."
    if exchange.status in _UNKNOWN and exchange.method == "POST" and not _is_known_again(exchange):
        return "Whether it was done is not known, and it has no Idempotency-Key that would keep it from being done twice."
    endpoint = Endpoint.objects.filter(name=exchange.endpoint, enabled=True).only("auth").first()
    if endpoint is None:
        return f"There is no endpoint “{exchange.endpoint}” any more, or it is switched off."
    if endpoint.auth == Auth.NONE and exchange.key_id is None:
        return ""
    if exchange.key_id is None:
        return "It is not known who asked: it came without a valid access key."
    if not _opens(exchange.key_id, endpoint):
        return f"The access key “{exchange.access_key}” opens this endpoint no longer."
    return ""


def replay(exchange: Exchange, person: str, asked: HttpRequest) -> HttpResponse | None:
    """What is answered; None where somebody has sent it again in this moment, or the hub failed. `asked` is the request
    in admin. Call `problem` first."""
    claim = Exchange.objects.filter(pk=exchange.pk, replayed_at=None)
    if not claim.update(replayed_at=Now(), sent_again_by=person[:150]):
        return None
    registry.clear()  # what was changed a moment ago counts
    response = _sent(exchange, person, asked)
    if response is not None and (400 <= response.status_code < 500 or response.status_code == 503):
        # Nothing came of it, so that it may be sent again.
        Exchange.objects.filter(pk=exchange.pk).update(replayed_at=None, sent_again_by="")
    return response


def _sent(exchange: Exchange, person: str, asked: HttpRequest) -> HttpResponse | None:
    request = _request(exchange, asked)
    try:
        match = resolve(request.path_info)
    except Resolver404:
        return HttpResponse(status=404)
    kind: Any = getattr(match.func, "view_class", None)
    if kind is None or not issubclass(kind, EndpointView):
        return HttpResponse(status=404)
    view = kind.as_view(
        door=partial(_InPlaceOf, exchange.key_id), replays=auditing.Replays(exchange.pk, person)
    )
    try:
        answer: HttpResponse = view(request, *match.args, **match.kwargs)
    except Exception:
        logger.exception("A request that was sent again from admin failed.")
        return None
    return answer


def _request(exchange: Exchange, asked: HttpRequest) -> HubRequest:
    path, _, query = exchange.target.partition("?")
    body = exchange.request.encode()
    names = {name: key for key, name in HEADERS.items()}
    sent = orjson.loads(exchange.headers) if exchange.headers else {}
    here = (
        "REMOTE_ADDR",
        "HTTP_HOST",
        "SERVER_NAME",
        "SERVER_PORT",
        "HTTP_X_FORWARDED_FOR",
        "HTTP_X_FORWARDED_PROTO",
    )
    return HubRequest(
        {key: asked.META[key] for key in here if key in asked.META}
        | {
            "REQUEST_METHOD": exchange.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path).encode().decode("latin-1"),
            "QUERY_STRING": query,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.url_scheme": asked.scheme,
            "wsgi.input": BytesIO(body),
        }
        | {names[name]: value for name, value in sent.items() if name in names}
    )


class _InPlaceOf(admission.Entry):
    """At the door in the name of an access key, whose secret nobody has: who sends it has been let in by admin."""

    def __init__(self, key_id: int | None, request: HttpRequest, endpoint: EndpointSpec) -> None:
        super().__init__(request, endpoint)
        self._key_id = key_id

    def come_in(self) -> None:
        if self._key_id is not None:
            self.key = _key(self.endpoint, self._key_id)
        if self.key is None and (self._key_id is not None or self.endpoint.auth != Auth.NONE):
            raise ApiError(403, "The access key opens this endpoint no longer.")
        self.access = access.of(self.endpoint, self.key)


def _opens(key_id: int, endpoint: Endpoint) -> bool:
    grant = AccessGrant.objects.filter(key_id=key_id, endpoint=endpoint).select_related("key").first()
    return grant is not None and grant.key.enabled and not grant.key.is_expired


def _key(endpoint: EndpointSpec, key_id: int) -> KeySpec | None:
    keys = [*endpoint.tokens.values(), *endpoint.logins.values()]
    key = next((one for one in keys if one.id == key_id), None)
    if key is None or (key.expires_at is not None and key.expires_at <= timezone.now()):
        return None
    return key


def _is_known_again(exchange: Exchange) -> bool:
    held = timedelta(hours=settings.KEEP_ANSWERS_HOURS)
    return "Idempotency-Key" in exchange.headers and exchange.at > timezone.now() - held
