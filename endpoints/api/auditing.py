"""Which requests of consumers are kept as exchanges: writes, and refusals. Reading is not, nor what was not there
to be read."""

import json
import re
import time

from django.http import HttpRequest, HttpResponse

from synchub.addresses import client_address
from synchub.audit.log import log_request


def keep(
    request: HttpRequest, response: HttpResponse, *, endpoint: str, access_key: str, started: float
) -> None:
    """`started` is the monotonic time at which the request began."""
    refused = response.status_code >= 400
    if request.method in ("GET", "HEAD", "OPTIONS") and (not refused or response.status_code == 404):
        return
    length = request.META.get("CONTENT_LENGTH") or ""
    log_request(
        endpoint=endpoint,
        access_key=access_key,
        address=client_address(request),
        method=request.method or "",
        path=request.path,
        status=response.status_code,
        seconds=time.monotonic() - started,
        request_bytes=int(length) if re.fullmatch(r"[0-9]{1,15}", length) else 0,
        response_bytes=len(response.content),
        refusal=_told(response) if refused else "",
    )


def _told(response: HttpResponse) -> str:
    """The text of a refusal, readable."""
    body = json.loads(response.content)
    text = str(body.get("error") or body.get("message") or "")
    return text.encode("utf-8", "backslashreplace").decode()
