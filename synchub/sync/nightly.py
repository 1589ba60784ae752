"""When an endpoint is compared with Odoo: every night, by the clock of the people who use its connection."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.db.models import Q

from endpoints import cron, outbox
from endpoints.models import Mode, PullState, Standstill

SPREAD = timedelta(minutes=60)
"""Endpoints begin one after the other within this time, not all at the same second."""


def due_audits() -> list[int]:
    """Endpoints whose comparison is due, each taken by one caller only; the next one is set at once."""
    if Standstill.objects.exists():
        return []
    now = outbox.database_time()
    waiting = Q(audit_next_at__lte=now)
    if settings.AUDIT_AT is not None:
        waiting |= Q(audit_next_at=None)  # never planned yet
    states = PullState.objects.filter(
        waiting,
        complete=True,
        endpoint__enabled=True,
        endpoint__paused=False,
        endpoint__mode=Mode.MIRROR,
        endpoint__mapping__connection__paused_at=None,
    )
    columns = ("pk", "endpoint_id", "audit_next_at", "endpoint__mapping__connection__time_zone")
    taken: list[int] = []
    for pk, endpoint_id, planned, zone in states.values_list(*columns):
        following = next_night(now, zone, settings.AUDIT_AT, endpoint_id)
        mine = PullState.objects.filter(pk=pk, audit_next_at=planned)
        # What was planned before HUB_AUDIT_AT was emptied is forgotten, not done once more.
        if mine.update(audit_next_at=following) and planned is not None and following is not None:
            taken.append(endpoint_id)
    return taken


def next_night(now: datetime, zone: str, at: time | None, number: int) -> datetime | None:
    """The next time that clocks in `zone` (empty: the hub's own) show `at`, and a part of an hour that `number` decides.

    None where there is no such time because `at` is None.
    """
    if at is None:
        return None
    later = SPREAD * (number * 7 % 60) / 60
    return cron.following(f"{at.minute} {at.hour} * * *", zone or settings.TIME_ZONE, now - later) + later
