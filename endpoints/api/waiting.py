"""Requests that wait for Odoo, each for a while: for the id of a new record, or (`Prefer: wait`) for all it has written.

Whoever waits keeps one of the web server's threads busy. Only so many may at once; the others are answered as if their
time were up, and nothing is lost by that.
"""

import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from endpoints import taking_back
from endpoints.incoming import Stored
from endpoints.models import Mode, Record, SyncState
from endpoints.registry import EndpointSpec

_FIRST_LOOK = 0.02  # seconds, growing to
_SLOWEST_LOOK = 0.2
_WAIT = re.compile(r'(?:^|[,;])\s*wait\s*=\s*"?([0-9]{1,18})"?\s*(?=[,;]|$)', re.IGNORECASE)

_seats = threading.BoundedSemaphore(settings.API_WAITING)


def preferred(request: HttpRequest) -> float | None:
    """The seconds of `Prefer: wait=N` (RFC 7240), as far as the hub goes along; None where nothing is said."""
    found = _WAIT.search(request.META.get("HTTP_PREFER", ""))
    return min(float(found[1]), settings.API_MAX_WAIT) if found else None


def told(response: HttpResponse, endpoint: EndpointSpec, wait: float | None) -> HttpResponse:
    """Live mode waits anyway."""
    if wait is not None and endpoint.mode == Mode.MIRROR:
        response["Preference-Applied"] = f"wait={wait:.0f}"
    return response


def for_names(stored: Sequence[Stored], seconds: float) -> list[Stored]:
    """The records as they are once all have a name or a refusal, or after `seconds`; in the order given."""
    return _until(stored, seconds, lambda one: one.external_id is not None or one.state == SyncState.FAILED)


def for_odoo(stored: Sequence[Stored], seconds: float) -> list[Stored]:
    """The records as they are once Odoo has, or refused, what was written to them, or after `seconds`."""
    return _until(stored, seconds, lambda one: one.state != SyncState.PENDING)


def _until(stored: Sequence[Stored], seconds: float, done: Callable[[Stored], bool]) -> list[Stored]:
    if all(done(one) for one in stored):
        return list(stored)
    if not _seats.acquire(blocking=False):
        return list(stored)
    try:
        deadline, pause = time.monotonic() + seconds, _FIRST_LOOK
        while True:
            now = _as_they_are(stored)
            if all(done(one) for one in now) or time.monotonic() + pause > deadline:
                return _told_from(now)
            time.sleep(pause)
            pause = min(pause * 1.5, _SLOWEST_LOOK)
    finally:
        _seats.release()


def _as_they_are(stored: Sequence[Stored]) -> list[Stored]:
    """One that is gone altogether stays what it was."""
    found = {
        row[0]: row
        for row in Record.objects.filter(handle__in=[one.handle for one in stored]).values_list(
            "handle", "external_id", "document", "state", "version"
        )
    }
    return [
        Stored(*found[one.handle], is_new=one.is_new, change=one.change) if one.handle in found else one
        for one in stored
    ]


def _told_from(now: Sequence[Stored]) -> list[Stored]:
    """A record has nothing open as well where what was written to it was given up meanwhile: that is no success."""
    lost = taking_back.given_up(now)
    return [replace(one, state=SyncState.FAILED) if one.handle in lost else one for one in now]
