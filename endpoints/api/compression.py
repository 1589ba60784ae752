"""gzip for whoever takes it. Nothing here mixes a secret with what a stranger may put into the same answer (BREACH): an
answer holds the records that its access key may read, and no token, cookie or key."""

import re
import zlib
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from endpoints.api.auditing import LoggedView
from endpoints.api.conditional import COMPRESSED

_LEVEL = 1  # a fifth of the size in a tenth of the time that the server has for an answer; more gains little
_GZIP = 31  # zlib's word for gzip's own frame
_TAKEN = re.compile(r"(?:^|,)\s*(gzip|\*)\s*(?:;\s*q\s*=\s*([0-9.]+)\s*)?(?=,|$)")


class CompressedView(LoggedView):
    """What is logged is what was answered, before it is compressed."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().dispatch(request, *args, **kwargs)
        _compress(request, response)
        return response


def _compress(request: HttpRequest, response: HttpResponse) -> None:
    """In place, where it is worth it."""
    if not 0 < settings.API_COMPRESS_FROM <= len(response.content) or response.has_header("Content-Encoding"):
        return
    patch_vary_headers(response, ["Accept-Encoding"])
    taken: dict[str, str] = dict(_TAKEN.findall(request.META.get("HTTP_ACCEPT_ENCODING", "").lower()))
    # The asterisk is whatever is not named.
    if _is_zero(taken.get("gzip", taken.get("*", "0"))):
        return
    response.content = zlib.compress(response.content, _LEVEL, wbits=_GZIP)
    response["Content-Encoding"] = "gzip"
    if "ETag" in response:  # a strong tag is of the very bytes
        response["ETag"] = f'{response["ETag"][:-1]}{COMPRESSED}"'


def _is_zero(quality: str) -> bool:
    return quality != "" and not quality.strip("0.")
