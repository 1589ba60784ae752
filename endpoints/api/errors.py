"""Every failure as JSON, in one of the two shapes of the contract.

a line of the mapping is at fault    {"error", "line_id", "status_code", "key"[, "index"], "request_id"}
anything else                        {"message", "request_id"}
"""

import logging
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import DisallowedHost
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions

from endpoints.expected import PreconditionFailed
from endpoints.feed import Gone
from endpoints.incoming import NotAllowed, NotPossible, RecordMissing
from endpoints.models import Mode
from endpoints.registry import UnknownEndpoint
from mappings.line_error import LineError
from synchub.errors import (
    ConfigurationError,
    NotReady,
    OdooError,
    OdooPermanent,
    OdooTimeout,
    OdooUnknownOutcome,
)
from synchub.middleware import request_id

logger = logging.getLogger(__name__)

API_VERSION = "1.0"
RETRY_AFTER = 5  # seconds


class ApiError(Exception):
    """A refusal with an HTTP status and headers of its own."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}


def message(text: str, status: int, headers: dict[str, str] | None = None) -> JsonResponse:
    return JsonResponse({"message": text, "request_id": request_id()}, status=status, headers=headers)


def only_read(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """For what stands beside API and admin. What is posted there would be told in HTML that it is no form of admin's."""

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return message(f"{request.method} is not offered here; GET is.", 405, {"Allow": "GET"})
        return view(request)

    return answered


def line_error(error: LineError) -> JsonResponse:
    body: dict[str, Any] = {
        "error": error.text,
        "line_id": error.line_id,
        "status_code": error.code,
        "key": error.key,
    }
    if error.index is not None:
        body["index"] = error.index
    body["request_id"] = request_id()
    return JsonResponse(body, status=409 if error.code == "DUPLICATE" else 400)


def exception_handler(error: Exception, context: Any) -> HttpResponse | None:
    """DRF calls this for whatever a view raises. None lets it pass on, to `server_error`."""
    match error:
        case ApiError():
            return message(error.message, error.status, error.headers)
        case LineError():
            return line_error(error)
        case UnknownEndpoint() | RecordMissing():
            return message(str(error), 404)
        case Gone():
            return message(str(error), 410)
        case PreconditionFailed():
            return message(str(error), 412)
        case NotAllowed():
            return message(str(error), 403)
        case NotPossible():
            return message(str(error), 409)
        case NotReady():
            # Its own text names models and connections, and whoever asks may be a stranger.
            logger.warning("%s", error)
            return _away("This endpoint is not ready yet; try again.")
        case OdooError():
            return _odoo_error(error, context["request"])
        case ConfigurationError():
            logger.error("An endpoint cannot work as it is configured: %s", error)
            return message("This endpoint is not set up correctly; its administrator sees why in admin.", 503)
        case OperationalError() | InterfaceError():
            return _database_error(error, context)
        case IntegrityError():
            logger.error("The hub's database refuses what the hub writes: %s", error)
            return _away("The hub's database did not take this; try again.")
        case Http404():
            return message("There is nothing at this address.", 404)
        case exceptions.APIException():
            return message(str(error.detail), error.status_code)
    return None


def _away(text: str) -> HttpResponse:
    return message(text, 503, {"Retry-After": str(RETRY_AFTER)})


def _odoo_error(error: OdooError, request: HttpRequest) -> HttpResponse:
    match error:
        case OdooPermanent(record_missing=True):
            return message("Odoo has no such record (any more).", 404)
        case OdooPermanent(code=4):
            return message(f"Odoo does not allow this: {error.message}", 403)
        case OdooPermanent() if request.method in ("GET", "HEAD"):
            return message(f"Odoo refuses this: {error.message}", 400)
        case OdooPermanent():
            return line_error(
                LineError(f"Odoo refuses this: {error.message}", code="ODOO", key="", line=None)
            )
    logger.error("Odoo does not answer a request: %s", error.message)
    if request.method in ("GET", "HEAD") or not isinstance(error, OdooUnknownOutcome):
        late = isinstance(error, OdooTimeout)
        return message(
            f"Odoo {'took too long to' if late else 'does not'} answer; try again.", 504 if late else 502
        )
    what = "took too long to answer" if isinstance(error, OdooTimeout) else "broke off its answer"
    return message(
        f"Odoo {what}: whether it did what was asked is not known. {_how_to_repeat(request)}.",
        504 if isinstance(error, OdooTimeout) else 502,
    )


