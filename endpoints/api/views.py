"""The REST surface: thin views over the write use-case and the mirror."""

import re
from collections.abc import Callable, Collection
from typing import Any

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from endpoints import registry
from endpoints.access import Access
from endpoints.api import (
    admission,
    auditing,
    beside,
    compression,
    conditional,
    cursor,
    filters,
    paging,
    rehearsing,
    rendering,
    writing,
)
from endpoints.api.body import read_json
from endpoints.api.errors import API_VERSION, ApiError
from endpoints.api.sources import source_of
from endpoints.incoming import NotAllowed, Who
from endpoints.registry import EndpointSpec
from mappings.spec import LineSpec
from synchub.middleware import request_id
from synchub.request import BROKEN


class NowhereView(auditing.LoggedView):
    """Every other address below the API's base."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise ApiError(404, "There is nothing at this address.")


class EndpointView(compression.CompressedView):
    """What all requests to an endpoint have in common, in the order in which they are refused."""

    http_method_names = ["get", "post", "put", "delete", "head", "options"]
    offered: tuple[str, ...] = ()
    rehearsed: tuple[str, ...] = ("POST", "PUT")
    endpoint: EndpointSpec  # set once the address is known to be one
    who = Who(request_id="", access_key="")
    entry: admission.Entry | None = None
    door: Callable[[HttpRequest, EndpointSpec], admission.Entry] = admission.Entry
    access: Access

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        asked: HttpRequest = request._request  # each look through DRF's own costs a failed one
        self.endpoint = registry.get(kwargs["endpoint"])
        self.log.endpoint, self.log.record = self.endpoint.name, kwargs.get("name", "")
        self.entry = self.door(asked, self.endpoint)
        try:
            self.entry.come_in()
        finally:  # who asks too often is told apart from who is not known
            self.log.key = key = self.entry.key
        self.access = self.entry.access
        self.endpoint = self.access.whole
        version = asked.META.get("HTTP_X_API_VERSION")
        if version not in (None, API_VERSION):
            raise ApiError(400, f"X-API-Version is {API_VERSION} here.")
        broken = asked.META.get(BROKEN)
        if broken is not None:
            raise ApiError(
                400, f"The {broken} of this address is not UTF-8: %C3%A9 is é, %E9 alone is nothing."
            )
        allowed = self.methods_of(self.endpoint.methods)
        wanted = "GET" if asked.method == "HEAD" else asked.method
        if wanted not in allowed and wanted != "OPTIONS":
            raise ApiError(
                405, f"{asked.method} is not offered here; {', '.join(allowed) or 'nothing'} is.",
                {"Allow": ", ".join(allowed)},
            )  # fmt: skip
        if wanted not in self._mine() and wanted != "OPTIONS":
            raise NotAllowed(f"This access key may not {asked.method} here.")
        if wanted in ("POST", "PUT", "DELETE"):
            filters.check_keys(asked.GET, ["dry_run"] if wanted in self.rehearsed else [])
        self.who = Who(
            request_id=request_id(),
            access_key=key.name if key else "",
            key_id=key.id if key else None,
            note=self.log,
        )

    def methods_of(self, methods: Collection[str], *, acts: bool = True) -> list[str]:
        """Those of the methods that this address has. `acts`: with those of actions."""
        return [method for method in self.offered if method in methods]

    def _mine(self) -> list[str]:
        """Those that the access key may use."""
        return self.methods_of(self.access.methods, acts=self.access.may_act)

    def handle_exception(self, exc: Exception) -> Any:
        return super().handle_exception(self.entry.access.discreet(exc) if self.entry else exc)

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]  # not DRF's description of parsers
        allowed = self._mine()
        return HttpResponse(status=204, headers={"Allow": ", ".join(allowed)})

    def finalize_response(  # type: ignore[override]  # nothing here is rendered by DRF
        self, request: Request, response: HttpResponse, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        response["X-API-Version"] = API_VERSION
        admission.mark(self.entry, response)
        return response

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        return None, "application/json"  # there is one format, so there is nothing to negotiate


class ListView(EndpointView):
    offered = ("GET", "POST")

    def get(self, request: Request, endpoint: str) -> HttpResponse:
        query, spec = request.query_params, self.access.seen.mapping
        page, lines = paging.Page.of(query, self.endpoint), paging.selected(spec, query)
        if cursor.is_walk(query):
            return self._walk(request, page.limit, lines)
        found = source_of(self.endpoint).page(self.endpoint, query, page)
        following, previous = paging.links(request._request, page, found.count, len(found.documents))
        head: dict[str, Any] = {"count": found.count}
        if found.count is None:
            head["count_at_least"] = found.at_least
        head |= {"next": following, "previous": previous}
        return rendering.listed(head, paging.all_cut(found.documents, lines))

    def _walk(self, request: Request, limit: int, lines: list[LineSpec] | None) -> HttpResponse:
        query, seen = request.query_params, self.access.seen
        place = cursor.read(seen, query)
        documents, end = source_of(self.endpoint).walk(self.endpoint, query, place, limit)
        following = end and cursor.following(request._request, seen, query, end)
        head = {"count": None, "next": following, "previous": None}
        return rendering.listed(head, paging.all_cut(documents, lines))

    def post(self, request: Request, endpoint: str) -> HttpResponse:
        body = read_json(request._request)
        if rehearsing.is_wanted(request):
            return rehearsing.posted(self.endpoint, body)
        return writing.posted(request._request, self.endpoint, self.who, body)


class RecordView(EndpointView):
    offered = ("GET", "PUT", "DELETE")

    def get(self, request: Request, endpoint: str, name: str) -> HttpResponse:
        of_all = beside.answer(request._request, self.access, name, request.query_params)
        if of_all is not None:
            return of_all
        filters.check_keys(request.query_params, ["fields"])
        lines = paging.selected(self.access.seen.mapping, request.query_params)
        found = source_of(self.endpoint).find(self.endpoint, name)
        if conditional.is_known(request._request, found.tag):
            return rendering.told(HttpResponse(status=304), found)
        return rendering.told(rendering.as_json(paging.cut(found.document, lines)), found)

    def put(self, request: Request, endpoint: str, name: str) -> HttpResponse:
        body = read_json(request._request)
        if isinstance(body, list):
            raise ApiError(400, "Send one object to change one record.")
        if rehearsing.is_wanted(request):
            return rehearsing.changed(self.endpoint, name, body)
        return writing.changed(request._request, self.endpoint, name, self.who, body)

    def delete(self, request: Request, endpoint: str, name: str) -> HttpResponse:
        return writing.deleted(request._request, self.endpoint, name, self.who)


class ActionView(RecordView):
    """`/<endpoint>/{id}/actions/<action>`: to be posted to. Otherwise it is the address of a record that is called so."""

    rehearsed = ("PUT",)

    def methods_of(self, methods: Collection[str], *, acts: bool = True) -> list[str]:
        """An endpoint's actions are allowed one by one, whether or not it takes new records; a key that may not POST may
        not act."""
        found = super().methods_of(methods)
        return [*found, "POST"] if self.endpoint.actions and acts else found

    def post(self, request: Request, endpoint: str, name: str) -> HttpResponse:
        record, action = _ACTION.fullmatch(name).groups()  # type: ignore[union-attr]  # so the address was found
        self.log.record = record
        body = read_json(request._request) if _has_body(request._request) else {}
        return writing.acted(request._request, self.endpoint, record, action, self.who, body)


_ACTION = re.compile(r"([\s\S]+)/actions/([a-z][a-z0-9_\-]*)/?")


def _has_body(request: HttpRequest) -> bool:
    return (
        request.META.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in request.META
    )
