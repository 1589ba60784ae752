"""`/healthz`: alive means that the database answers.

What is paused is told in `paused`; what a person should look at, though the hub serves, in `warnings`: that nobody does the
work behind it, for one.
"""

from typing import Any

from django.db import Error, OperationalError, connection, transaction
from django.http import HttpRequest, JsonResponse

from endpoints import attention, pauses
from endpoints.models.access import key_warnings
from synchub import attendance, unwritten

_PATIENCE = 1000  # ms, for each question
_TOOK_TOO_LONG = "57014"


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
    return unwritten.troubles() + attendance.missing() + _counted()


def _counted() -> list[str]:
    """Whoever asks whether the hub is alive does not wait for long, and takes it for dead: a migration may hold a table."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {_PATIENCE:d}")
            return attention.sentences() + attention.forgetting() + key_warnings()
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != _TOOK_TOO_LONG:
            raise
        return [
            "What waits for a person could not be counted in time: the database is very busy, or something holds a table."
        ]
