"""What a person, or a change of the configuration, has an endpoint's pull do."""

from collections.abc import Collection

from django.db.models.functions import Now

from endpoints import cron, outbox
from endpoints.models import Endpoint, PullState


def now(endpoint_ids: Collection[int]) -> None:
    """Have these endpoints pulled as soon as a worker is free."""
    PullState.objects.filter(endpoint__in=endpoint_ids).update(next_at=Now())


def at_the_next_time(endpoint_id: int) -> None:
    """Where an endpoint is pulled at certain times: not before the next of them, unless somebody has asked meanwhile."""
    endpoint = Endpoint.objects.select_related("mapping__connection").get(pk=endpoint_id)
    if endpoint.pull_cron:
        now = outbox.database_time()
        moment = cron.following(endpoint.pull_cron, endpoint.mapping.connection.time_zone, now)
        PullState.objects.filter(endpoint_id=endpoint_id, next_at__gt=now).update(next_at=moment)


def start_over(endpoint_ids: Collection[int]) -> None:
    """Have everything of these endpoints fetched again: what they cover or how it is shown has changed.

    What was seen of Odoo's stamps is forgotten as well: it may be of a time to which Odoo has gone back.
    """
    PullState.objects.filter(endpoint__in=endpoint_ids).update(
        cursor="", sightings=[], walk_after_id=None, walk_started_at=None, complete=False, next_at=Now()
    )


def remove_what_is_gone(endpoint_ids: Collection[int]) -> None:
    """Have the next sweep remove what Odoo no longer has, however much that is."""
    PullState.objects.filter(endpoint__in=endpoint_ids).update(
        deletions_confirmed=True, deletions_next_at=Now()
    )
