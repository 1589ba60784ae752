"""What others may want to know of a change made here, without being imported here."""

from django.dispatch import Signal

mapping_changed = Signal()
"""Sent with `mapping_id` when a mapping is saved with other lines, another model or another connection, or what its connection
shows of records has changed."""

moving = Signal()
"""Sent with `connection_id` or `mapping_id` before its records come from another database or model. Receivers return why that
cannot be now, if so."""

moved = Signal()
"""Sent likewise when that is saved."""


def in_the_way(**what: int) -> list[str]:
    """Why its records cannot come from elsewhere yet, as sentences."""
    return [said for _, said in moving.send(sender=None, **what) if said]
