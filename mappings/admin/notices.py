"""Signals about changes made here, for apps that cannot be imported here."""

from django.dispatch import Signal

mapping_changed = Signal()
"""Sent with `mapping_id` when a mapping is saved with other lines, model or connection, or when its connection now shows
other values of records."""

moving = Signal()
"""Sent with `connection_id` or `mapping_id` before its records come from another database or model. A receiver returns why
that is not possible now, if it is not."""

moved = Signal()
"""Sent with the same arguments once that is saved."""


def in_the_way(**what: int) -> list[str]:
    """Why its records cannot come from elsewhere now, as sentences."""
    return [said for _, said in moving.send(sender=None, **what) if said]
