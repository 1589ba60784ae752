"""A clock that was ahead and is put right: what is scheduled goes on by the new time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import redis
import time_machine
from django.conf import settings
from django.db.models.functions import Now

from endpoints import put_off, queued, touched
from endpoints.models import Change, ChangeState, Endpoint, PullState, Run, RunKind, RunState
from endpoints.models.touched import Touched
from synchub.beat import Scheduler
from synchub.celery import app
from synchub.sync import deletions, nightly, sweep
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


def _over_tomorrow(endpoint: Endpoint) -> None:
    Run.objects.create(endpoint=endpoint, kind=RunKind.PUSH, state=RunState.DONE, ended_at=Now() + DAY)


def _claimed(pk: int, ahead: timedelta) -> None:
    Change.objects.filter(pk=pk).update(
        state=ChangeState.CLAIMED, claim_token="c" * 32, lease_until=Now() + ahead
    )


def _lease(pk: int) -> timedelta:
    lease = Change.objects.values_list("lease_until", flat=True).get(pk=pk)
    assert lease
    return lease - datetime.now(UTC)


def test_what_the_databases_clock_has_put_off_is_begun(hub: Hub):
    endpoint = hub.partners()
    hub.pull()
    post({"customer_id": "X1", "name": "A"})
    post({"customer_id": "X2", "name": "B"})
    first, second = Change.objects.order_by("pk").values_list("pk", flat=True)
    Change.objects.filter(pk=first).update(not_before=Now() + DAY)
    _claimed(second, DAY)
    PullState.objects.update(
        next_at=Now() + DAY, deletions_next_at=Now() + DAY, audit_next_at=Now() + 2 * DAY
    )
    Touched.objects.create(endpoint=endpoint, odoo_id=1, next_at=Now() + DAY)
    run = Run.objects.create(
        endpoint=endpoint, kind=RunKind.PULL, state=RunState.RUNNING, beat_at=datetime.now(UTC) + DAY
    )
    _over_tomorrow(endpoint)
    sweep.sweep()
    assert (
        queued.endpoints_with_work() == sweep.due_pulls() == deletions.due() == touched.due() == [endpoint.pk]
    )
    assert nightly.due_audits() == [], "planned anew, and not begun"
    planned = PullState.objects.values_list("audit_next_at", flat=True).get()
    assert planned
    assert planned < datetime.now(UTC) + timedelta(hours=25)
    assert _lease(second) < timedelta(seconds=settings.LEASE + 5)
    run.refresh_from_db()
    assert run.beat_at < datetime.now(UTC) + timedelta(seconds=5)


@pytest.mark.parametrize("sign", ["a run", "a pull", "a record of an event"])
def test_that_the_databases_clock_was_set_back_is_told_by(hub: Hub, sign: str):
    endpoint = hub.partners()
    hub.pull()
    PullState.objects.update(next_at=Now() + DAY)
    if sign == "a run":
        _over_tomorrow(endpoint)
    elif sign == "a pull":
        PullState.objects.update(last_ok_at=Now() + DAY)
    else:
        Touched.objects.create(endpoint=endpoint, odoo_id=1, next_at=Now() + DAY)
    assert put_off.put_right() > 0
    assert sweep.due_pulls() == [endpoint.pk]
    assert put_off.put_right() == 0


def test_what_is_pulled_at_times_of_the_day_does_not_wait_for_those_of_the_wrong_clock(hub: Hub):
    endpoint = hub.partners(pull_every=None, pull_cron="0 6 * * *")
    hub.pull()
    PullState.objects.update(next_at=Now() + 40 * DAY)
    _over_tomorrow(endpoint)
    sweep.sweep()
    assert sweep.due_pulls() == [endpoint.pk]


def test_however_much_waits_no_sweep_reads_it_to_find_a_clock(hub: Hub, django_assert_num_queries):
    hub.partners()
    hub.pull()
    with django_assert_num_queries(1) as asked:
        assert put_off.put_right() == 0
    assert "endpoints_change" not in asked.captured_queries[0]["sql"]


def test_intervals_that_were_shortened_are_no_clock_that_was_set_back(hub: Hub, settings, caplog):
    """Neither by a person nor by a start with other settings, while a worker with the old ones still sends."""
    endpoint = hub.partners()
    hub.pull()
    post({"customer_id": "X1", "name": "A"})
    change = Change.objects.values_list("pk", flat=True).get()
    _claimed(change, timedelta(seconds=300))
    Endpoint.objects.update(pull_every=10)
    PullState.objects.update(next_at=Now() + timedelta(hours=1), deletions_next_at=Now() + DAY)
    # A worker whose clock is ahead of the others' has begun one.
    Run.objects.create(
        endpoint=endpoint, kind=RunKind.PULL, beat_at=datetime.now(UTC) + timedelta(minutes=10)
    )
    settings.DELETIONS_EVERY, settings.LEASE = timedelta(seconds=10), 30
    sweep.sweep()
    assert _lease(change) > timedelta(seconds=200)
    assert sweep.due_pulls() == deletions.due() == []
    assert "set back" not in caplog.text


def test_a_worker_with_a_longer_lease_keeps_it_where_the_clock_was_set_back(hub: Hub):
    endpoint = hub.partners()
    post({"customer_id": "X1", "name": "A"})
    change = Change.objects.values_list("pk", flat=True).get()
    _claimed(change, timedelta(seconds=settings.LEASE + 300))
    _over_tomorrow(endpoint)
    sweep.sweep()
    assert _lease(change) > timedelta(seconds=settings.LEASE + 200)


def test_what_has_its_time_keeps_it(hub: Hub):
    hub.partners()
    hub.pull()
    sweep.due_pulls()
    deletions.due()
    before = PullState.objects.values_list("next_at", "deletions_next_at").get()
    sweep.sweep()
    assert PullState.objects.values_list("next_at", "deletions_next_at").get() == before
