"""Pausing an endpoint, a connection, or everything: nothing is pushed or pulled, and what is written is accepted and kept.

A worker asks between two batches, and between two pages; a call that is under way is ended. What waits goes on where it
was when that is over.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import connection as database
from django.db.models.functions import Now

from endpoints import queued, wakeup
from endpoints.models import Endpoint, Standstill
from mappings.models import Connection
from synchub import moments


def why(endpoint_id: int) -> str | None:
    """Why this endpoint stands still, as a sentence; None: it does not."""
    with database.cursor() as cursor:
        cursor.execute(
            """SELECT s.paused_at, s.paused_by, s.paused_reason, o.name, o.paused_at, o.paused_by, o.paused_reason,
                   e.name, e.paused, e.paused_at, e.paused_by, e.paused_reason
               FROM endpoints_endpoint e
               JOIN mappings_mapping m ON m.id = e.mapping_id
               JOIN mappings_connection o ON o.id = m.connection_id
               LEFT JOIN endpoints_standstill s ON true
               WHERE e.id = %s""",
            [endpoint_id],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    everything, name, one, endpoint, paused, other = row[:3], row[3], row[4:7], row[7], row[8], row[9:]
    if everything[0] is not None:
        return said("Everything", *everything)
    if one[0] is not None:
        return said(f"Connection “{name}”", *one)
    return said(f"Endpoint “{endpoint}”", *other) if paused else None


def said(what: str, at: datetime | None, by: str, reason: str) -> str:
    """“Everything is paused since 2026-01-01 12:00 UTC, by boss: Odoo is upgraded.”"""
    since = f" since {moments.at(at)}" if at else ""
    who = f", by {by}" if by else ""
    return f"{what} is paused{since}{who}{f': {reason}' if reason else '.'}"


def endpoints(ids: Collection[int], who: str, reason: str = "") -> None:
    Endpoint.objects.filter(pk__in=ids, paused=False).update(
        paused=True, paused_at=Now(), paused_by=who, paused_reason=reason
    )


def resume_endpoints(ids: Collection[int]) -> None:
    Endpoint.objects.filter(pk__in=ids).update(paused=False, paused_at=None, paused_by="", paused_reason="")
    _go_on()


def everything(who: str, reason: str = "") -> None:
    Standstill.objects.get_or_create(pk=1, defaults={"paused_by": who, "paused_reason": reason})


def resume_everything() -> None:
    Standstill.objects.all().delete()
    _go_on()


def standstill() -> Standstill | None:
    return Standstill.objects.first()


def _go_on() -> None:
    """What waits is taken up at once; pulls that are due begin by themselves."""
    for endpoint_id in queued.endpoints_with_work():
        wakeup.push(endpoint_id)


def counted() -> dict[str, int | bool]:
    """For `/healthz`, which everybody may ask: how much stands still, and no names."""
    return {
        "everything": Standstill.objects.exists(),
        "connections": Connection.objects.filter(paused_at__isnull=False).count(),
        "endpoints": Endpoint.objects.filter(paused=True).count(),
    }
