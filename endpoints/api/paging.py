"""Lists: which slice, in which order, which keys."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from django.conf import settings
from django.db.models import F
from django.db.models.expressions import Expression
from django.http import HttpRequest, QueryDict
from django.utils.encoding import escape_uri_path

from endpoints.api.errors import ApiError
from endpoints.conditions import Records, compared_value
from endpoints.registry import EndpointSpec
from mappings.spec import FieldSpec, LineSpec, MappingSpec

# Where a filter matches more than this, the rest is not counted.
COUNTED = 10_000
_MAX_OFFSET = 2**31 - 1


@dataclass(frozen=True)
class Page:
    limit: int
    offset: int

    @classmethod
    def of(cls, query: QueryDict, endpoint: EndpointSpec) -> "Page":
        """Raises ApiError 400. A limit above the hub's maximum is cut to it."""
        return cls(
            limit=min(_whole(query, "limit", endpoint.limit, least=1), settings.API_MAX_LIMIT),
            offset=_whole(query, "offset", 0, least=0),
        )


def _whole(query: QueryDict, key: str, default: int, *, least: int) -> int:
    text = query.get(key)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and least <= int(text) <= _MAX_OFFSET):
        raise ApiError(400, f"“{key}” has to be a whole number of {least} or more.")
    return int(text)


def ordered(
    records: Records,
    query: QueryDict,
    spec: MappingSpec,
    compared: Callable[[FieldSpec], Expression] = compared_value,
) -> Records:
    """By `ordering=key,-key`; without it, and among equals, in the order in which the hub came to know them."""
    order: list[Any] = []
    for line, descending in order_of(query, spec):
        value: Any = compared(line.field)
        order.append(value.desc(nulls_last=True) if descending else value.asc(nulls_first=True))
    return records.order_by(*order, F("id").asc())


def order_of(query: QueryDict, spec: MappingSpec) -> list[tuple[LineSpec, bool]]:
    """The lines of `ordering=key,-key`, and whether downwards; a key that comes again decides nothing more.

    Raises ApiError 400.
    """
    order: dict[str, tuple[LineSpec, bool]] = {}
    for part in filter(None, query.get("ordering", "").split(",")):
        line = _line(spec, part.removeprefix("-"), "ordering")
        if not line.is_compared or not line.field.type.compared_as:
            raise ApiError(400, f"“ordering”: {line.key} is no plain value and has no order.")
        order.setdefault(line.key, (line, part.startswith("-")))
    return list(order.values())


def counted(number: int, *, filtered: bool) -> tuple[int | None, int]:
    """(the exact number, itself), or (None, a number that there are at least)."""
    return (None, COUNTED) if filtered and number > COUNTED else (number, number)


def links(request: HttpRequest, page: Page, count: int | None, shown: int) -> tuple[str | None, str | None]:
    """The addresses of the next and the previous page."""
    more = shown == page.limit if count is None else page.offset + shown < count
    following = previous = None
    if more and shown:
        following = _at(request, page, page.offset + page.limit)
    if page.offset:
        previous = _at(request, page, max(0, page.offset - page.limit))
    return following, previous


def _at(request: HttpRequest, page: Page, offset: int) -> str:
    return address(request, limit=str(page.limit), offset=str(offset))


def address(request: HttpRequest, **others: str) -> str:
    """The request's own with these parameters: made of what was read, which may not have come percent-encoded."""
    asked = dict(request.GET.lists()) | {key: [text] for key, text in others.items()}
    here = f"{request.scheme}://{request.get_host()}{escape_uri_path(request.path)}"
    return f"{here}?{urlencode(sorted(asked.items()), doseq=True)}"


def selected(spec: MappingSpec, query: QueryDict) -> list[LineSpec] | None:
    """The lines that `fields=key,key` asks for, each once: every record of the page is cut to them. None means all."""
    if "fields" not in query:
        return None
    return [_line(spec, key, "fields") for key in dict.fromkeys(query.get("fields", "").split(","))]


def all_cut(documents: list[str], lines: list[LineSpec] | None) -> list[str]:
    return documents if lines is None else [cut(document, lines) for document in documents]


def cut(document: str, lines: list[LineSpec] | None) -> str:
    """The document's text with these lines only."""
    if lines is None:
        return document
    whole = orjson.loads(document)
    result: dict[str, Any] = {}
    for line in lines:
        source, place = whole, result
        for part in line.path[:-1]:
            source, place = _inside(source, part), place.setdefault(part, {})
        place[line.path[-1]] = _inside(source, line.path[-1])
    return orjson.dumps(result).decode()


def _inside(place: Any, part: str) -> Any:
    # A line that was added since has no place in the document until the next pull.
    return place.get(part) if isinstance(place, dict) else None


def _line(spec: MappingSpec, key: str, parameter: str) -> LineSpec:
    for line in spec.outgoing:
        if line.key == key:
            return line
    known = ", ".join(line.key for line in spec.outgoing)
    raise ApiError(400, f"“{parameter}”: “{key[:80]}” is not a key of this endpoint. It has: {known}.")
