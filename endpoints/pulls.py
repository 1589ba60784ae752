"""What a person, or a change of the configuration, has an endpoint's pull do."""

from collections.abc import Collection
from datetime import timedelta

from django.db.models.functions import Now

from endpoints import cron, outbox
from endpoints.models import Endpoint, PullState

TRY_AGAIN = 300
"""Seconds after which a pull that did not get to its end is tried again, if it would not be due sooner."""
NEVER = timedelta(days=365)
"""Where an endpoint is pulled only when somebody asks."""


def now(endpoint_ids: Collection[int]) -> None:
    """Have these endpoints pulled as soon as a worker is free."""
    PullState.objects.filter(endpoint__in=endpoint_ids).update(next_at=Now())


def is_done(endpoint_id: int) -> None:
    """A pull got to its end: the next one is at its time, unless somebody has asked for one meanwhile."""
    endpoint = Endpoint.objects.select_related("mapping__connection").get(pk=endpoint_id)
    if not endpoint.pull_cron and endpoint.pull_every is not None and endpoint.pull_every <= TRY_AGAIN:
        return  # what was set when it fell due holds
    now = outbox.database_time()
    if endpoint.pull_cron:
        moment = cron.following(endpoint.pull_cron, endpoint.mapping.connection.time_zone, now)
    elif endpoint.pull_every is None:
        moment = now + NEVER
    else:
        moment = now + timedelta(seconds=endpoint.pull_every)
    PullState.objects.filter(endpoint_id=endpoint_id, next_at__gt=now).update(next_at=moment)


def start_over(endpoint_ids: Collection[int]) -> None:
    """Have everything of these endpoints fetched again: what they cover or how it is shown has changed.

    What was seen of Odoo's stamps is forgotten as well: it may be of a time to which Odoo has gone back.
    """
    PullState.objects.filter(endpoint__in=endpoint_ids).update(
        cursor="", sightings=[], walk_after_id=None, walk_started_at=None, complete=False, next_at=Now(),
        newest="", went_back="",
    )  # fmt: skip


def remove_what_is_gone(endpoint_ids: Collection[int]) -> None:
    """Have the next sweep remove what Odoo no longer has, however much that is."""
    PullState.objects.filter(endpoint__in=endpoint_ids).update(
        deletions_confirmed=True, deletions_next_at=Now()
    )
