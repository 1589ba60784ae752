"""What a person, or a change of the configuration, has an endpoint's pull do."""

from collections.abc import Collection

from django.db.models.functions import Now

from endpoints.models import PullState


def now(endpoint_ids: Collection[int]) -> None:
    """Have these endpoints pulled as soon as a worker is free."""
    PullState.objects.filter(endpoint__in=endpoint_ids).update(next_at=Now())


def start_over(endpoint_ids: Collection[int]) -> None:
    """Have everything of these endpoints fetched again: what they cover or how it is shown has changed."""
    PullState.objects.filter(endpoint__in=endpoint_ids).update(
        cursor="", walk_after_id=None, walk_started_at=None, complete=False, next_at=Now()
    )


def remove_what_is_gone(endpoint_ids: Collection[int]) -> None:
    """Have the next sweep remove what Odoo no longer has, however much that is."""
    PullState.objects.filter(endpoint__in=endpoint_ids).update(
        deletions_confirmed=True, deletions_next_at=Now()
    )
