"""Walking through a list: each page begins behind the last record of the one before, which costs the same anywhere.

A cursor is opaque: encrypted, since it holds values as Odoo has them, which may not be shown so, and good only for the
query that it came from.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db.models import F, Q
from django.db.models.expressions import Expression
from django.db.models.functions import Left
from django.db.models.lookups import Exact, GreaterThan, IsNull, LessThan
from django.http import HttpRequest, QueryDict

from endpoints import sqlrows
from endpoints.api import paging
from endpoints.api.errors import ApiError
from endpoints.conditions import Records, compared_value
from endpoints.models import Record
from endpoints.registry import EndpointSpec
from mappings.spec import FieldSpec, LineSpec
from synchub import crypto
from synchub.errors import ConfigurationError

Order = Sequence[tuple[LineSpec, bool]]
# What does not change which records are walked through, nor in which order.
_BESIDE = ("cursor", "limit", "fields")
# So many are looked up and sorted for each page; for more, walking along all records is cheaper.
FEW = 1000
# So many letters of a text decide about the order of a walk: a cursor is part of an address, which cannot be of any length.
_LETTERS = 250


@dataclass(frozen=True)
class Place:
    """Behind which record to go on: its id, and its values of the ordering. `few`: the query has so few that they are
    looked up and sorted; otherwise one walks along all records and leaves out what does not fit."""

    id: int
    values: tuple[Any, ...] = ()
    few: bool = False


def is_walk(query: QueryDict) -> bool:
    """Raises ApiError 400."""
    if "cursor" in query and "offset" in query:
        raise ApiError(400, "“offset” and “cursor” do not go together: a cursor knows where it stands.")
    return "cursor" in query


def read(endpoint: EndpointSpec, query: QueryDict) -> Place | None:
    """None: from the beginning, which is the empty cursor. Raises ApiError 400."""
    text = query.get("cursor", "")
    if not text:
        return None
    try:
        made_for, place_id, few, *values = orjson.loads(crypto.decrypt(text))
    except (ConfigurationError, ValueError):
        raise ApiError(
            400, "“cursor” is none of this endpoint's: take it from “next”, or leave it empty."
        ) from None
    if made_for != _fingerprint(endpoint, query):
        raise ApiError(
            400,
            "This “cursor” belongs to another query: filters and ordering have to stay as they were. Begin anew with an "
            "empty one.",
        )
    return Place(place_id, tuple(values), bool(few))


def following(request: HttpRequest, endpoint: EndpointSpec, query: QueryDict, place: Place) -> str:
    """The next page's address."""
    held = [_fingerprint(endpoint, query), place.id, int(place.few), *place.values]
    return paging.address(request, cursor=crypto.encrypt(orjson.dumps(held).decode()))


def compared(field: FieldSpec) -> Expression:
    """What records are put in order by."""
    value = compared_value(field)
    return Left(value, _LETTERS) if field.type.compared_as == "text" else value


def in_order(endpoint: EndpointSpec, place: Place | None) -> Records:
    """The endpoint's records behind `place`, by their ids alone.

    Said as a range of the index of lists: as "this endpoint, ordered by id" PostgreSQL might walk through the records
    of all the other endpoints.
    """
    records = Record.objects.filter(deleted_at=None, endpoint_id__lte=endpoint.id)
    return records.filter(sqlrows.behind(endpoint_id=endpoint.id, id=place.id if place else 0)).order_by(
        "endpoint_id", "id"
    )


def looked_up(records: Records, place: Place | None) -> Records:
    """Those of a few records behind `place`, by their ids. PostgreSQL guesses badly how many a filter lets through, and
    would walk through a million records for one: an order that no index has makes it look for them."""
    found = records if place is None else records.filter(id__gt=place.id)
    return found.order_by(F("id") + 0)


def behind(records: Records, order: Order, place: Place) -> Records:
    """Those of `records` that come after `place`. Empty is the smallest value, as in `paging.ordered`."""
    terms = [(compared(line.field), down) for line, down in order]
    found, equal = Q(), Q()
    for (term, down), value in zip(terms, place.values, strict=True):
        found |= equal & _after(term, value, down=down)
        equal &= Q(IsNull(term, True)) if value is None else Q(Exact(term, value))
    return records.filter(found | (equal & Q(GreaterThan(F("id"), place.id))))


def _after(term: Expression, value: Any, *, down: bool) -> Q:
    if value is None:
        return Q(pk__in=[]) if down else Q(IsNull(term, False))
    return Q(LessThan(term, value)) | Q(IsNull(term, True)) if down else Q(GreaterThan(term, value))


def _fingerprint(endpoint: EndpointSpec, query: QueryDict) -> str:
    asked = sorted((key, query[key]) for key in query if key not in _BESIDE)
    # A key may get another field meanwhile, whose values the cursor's cannot be compared with.
    order = [
        (line.field.name, line.field.type.compared_as) for line, _ in paging.order_of(query, endpoint.mapping)
    ]
    return hashlib.blake2b(
        repr((endpoint.id, asked, order)).encode("utf-8", "backslashreplace"), digest_size=9
    ).hexdigest()
