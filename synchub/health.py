"""`/healthz`: alive means that the database answers; what is paused is told. Workers are watched elsewhere."""

from django.db import Error
from django.http import HttpRequest, JsonResponse

from endpoints import pauses


def healthz(_request: HttpRequest) -> JsonResponse:
    try:
        paused = pauses.counted()
    except Error:
        return JsonResponse({"status": "the database does not answer"}, status=503)
    return JsonResponse({"status": "ok", **({"paused": paused} if any(paused.values()) else {})})
