"""How an endpoint's records stand as a whole, for whoever writes and reads them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Min, QuerySet

from endpoints import access, counts
from endpoints.models import Change, PullState, Record, SyncState
from endpoints.models.queue import OPEN
from endpoints.registry import EndpointSpec


@dataclass(frozen=True)
class Standing:
    """`records` by state. `pending_since`: when the oldest change that waits for Odoo was accepted."""

    records: dict[str, int]
    pending_since: datetime | None
    pulled_at: datetime | None
    complete: bool
    """Everything of Odoo has been fetched once."""


MOST_NAMED = 1000
NOT_WELL = (SyncState.PENDING, SyncState.FAILED, SyncState.CONFLICT)


def named(endpoint: EndpointSpec, state: str) -> list[tuple[str | None, UUID]]:
    """What the records of a state that is not well are called, with their handles: the first so many of them."""
    # By a term that no index has: to be in order PostgreSQL would else walk the primary key, over all records of all
    # endpoints, where its statistics are older than what fails.
    found = _there(endpoint).filter(state=state).order_by(F("id") + 0)
    return list(found.values_list("external_id", "handle")[:MOST_NAMED])


def _there(endpoint: EndpointSpec) -> QuerySet[Record]:
    """The records that the endpoint's access reaches."""
    return Record.objects.filter(access.rows(endpoint), endpoint_id=endpoint.id, deleted_at=None)


def standing(endpoint: EndpointSpec) -> Standing:
    """Of the records that the endpoint's access reaches."""
    there = _there(endpoint)
    total = there.count() if endpoint.moving_rows else counts.total(endpoint.id)
    # Those that are not well have an index of their own.
    unwell = there.exclude(state=SyncState.SYNCED).order_by().values_list("state").annotate(Count("pk"))
    found = {state.value: 0 for state in SyncState} | dict(unwell)
    found[SyncState.SYNCED.value] = total - sum(found.values())
    waiting = Change.objects.filter(endpoint_id=endpoint.id, state__in=OPEN)
    if endpoint.moving_rows:
        waiting = waiting.filter(record__in=there)
    pull = PullState.objects.filter(endpoint_id=endpoint.id).first()
    return Standing(
        found,
        waiting.aggregate(since=Min("created_at"))["since"],
        pull.last_ok_at if pull else None,
        bool(pull and pull.complete),
    )
