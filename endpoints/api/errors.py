"""Every failure as JSON, in one of the two shapes of the contract.

a line of the mapping is at fault    {"error", "line_id", "status_code", "key"[, "index"], "request_id"}
anything else                        {"message", "request_id"}
"""

import logging
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views import defaults
from rest_framework import exceptions

from endpoints.records import NotPossible, RecordMissing
from endpoints.registry import UnknownEndpoint
from mappings.convert import LineError
from synchub.errors import ConfigurationError, NotReady
from synchub.middleware import request_id

logger = logging.getLogger(__name__)

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


def exception_handler(error: Exception, _context: Any) -> HttpResponse | None:
    """DRF calls this for whatever a view raises. None lets it pass on, to `server_error`."""
    match error:
        case ApiError():
            return message(error.message, error.status, error.headers)
        case LineError():
            return line_error(error)
        case UnknownEndpoint() | RecordMissing():
            return message(str(error), 404)
        case NotPossible():
            return message(str(error), 409)
        case NotReady():
            return message(str(error), 503, {"Retry-After": str(RETRY_AFTER)})
        case ConfigurationError():
            logger.error("An endpoint cannot work as it is configured: %s", error)
            return message("This endpoint is not set up correctly; its administrator sees why in admin.", 503)
        case OperationalError():
            return _database_error(error)
        case Http404():
            return message("There is nothing at this address.", 404)
        case exceptions.APIException():
            return message(str(error.detail), error.status_code)
    return None


def _database_error(error: OperationalError) -> HttpResponse:
    if getattr(error.__cause__, "sqlstate", None) == "57014":
        return message("This query takes too long; filter by something narrower.", 400)
    logger.error("The hub's database does not answer: %s", error)
    return message("The hub's database is away; try again.", 503, {"Retry-After": str(RETRY_AFTER)})


def _of_api(request: HttpRequest) -> bool:
    return request.path.startswith(f"/{settings.API_BASE_PATH}")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _of_api(request):
        return message("The request cannot be read.", 400)
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _of_api(request):
        return message("This is not allowed.", 403)
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if _of_api(request):
        return message("There is nothing at this address.", 404)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """A bug of the hub; the log has the traceback under the same request id."""
    if _of_api(request):
        return message("The hub failed; its log tells why under this request id.", 500)
    return defaults.server_error(request)
