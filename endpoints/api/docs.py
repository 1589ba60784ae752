"""What the API tells about itself: what a caller may use, and its description in the formats that tools read.

An endpoint's name has no dot, so none of these addresses is ever one of an endpoint or of a record:

    /                      what the caller may use
    /openapi.json          all of that as OpenAPI
    /partners.openapi.json one endpoint
"""

import hashlib
from functools import lru_cache
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers
from rest_framework.request import Request
from rest_framework.views import APIView

from endpoints import registry
from endpoints.api import caller
from endpoints.api.errors import ApiError
from endpoints.docs import described
from endpoints.docs.document import openapi
from endpoints.docs.operations import Described
from endpoints.registry import EndpointSpec

METHODS = ("GET", "POST", "PUT", "DELETE")


class DescriptionView(APIView):
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
                "name": endpoint.name,
                "url": f"{here}/{endpoint.name}",
                "methods": [method for method in METHODS if method in endpoint.methods],
                "openapi": f"{here}/{endpoint.name}.openapi.json",
            }
            for endpoint in _seen(request)
        ]
        return _json(request, {"endpoints": found, "openapi": f"{here}/openapi.json"})


class OpenapiView(DescriptionView):
    def get(self, request: Request, endpoint: str = "") -> HttpResponse:
        all_of_them = tuple(described.get(one.name) for one in _asked(request, endpoint))
        return _json(request, _document(all_of_them) | {"servers": [{"url": base(request._request)}]})


def base(request: HttpRequest) -> str:
    """The API's address, as the caller reaches it."""
    return request.build_absolute_uri(f"/{settings.API_BASE_PATH}")


def _seen(request: Request) -> list[EndpointSpec]:
    return caller.seen(request._request, described.those_ready(described.names()))


def _asked(request: Request, name: str) -> list[EndpointSpec]:
    """The endpoint of that name, or without one all that the caller may see."""
    if not name:
        return _seen(request)
    endpoint = registry.get(name)
    caller.check(request._request, endpoint)
    return [endpoint]


@lru_cache(maxsize=64)
def _document(all_of_them: tuple[Described, ...]) -> dict[str, Any]:
    return openapi(all_of_them, title="Sync hub" if len(all_of_them) != 1 else all_of_them[0].endpoint.name)


def _json(request: Request, content: Any) -> HttpResponse:
    body = orjson.dumps(content)
    etag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    response = HttpResponse(
        body,
        content_type="application/json",
        headers={"ETag": etag, "Cache-Control": "private, no-cache"},
    )
    kept = get_conditional_response(request._request, etag=etag, response=response)
    return kept if isinstance(kept, HttpResponse) else response
