"""What keeps the hub going when messages are lost and workers die. Every 30 seconds, harmless when run twice."""

import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from endpoints import feed, outbox, pulls, put_off, queued, removing, wakeup
from endpoints.models import (
    Change,
    ChangeState,
    Conflict,
    Endpoint,
    Footprint,
    KeptAnswer,
    Mode,
    PullState,
    Run,
    RunState,
    Standstill,
)
from synchub.audit.models import Exchange
from synchub.sync import runs

logger = logging.getLogger(__name__)

KEEP_APPLIED_DAYS = 30
CLEAN_SECONDS = 20.0
_DELETE_AT_ONCE = 10_000
_WOKEN_AT_ONCE = 100


def sweep() -> None:
    """Free what dead workers held, and wake workers for whatever waits."""
    if late := put_off.put_right():
        logger.warning(
            "The database's clock was set back: %s things were put off until later, and are not.", late
        )
    freed = outbox.expire()
    if freed:
        logger.warning("%s changes were held by workers that are gone; they go on.", freed)
    runs.end_stale()
    removing.ask_again()
    for endpoint_id in queued.endpoints_with_work():
        wakeup.push(endpoint_id, insist=True)
    for run_id in _asked_for():
        wakeup.run(run_id)
    if late := pulls.at_their_times():
        logger.warning("The database's clock was set back: %s pulls go by their next times again.", late)


def _asked_for() -> QuerySet[Run, int]:
    """Runs that a worker could begin: many that stand still must not be in the way of the others."""
    works = Q(endpoint__paused=False, endpoint__mapping__connection__paused_at=None)
    waiting = Run.objects.filter(state=RunState.QUEUED)
    waiting = (
        waiting.filter(endpoint=None)
        if Standstill.objects.exists()
        else waiting.filter(Q(endpoint=None) | works)
    )
    return waiting.order_by("pk").values_list("pk", flat=True)[:_WOKEN_AT_ONCE]


def due_pulls() -> list[int]:
    """Endpoints whose pull is due, each taken by one caller only; the next one is set at once.

    When a distant next one is, a pull says that has got to its end; until then it is tried again: Odoo may be away, a message
    may be lost, or its worker die.
    """
    for endpoint in Endpoint.objects.filter(enabled=True, mode=Mode.MIRROR, pull_state=None).only("pk"):
        PullState.objects.get_or_create(endpoint_id=endpoint.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE endpoints_pullstate s
               SET next_at = now() + make_interval(secs => LEAST(e.pull_every, %s))
               FROM endpoints_endpoint e
               JOIN mappings_mapping m ON m.id = e.mapping_id
               JOIN mappings_connection o ON o.id = m.connection_id
               WHERE s.id IN (SELECT id FROM endpoints_pullstate WHERE next_at <= now() FOR UPDATE SKIP LOCKED)
                 AND e.id = s.endpoint_id AND e.mode = 'mirror' AND {outbox.WORKS}
               RETURNING s.endpoint_id""",  # noqa: S608
            [pulls.TRY_AGAIN],
        )
        return [row[0] for row in cursor.fetchall()]


def clean() -> bool:
    """Forget what is old, in portions that block nobody, for so long as what is due may wait. False: there is more."""
    until = time.monotonic() + CLEAN_SECONDS
    return all(_delete(old, until) for old in _old())


def _old() -> Iterator[QuerySet[Any]]:
    for failed, days in ((False, settings.KEEP_EXCHANGES_DAYS), (True, settings.KEEP_FAILURES_DAYS)):
        yield Exchange.objects.filter(failed=failed, at__lt=_ago(days))
    yield KeptAnswer.objects.filter(created_at__lte=Now() - timedelta(hours=settings.KEEP_ANSWERS_HOURS))
    yield Session.objects.filter(expire_date__lt=Now())
    yield Footprint.objects.filter(made_at__lt=_ago(settings.UNDO_DAYS))
    # What somebody asked for may wait for longer, while its endpoint is paused or its Odoo away.
    ended = Run.objects.exclude(state__in=[RunState.QUEUED, RunState.RUNNING])
    yield ended.filter(started_at__lt=_ago(max(settings.KEEP_RUNS_DAYS, settings.UNDO_DAYS)))
    yield feed.forgettable(max(settings.KEEP_DELETED_DAYS, settings.UNDO_DAYS))
    settled = Change.objects.filter(state__in=[ChangeState.APPLIED, ChangeState.DISCARDED])
    yield settled.filter(settled_at__lt=_ago(KEEP_APPLIED_DAYS))
    # As long as the changes it was about.
    yield Conflict.objects.filter(decided_at__lt=_ago(KEEP_APPLIED_DAYS))


def _ago(days: int) -> Combinable:
    return Now() - timedelta(days=days)


def _delete(old: QuerySet[Any], until: float) -> bool:
    while time.monotonic() < until:
        with transaction.atomic():
            # What somebody holds is left for the next time: it may be in use again (a record that a pull brings back, a key
            # that is used anew), and what was found old a moment ago need not be so any more.
            held = old.select_for_update(skip_locked=True, of=("self",)).only("pk").order_by("pk")
            ids = [one.pk for one in held[:_DELETE_AT_ONCE]]
            if not ids:
                return True
            old.model._default_manager.filter(pk__in=ids).delete()
    return False
