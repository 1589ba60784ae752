"""What every request carries along: its id, in every log line and every answer."""

import logging
import os
import re
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

_request_id: ContextVar[str] = ContextVar("request_id", default="-")
# Whoever has the token in this address may tell the hub to read records.
_TOKEN = re.compile(r"(?<=/odoo_events/)[^/]+")
_ACCEPTED = re.compile(r"[A-Za-z0-9._:\-]{1,64}")


def request_id() -> str:
    """The id of the request being served; "-" outside of one."""
    return _request_id.get()


class RequestContextMiddleware:
    """Takes the caller's X-Request-ID or makes one, and echoes it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        identifier = given if _ACCEPTED.fullmatch(given) else os.urandom(16).hex()
        token = _request_id.set(identifier)
        try:
            response = self.get_response(request)
        finally:
            _request_id.reset(token)
        response["X-Request-ID"] = identifier
        return response


class RequestIdFilter(logging.Filter):
    """Gives every log line the id of the request, or of the write, that it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _request_id.get()
        if record.name == "django.request" and isinstance(record.args, tuple):
            record.args = tuple(
                _TOKEN.sub("•••", one) if isinstance(one, str) else one for one in record.args
            )
        return True
