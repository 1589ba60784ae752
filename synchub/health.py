"""`/healthz`: alive means that the database answers.

What is paused is told in `paused`; what a person should look at, though the hub serves, in `warnings`: that nobody does the
work behind it, for one.
"""

from typing import Any

from django.db import Error
from django.http import HttpRequest, JsonResponse

from endpoints import attention, pauses
from endpoints.models.access import key_warnings
from synchub import attendance, unwritten


def healthz(_request: HttpRequest) -> JsonResponse:
    try:
        paused = pauses.counted()
    except Error:
        return JsonResponse({"status": "the database does not answer"}, status=503)
    told: dict[str, Any] = {"status": "ok"}
    if any(paused.values()):
        told["paused"] = paused
    if found := warnings():
        told["warnings"] = found
    return JsonResponse(told)


def warnings() -> list[str]:
    """Sentences; nothing that a stranger should not read."""
    found = unwritten.troubles() + attendance.missing() + attention.sentences()
    return found + attention.forgetting() + key_warnings()