def _how_to_repeat(request: HttpRequest) -> str:
    """A PUT or a DELETE does twice what it does once."""
    if request.method != "POST":
        return "Send it again"
    if "HTTP_IDEMPOTENCY_KEY" in request.META:
        return "Send it again with the same Idempotency-Key; it is not done twice"
    return "Look before you send it again; with an Idempotency-Key it can be repeated without looking"


_NOT_DONE = ("25", "53", "54", "55")
"""Classes of SQLSTATE: the transaction's state, resources, limits, what it has to be done with."""


def _database_error(error: Exception, context: Any) -> HttpResponse:
    match getattr(error.__cause__, "sqlstate", None):
        case "57014":
            return message("This query takes too long; filter by something narrower.", 400)
        case "40001" | "40P01":
            return _away("Others write the same records at this moment; try again.")
    if _took_nothing(error, context):
        logger.error("The hub's database takes no writes: %s", error)
        return _away(
            "The hub's database takes no writes at this moment. Nothing was accepted; send it again later."
        )
    logger.error("The hub's database does not answer: %s", error)
    # Whoever was not let in has asked for nothing. Otherwise it may have been lost after the commit.
    asked = getattr(error.__cause__, "pgconn", None) is None
    if asked and context["request"].method == "POST":
        repeat = _how_to_repeat(context["request"])
        return _away(f"The hub's database went away: whether this was accepted is not known. {repeat}.")
    return _away("The hub's database is away; try again.")


def _took_nothing(error: Exception, context: Any) -> bool:
    """PostgreSQL has answered that it does not do this (it is a standby, its disk is full), before anything was accepted: its
    transaction is undone. Live, Odoo may have done something all the same."""
    state = getattr(error.__cause__, "sqlstate", None) or ""
    view = (context or {}).get("view")
    if (
        not state.startswith(_NOT_DONE)
        or getattr(error.__cause__, "pgconn", None) is not None
        or view is None
    ):
        return False
    endpoint, writes = (
        getattr(view, "endpoint", None),
        context["request"].method not in ("GET", "HEAD", "OPTIONS"),
    )
    return writes and endpoint is not None and endpoint.mode != Mode.LIVE and not view.log.is_accepted


def _for_people(request: HttpRequest) -> bool:
    """Admin is looked at in a browser; whatever else asks, even at a wrong address, reads JSON."""
    return request.path.startswith(reverse("admin:index"))


def _page(status: int, problem: str = "") -> HttpResponse:
    """Made without the request: what failed may be what a page asks of it."""
    told = {"problem": problem, "request_id": request_id()}
    return HttpResponse(render_to_string(f"{status}.html", told), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    problem = ""
    if isinstance(exception, DisallowedHost):
        problem = "The hub does not answer to the name that is in Host: its administrator adds it to HUB_ALLOWED_HOSTS."
    if _for_people(request):
        return _page(400, problem)
    return message(problem or "The request cannot be read.", 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 — Django gives it by name
    if _for_people(request):
        return _page(403)
    return message("This is not allowed.", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 — Django gives it by name
    if _for_people(request):
        return _page(404)
    return message("There is nothing at this address.", 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """A bug of the hub; the log has the traceback under the same request id."""
    if _for_people(request):
        # As the API has it: also where the database does not take what is written.
        away = isinstance(sys.exception(), (OperationalError, InterfaceError, IntegrityError))
        return _page(503 if away else 500)
    return message(
        "The hub failed; its log tells why under this request id.", 500, {"X-API-Version": API_VERSION}
    )
