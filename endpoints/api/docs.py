"""What the API tells about itself: what a caller may use, and its description in the formats that tools read.

An endpoint's name has no dot, so none of these addresses is ever one of an endpoint or of a record:

    /                what the caller may use
    /docs.html       a page to read and to try it out
    /openapi.json    OpenAPI
    /postman.json    a Postman collection
    /requests.http   requests to send from an editor

The last four also as `/partners.openapi.json`: of one endpoint.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from rest_framework.request import Request

from endpoints import access, registry
from endpoints.access import Access
from endpoints.api import caller, conditional
from endpoints.api.compression import CompressedView
from endpoints.api.errors import ApiError
from endpoints.docs import FILES, described, http_file, postman
from endpoints.docs.document import openapi
from endpoints.docs.subject import Described
from endpoints.expected import PreconditionFailed

# The page gets nothing from elsewhere, and talks to nobody else.
_CSP = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"
METHODS = ("GET", "POST", "PUT", "DELETE")


class DescriptionView(CompressedView):
    """Only read, and only by who may see what it is about."""

    http_method_names = ["get", "head", "options"]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            raise ApiError(405, "This can only be read.", {"Allow": "GET, HEAD, OPTIONS"})

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]  # not DRF's description of parsers
        return HttpResponse(status=204, headers={"Allow": "GET, HEAD, OPTIONS"})

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        return None, "application/json"

    def finalize_response(  # type: ignore[override]  # nothing here is rendered by DRF
        self, request: Request, response: HttpResponse, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        patch_vary_headers(response, ["Authorization", "Cookie"])
        return response


class IndexView(DescriptionView):
    def get(self, request: Request) -> HttpResponse:
        here = base(request._request)
        found = [
            {
                "name": one.whole.name,
                "url": f"{here}/{one.whole.name}",
                "methods": [method for method in METHODS if method in access.described(one).methods],
            }
            | {kind: f"{here}/{one.whole.name}.{file}" for kind, file in FILES.items()}
            for one in _seen(request)
        ]
        return _json(request, {"endpoints": found} | {kind: f"{here}/{file}" for kind, file in FILES.items()})


class OpenapiView(DescriptionView):
    def get(self, request: Request, endpoint: str = "") -> HttpResponse:
        document = _openapi(_described(request, endpoint))
        return _json(request, document | {"servers": [{"url": base(request._request)}]})


class PostmanView(DescriptionView):
    def get(self, request: Request, endpoint: str = "") -> HttpResponse:
        found = _described(request, endpoint)
        content = postman.collection(found, title=_title(found), base=base(request._request))
        return _as_file(_json(request, content), endpoint, "postman_collection.json")


class HttpFileView(DescriptionView):
    def get(self, request: Request, endpoint: str = "") -> HttpResponse:
        content = http_file.text(_described(request, endpoint), base=base(request._request))
        response = HttpResponse(content, content_type="text/plain; charset=utf-8")
        return _as_file(response, endpoint, "requests.http")


class PageView(DescriptionView):
    """Anybody may look at the page itself: it asks for the description as whoever reads it."""

    def get(self, request: Request, endpoint: str = "") -> HttpResponse:
        prefix = f"{base(request._request)}/{endpoint}{'.' if endpoint else ''}"
        context = {
            "title": endpoint or "Sync hub",
            "files": {kind: prefix + file for kind, file in FILES.items()},
        }
        response = render(request._request, "endpoints/docs.html", context)
        response["Content-Security-Policy"] = _CSP
        return response


def base(request: HttpRequest) -> str:
    """The API's address, as the caller reaches it."""
    return request.build_absolute_uri(f"/{settings.API_BASE_PATH}")


def _seen(request: Request) -> list[Access]:
    return caller.seen(request._request, described.those_ready(described.names()))


def _described(request: Request, name: str) -> tuple[Described, ...]:
    """The endpoint of that name, or without one all that the caller may see."""
    if not name:
        return tuple(described.to(one) for one in _seen(request))
    return (described.to(caller.check(request._request, registry.get(name))),)


@lru_cache(maxsize=64)
def _openapi(all_of_them: tuple[Described, ...]) -> dict[str, Any]:
    return openapi(all_of_them, title=_title(all_of_them))


def _title(all_of_them: Sequence[Described]) -> str:
    return all_of_them[0].endpoint.name if len(all_of_them) == 1 else "Sync hub"


def _as_file(response: HttpResponse, endpoint: str, name: str) -> HttpResponse:
    """To be saved under a name of its own."""
    response["Content-Disposition"] = f'attachment; filename="{endpoint or "hub"}.{name}"'
    return response


def _json(request: Request, content: Any) -> HttpResponse:
    body = orjson.dumps(content)
    tag = hashlib.blake2b(body, digest_size=16).hexdigest()
    headers = {"ETag": f'"{tag}"', "Cache-Control": "private, no-cache"}
    try:
        if conditional.is_known(request._request, tag):
            return HttpResponse(status=304, headers=headers)
    except PreconditionFailed:
        raise ApiError(412, "The description is another one by now (If-Match).", headers) from None
    return HttpResponse(body, content_type="application/json", headers=headers)
