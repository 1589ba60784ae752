"""How an endpoint's records stand as a whole, for whoever writes and reads them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from endpoints import access
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


def standing(endpoint: EndpointSpec) -> Standing:
    """Of the records that the endpoint's access reaches."""
    there = Record.objects.filter(access.rows(endpoint), endpoint_id=endpoint.id, deleted_at=None)
    # How many there are tells the index of lists; those that are not well have one of their own.
    unwell = there.exclude(state=SyncState.SYNCED).order_by().values_list("state").annotate(Count("pk"))
    counts = {state.value: 0 for state in SyncState} | dict(unwell)
    counts[SyncState.SYNCED.value] = there.count() - sum(counts.values())
    waiting = Change.objects.filter(endpoint_id=endpoint.id, state__in=OPEN)
    if endpoint.moving_rows:
        waiting = waiting.filter(record__in=there)
    pull = PullState.objects.filter(endpoint_id=endpoint.id).first()
    return Standing(
        counts,
        waiting.aggregate(since=Min("created_at"))["since"],
        pull.last_ok_at if pull else None,
        bool(pull and pull.complete),
    )
