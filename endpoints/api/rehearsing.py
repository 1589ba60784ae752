"""`?dry_run=true`: what a POST or PUT of one object would do in Odoo. Nothing is sent there, and nothing is kept."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from rest_framework.request import Request

from endpoints import access, preview
from endpoints.api.errors import ApiError
from endpoints.api.putting import is_handle, named
from endpoints.api.sources import source_of
from endpoints.incoming import NotAllowed, RecordMissing, check_identifier, duplicate
from endpoints.registry import EndpointSpec
from endpoints.upsert import name_in
from mappings.line_error import LineError
from mappings.payload import sent_identifier


def is_wanted(request: Request) -> bool:
    """Raises ApiError 400."""
    value = request.query_params.get("dry_run", "false")
    if value not in ("true", "false"):
        raise ApiError(400, "“dry_run” is true or false.")
    return value == "true"


def posted(endpoint: EndpointSpec, body: Any) -> HttpResponse:
    _check(endpoint)
    if isinstance(body, list):
        raise ApiError(400, "A dry run takes one object at a time.")
    name = _known(endpoint, body)
    if name is not None and endpoint.post_updates:
        return _told(preview.to_odoo(endpoint, body, name))
    found = preview.to_odoo(endpoint, body)
    if name is not None and not found.problems:
        found = preview.ToOdoo(problems=[duplicate(endpoint.mapping, name, "exists already")])
    return _told(found)


def changed(endpoint: EndpointSpec, name: str, body: dict[str, Any]) -> HttpResponse:
    """Raises RecordMissing where a PUT would; NotAllowed."""
    _check(endpoint)
    try:
        found = source_of(endpoint).find(endpoint, name)
    except RecordMissing:
        if not endpoint.put_creates or is_handle(endpoint, name):
            raise
        return posted(endpoint, named(endpoint.mapping, name, body))
    if found.external_id is None:
        raise ApiError(409, "Odoo has not given this record its id yet; try again.", {"Retry-After": "1"})
    told = preview.to_odoo(endpoint, body, found.external_id)
    renaming = _renaming(endpoint, found.external_id, body)
    if renaming is not None and not told.problems:
        told = preview.ToOdoo(told.odoo_id, problems=[renaming])
    return _told(told)


def _renaming(endpoint: EndpointSpec, name: str, body: dict[str, Any]) -> LineError | None:
    """Why the record cannot be called as the body says."""
    try:
        check_identifier(endpoint.mapping, name, body)
    except LineError as error:
        return error
    known = _known(endpoint, body)
    if known in (None, name):
        return None
    return duplicate(endpoint.mapping, known, "exists already")


def _known(endpoint: EndpointSpec, body: dict[str, Any]) -> str | None:
    """The name of the record that the body is about, where there is one already."""
    try:
        names = dict.fromkeys([sent_identifier(endpoint.mapping, body), name_in(endpoint.mapping, body)])
    except (LineError, TypeError):  # what is wrong with the body is told with all its problems
        return None
    for name in names:
        try:
            # An address reaches more than what is called exactly so.
            if isinstance(name, str) and source_of(endpoint).find(endpoint, name).external_id == name:
                return name
        except RecordMissing:
            continue
    return None


def _check(endpoint: EndpointSpec) -> None:
    if access.of(endpoint, None).is_restricted:
        raise NotAllowed(
            "A dry run tells all that would go to Odoo; it needs an access key that may see everything here."
        )


def _told(found: preview.ToOdoo) -> HttpResponse:
    # Not orjson, which refuses half a surrogate: a problem repeats the key that is at fault.
    return JsonResponse(preview.as_json(found))
