"""`/healthz`: alive means that the database answers. Workers are watched elsewhere.

What is paused is told in `paused`; what a person should look at, though the hub serves, in `warnings`.
"""

from typing import Any

from django.db import Error
from django.http import HttpRequest, JsonResponse

from endpoints import pauses
from endpoints.models.access import key_warnings
from synchub import redis_client


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
    found = []
    if not redis_client.is_there():
        found.append(
            "Redis does not answer: each process counts rate limits by itself, and changes reach Odoo later."
        )
    return found + key_warnings()
