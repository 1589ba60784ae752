"""`ETag`, `If-Match`, `If-None-Match`: one record as it was read, and requests that depend on that.

A tag is made of columns that are read anyway. What was sent compressed has a tag of its own, which means the same.
"""

import re

from django.http import HttpRequest, HttpResponse

from endpoints.api.errors import ApiError
from endpoints.expected import ANY, NOTHING, Expected
from endpoints.incoming import Stored
from endpoints.registry import EndpointSpec

COMPRESSED = "-gzip"
_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS = re.compile(rf"\s*(?:{_TAG}\s*(?:,\s*(?=\S)|$))+")


def expected(request: HttpRequest, endpoint: EndpointSpec) -> Expected:
    """What a change expects of the record. Raises ApiError 400; 428 where the endpoint wants to be told."""
    match, none_match = request.META.get("HTTP_IF_MATCH"), request.META.get("HTTP_IF_NONE_MATCH")
    unlike = None if none_match is None else _tags("If-None-Match", none_match)
    # Some other tag says nothing of the state that the record is in; * says that there is none.
    names_a_state = match is not None or (unlike is not None and ANY in unlike)
    if endpoint.require_if_match and request.method != "POST" and not names_a_state:
        raise ApiError(
            428,
            "Send If-Match with the record's ETag, so that you change what you have read and nothing newer.",
        )
    if match is None and unlike is None:
        return NOTHING
    return Expected(None if match is None else _tags("If-Match", match, strong=True), unlike)


def tagged(response: HttpResponse, stored: Stored) -> HttpResponse:
    response["ETag"] = f'"{stored.tag}"'
    return response


def is_known(request: HttpRequest, tag: str) -> bool:
    """Has whoever asks got what this tag is of? Raises ApiError 400, PreconditionFailed."""
    match, none_match = request.META.get("HTTP_IF_MATCH"), request.META.get("HTTP_IF_NONE_MATCH")
    if match is not None:
        Expected(_tags("If-Match", match, strong=True)).check(tag)
    return none_match is not None and bool(_tags("If-None-Match", none_match) & {tag, ANY})


def _tags(name: str, text: str, *, strong: bool = False) -> frozenset[str]:
    """`strong`: weak tags match nothing, but are no mistake."""
    if text.strip() == ANY:
        return frozenset({ANY})
    if not _TAGS.fullmatch(text):
        raise ApiError(400, f'{name} is * or a list of tags in quotes, as they came in ETag: "…".')
    found = re.findall(_TAG, text)
    return frozenset(
        tag.removeprefix("W/")[1:-1].removesuffix(COMPRESSED)
        for tag in found
        if not (strong and tag.startswith("W/"))
    )
