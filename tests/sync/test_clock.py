"""A clock that was ahead and is put right: what is scheduled goes on by the new time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
import time_machine
from django.conf import settings
from django.db.models.functions import Now

from endpoints import queued
from endpoints.models import Change, ChangeState, PullState, Run, RunKind, RunState
from synchub.beat import Scheduler
from synchub.celery import app
from synchub.sync import deletions, sweep
from tests.conftest import Hub
from tests.sync.test_push import post

DAY = timedelta(days=1)


@pytest.fixture
def _queue() -> Iterator[None]:
    yield
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete("housekeeping")


def _started() -> Scheduler:
    scheduler = Scheduler(app=app)
    scheduler._finalize.cancel()  # which would write its notes at the end of the tests, into a database that is gone
    return scheduler


def _pulls(scheduler: Scheduler) -> int:
    return int(scheduler.schedule["start-due-pulls"].model.total_run_count)


def _ticks(scheduler: Scheduler, count: int = 20) -> None:
    for _ in range(count):
        scheduler.tick()


@pytest.mark.usefixtures("transactional_db", "_queue")
@pytest.mark.parametrize("anew", [False, True], ids=["it runs on", "it is started anew"])
def test_a_scheduler_whose_clock_is_set_back_goes_on_at_once(*, anew: bool):
    right = datetime.now(UTC)
    with time_machine.travel(right + DAY):
        scheduler = _started()
        _ticks(scheduler)
    with time_machine.travel(right + DAY + timedelta(seconds=60)):
        _ticks(scheduler)
        scheduler.sync()
        before = _pulls(scheduler)
    assert before > 0
    with time_machine.travel(right):
        if anew:
            scheduler = _started()
        _ticks(scheduler)
    with time_machine.travel(right + timedelta(seconds=60)):
        _ticks(scheduler)
        sent = {name: one.model.total_run_count for name, one in scheduler.schedule.items()}
    assert sent["start-due-pulls"] > before
    assert {name for name in settings.CELERY_BEAT_SCHEDULE if sent[name] < 2} == set(), "each of them"


def test_what_the_databases_clock_has_put_off_is_begun(hub: Hub):
    endpoint = hub.partners()
    hub.pull()
    post({"customer_id": "X1", "name": "A"})
    post({"customer_id": "X2", "name": "B"})
    first, second = Change.objects.order_by("pk")
    Change.objects.filter(pk=first.pk).update(not_before=Now() + DAY)
    Change.objects.filter(pk=second.pk).update(
        state=ChangeState.CLAIMED, claim_token="c" * 32, lease_until=Now() + DAY
    )
    PullState.objects.update(next_at=Now() + DAY, deletions_next_at=Now() + DAY)
    run = Run.objects.create(
        endpoint=endpoint, kind=RunKind.PULL, state=RunState.RUNNING, beat_at=datetime.now(UTC) + DAY
    )
    sweep.sweep()
    assert queued.endpoints_with_work() == sweep.due_pulls() == deletions.due() == [endpoint.pk]
    second.refresh_from_db()
    run.refresh_from_db()
    assert second.lease_until
    assert second.lease_until < datetime.now(UTC) + timedelta(seconds=settings.LEASE + 5)
    assert run.beat_at < datetime.now(UTC) + timedelta(seconds=5)


def test_a_pull_at_a_time_of_day_has_its_next_one_once_the_databases_clock_is_set_back(hub: Hub):
    hub.partners(pull_every=None, pull_cron="0 * * * *")
    hub.pull()
    sweep.due_pulls()
    PullState.objects.update(next_at=Now() + DAY)
    sweep.sweep()
    assert PullState.objects.get().next_at <= datetime.now(UTC) + timedelta(hours=1)


@pytest.mark.parametrize("when", [{}, {"pull_every": None, "pull_cron": "0 6 * * 1"}, {"pull_every": None}])
def test_what_has_its_time_keeps_it(hub: Hub, when: dict[str, Any]):
    hub.partners(**when)
    sweep.due_pulls()
    hub.pull()
    deletions.due()
    before = PullState.objects.values_list("next_at", "deletions_next_at").get()
    sweep.sweep()
    assert PullState.objects.values_list("next_at", "deletions_next_at").get() == before
