"""The REST surface: thin views over the write use-case and the mirror."""

import time
from typing import Any
from urllib.parse import quote

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.views import APIView

from endpoints import preview, registry
from endpoints.api import admission, auditing, conditional, filters, idempotency, paging
from endpoints.api.body import read_json
from endpoints.api.errors import ApiError, message
from endpoints.api.putting import put
from endpoints.api.sources import source_of
from endpoints.incoming import Stored, Who
from endpoints.registry import EndpointSpec
from synchub.middleware import request_id

API_VERSION = "1.0"


class NowhereView(APIView):
    """Every other address below the API's base."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise ApiError(404, "There is nothing at this address.")


class EndpointView(APIView):
    """What all requests to an endpoint have in common, in the order in which they are refused."""

    http_method_names = ["get", "post", "put", "delete", "head", "options"]
    offered: tuple[str, ...] = ()
    endpoint: EndpointSpec  # set once the address is known to be one
    who = Who(request_id="", access_key="")
    entry: admission.Entry | None = None
    started = 0.0

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.started = time.monotonic()
        self.endpoint = registry.get(kwargs["endpoint"])
        self.entry = admission.Entry(request._request, self.endpoint)
        self.entry.come_in()
        self.endpoint, key = self.entry.endpoint, self.entry.key
        version = request.META.get("HTTP_X_API_VERSION")
        if version not in (None, API_VERSION):
            raise ApiError(400, f"X-API-Version is {API_VERSION} here.")
        allowed = [method for method in self.offered if method in self.endpoint.methods]
        wanted = "GET" if request.method == "HEAD" else request.method
        if wanted not in allowed and wanted != "OPTIONS":
            raise ApiError(
                405, f"{request.method} is not offered here; {', '.join(allowed) or 'nothing'} is.",
                {"Allow": ", ".join(allowed)},
            )  # fmt: skip
        if wanted in ("POST", "PUT", "DELETE"):
            filters.check_keys(request.query_params, [] if wanted == "DELETE" else ["dry_run"])
        self.who = Who(request_id=request_id(), access_key=key.name if key else "")

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]  # not DRF's description of parsers
        allowed = [method for method in self.offered if method in self.endpoint.methods]
        return HttpResponse(status=204, headers={"Allow": ", ".join(allowed)})

    def finalize_response(  # type: ignore[override]  # nothing here is rendered by DRF
        self, request: Request, response: HttpResponse, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        response["X-API-Version"] = API_VERSION
        admission.mark(self.entry, response)
        if hasattr(self, "endpoint"):
            auditing.keep(
                request._request,
                response,
                endpoint=self.endpoint.name,
                access_key=self.who.access_key,
                started=self.started,
            )
        return response

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        return None, "application/json"  # there is one format, so there is nothing to negotiate


class ListView(EndpointView):
    offered = ("GET", "POST")

    def get(self, request: Request, endpoint: str) -> HttpResponse:
        query, spec = request.query_params, self.endpoint.mapping
        page, lines = paging.Page.of(query, self.endpoint), paging.selected(spec, query)
        found = source_of(self.endpoint).page(self.endpoint, query, page)
        following, previous = paging.links(request._request, page, found.count, len(found.documents))
        head: dict[str, Any] = {"count": found.count}
        if found.count is None:
            head["count_at_least"] = found.at_least
        head |= {"next": following, "previous": previous}
        return _json(_joined(head, [paging.cut(document, lines) for document in found.documents]))

    def post(self, request: Request, endpoint: str) -> HttpResponse:
        body = read_json(request._request)
        if is_dry_run(request):
            return _rehearsed(self.endpoint, body)
        payloads = body if isinstance(body, list) else [body]
        if len(payloads) > settings.API_MAX_ITEMS:
            raise ApiError(
                413, f"A list has {settings.API_MAX_ITEMS} objects at most; {len(payloads)} were sent."
            )
        source, who = (
            source_of(self.endpoint),
            idempotency.who(request._request, self.endpoint, self.who, body),
        )
        new_only = conditional.expected(request._request, self.endpoint).new or not self.endpoint.post_updates
        write = source.create if new_only else source.upsert
        stored, replayed = idempotency.through(
            who,
            lambda: write(self.endpoint, payloads, who),
            lambda made: source.again(self.endpoint, made, who),
        )
        status = 200 if not any(one.is_new for one in stored) else 201
        if any(one.external_id is None for one in stored):
            status = 202
        if isinstance(body, list):
            response = _json(_joined({"count": len(stored)}, [one.document for one in stored]), status=status)
        else:
            response = _one(stored[0], status=status)
            response["Location"] = _address(request._request, endpoint, stored[0])
        if replayed:
            response[idempotency.REPLAYED] = "true"
        return response


class RecordView(EndpointView):
    offered = ("GET", "PUT", "DELETE")

    def get(self, request: Request, endpoint: str, name: str) -> HttpResponse:
        filters.check_keys(request.query_params, ["fields"])
        lines = paging.selected(self.endpoint.mapping, request.query_params)
        found = source_of(self.endpoint).find(self.endpoint, name)
        if conditional.is_known(request._request, found):
            return _told(HttpResponse(status=304), found)
        return _told(_json(paging.cut(found.document, lines)), found)

    def put(self, request: Request, endpoint: str, name: str) -> HttpResponse:
        body = read_json(request._request)
        if isinstance(body, list):
            raise ApiError(400, "Send one object to change one record.")
        if is_dry_run(request):
            return _rehearsed(self.endpoint, body, name)
        expected = conditional.expected(request._request, self.endpoint)
        stored = put(source_of(self.endpoint), self.endpoint, name, body, self.who, expected)
        response = _one(stored, status=201 if stored.is_new else 200)
        if stored.is_new:
            response["Location"] = _address(request._request, endpoint, stored)
        return response

    def delete(self, request: Request, endpoint: str, name: str) -> HttpResponse:
        expected = conditional.expected(request._request, self.endpoint)
        source_of(self.endpoint).delete(self.endpoint, name, self.who, expected)
        return message(f"“{name}” is deleted.", 200)


def is_dry_run(request: Request) -> bool:
    """`?dry_run=true`: tell what would be sent to Odoo, and send nothing. Raises ApiError 400."""
    value = request.query_params.get("dry_run", "false")
    if value not in ("true", "false"):
        raise ApiError(400, "“dry_run” is true or false.")
    return value == "true"


def _rehearsed(endpoint: EndpointSpec, body: Any, name: str | None = None) -> HttpResponse:
    if isinstance(body, list):
        raise ApiError(400, "A dry run takes one object at a time.")
    return _json(orjson.dumps(preview.as_json(preview.to_odoo(endpoint, body, name))))


def _one(stored: Stored, *, status: int = 200) -> HttpResponse:
    return _told(_json(stored.document, status=status), stored)


def _told(response: HttpResponse, stored: Stored) -> HttpResponse:
    response["X-Sync-State"] = stored.state
    return conditional.tagged(response, stored)


def _address(request: HttpRequest, endpoint: str, stored: Stored) -> str:
    name = quote(stored.external_id or "", safe="")
    # What has no name yet has its handle; dots alone a client would take for a path.
    if name in ("", ".", ".."):
        name = f"~{stored.handle}"
    return request.build_absolute_uri(f"/{settings.API_BASE_PATH}/{endpoint}/{name}")


def _json(text: str | bytes, *, status: int = 200) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="application/json")


def _joined(head: dict[str, Any], documents: list[str]) -> bytes:
    """`head` with `results` at its end, the documents' text put in as it stands."""
    return b'%s,"results":[%s]}' % (orjson.dumps(head)[:-1], ",".join(documents).encode())
