"""The rows that an access reaches: the records of the endpoint that fit the key's domain."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q

from endpoints import scope
from endpoints.incoming import NotAllowed, Stored
from endpoints.models import Record
from endpoints.registry import EndpointSpec
from mappings import domains
from mappings.relations import is_structure, plain_values
from mappings.resolve import Item

OUTSIDE = "This access key may not write this record, or not like this: it would lie outside of what the key reaches."


def rows(endpoint: EndpointSpec) -> Q:
    """The rows of the endpoint that this access reaches, as a condition on the mirror."""
    if not endpoint.moving_rows:
        return Q()
    now = domains.expand(endpoint.moving_rows, datetime.now(UTC), endpoint.time_zone)
    return scope.condition(now, endpoint.mapping.by_field)


def check_inside(endpoint: EndpointSpec, written: Q, number: int = 1) -> None:
    """Raises NotAllowed unless all of these records, as this transaction sees them, are among the rows."""
    if endpoint.moving_rows:
        inside = Record.objects.filter(rows(endpoint), written, endpoint_id=endpoint.id).count()
        if inside != number:
            raise NotAllowed(OUTSIDE)


def check_would_be_inside(endpoint: EndpointSpec, items: Sequence[Item]) -> None:
    """The same check before anything is written, on what these writes would make of the records."""
    if not endpoint.moving_rows:
        return
    told = domains.fields_of(endpoint.moving_rows)
    values = [{**(item.base or {}), **plain_values(item.written), **item.values} for item in items]
    if any(told & set(item.commands) for item in items) or not scope.all_inside(
        rows(endpoint), endpoint.id, values
    ):
        raise NotAllowed(OUTSIDE)


def check_tells_rows(endpoint: EndpointSpec, written: Mapping[str, Any]) -> None:
    """Raises NotAllowed for a relation that decides whether the record is among the rows, where only Odoo can tell."""
    decides = domains.fields_of(endpoint.moving_rows)
    if any(name in decides and is_structure(value) for name, value in written.items()):
        raise NotAllowed(OUTSIDE)


def as_reached(endpoint: EndpointSpec, before: Sequence[Stored], now: Sequence[Stored]) -> list[Stored]:
    """Records as they are now, except that one which has left the rows since stays as it was `before`."""
    if not endpoint.moving_rows:
        return list(now)
    there = Record.objects.filter(rows(endpoint), handle__in=[one.handle for one in now])
    inside = set(there.values_list("handle", flat=True))
    return [one if one.handle in inside else was for was, one in zip(before, now, strict=True)]
