"""For how long the audit log, and who was logged in, is kept."""

import threading
from datetime import timedelta

import pytest
import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connections, transaction
from django.utils import timezone

from endpoints.models import Conflict, Record, Run, RunKind, RunState
from synchub.audit.log import Row, insert
from synchub.audit.models import Exchange
from synchub.sync import locks, sweep, tasks
from synchub.torture.waiting import until
from tests.conftest import Hub
from tests.sessions import another_session, somebody_waits
from tests.sync.test_push import post


@pytest.mark.django_db
def test_failures_are_kept_for_longer_than_what_went_well(settings):
    settings.KEEP_EXCHANGES_DAYS, settings.KEEP_FAILURES_DAYS = 2, 5
    now = timezone.now()
    insert(
        [
            Row(direction="in", method="GET", target=f"{days}", failed=failed, at=now - timedelta(days=days))
            for days in (1, 3, 6)
            for failed in (False, True)
        ]
    )
    sweep.clean()
    left = Exchange.objects.order_by("id").values_list("target", "failed")
    assert list(left) == [("1", False), ("1", True), ("3", True)]


@pytest.mark.django_db
def test_logins_that_are_over_are_forgotten():
    now = timezone.now()
    for key, ends in (("over", now - timedelta(days=1)), ("open", now + timedelta(days=1))):
        Session.objects.create(session_key=key, session_data="", expire_date=ends)
    sweep.clean()
    assert [one.session_key for one in Session.objects.all()] == ["open"]


def test_a_record_that_comes_back_while_old_ones_are_forgotten_stays(hub: Hub):
    hub.partners()
    post([{"customer_id": name, "name": name} for name in "AB"])
    hub.push()
    Record.objects.update(deleted_at=timezone.now() - timedelta(days=1000))

    def clean() -> None:
        sweep.clean()
        connections.close_all()

    cleaning = threading.Thread(target=clean)
    with transaction.atomic():
        Record.objects.filter(external_id="A").update(deleted_at=None)
        cleaning.start()
        until(lambda: not cleaning.is_alive() or somebody_waits(), "it waits for the record, or leaves it")
    cleaning.join()
    assert [one.external_id for one in Record.objects.all()] == ["A"]


def test_conflicts_that_were_decided_long_ago_are_forgotten(hub: Hub):
    endpoint = hub.partners()
    post([{"customer_id": name, "name": name} for name in "ABC"])
    hub.push()
    decided = {"A": timedelta(days=40), "B": timedelta(days=1), "C": None}
    for record in Record.objects.filter(external_id__in=decided):
        since = decided[str(record.external_id)]
        at = None if since is None else timezone.now() - since
        Conflict.objects.create(endpoint=endpoint, record=record, change_ids=[], fields=[], decided_at=at)
    sweep.clean()
    assert {one.record.external_id for one in Conflict.objects.all()} == {"B", "C"}


def test_what_somebody_asked_for_is_not_forgotten_while_it_waits(hub: Hub):
    endpoint = hub.partners()
    for state in (RunState.QUEUED, RunState.DONE):
        long_ago = timezone.now() - timedelta(days=400)
        Run.objects.create(endpoint=endpoint, kind=RunKind.REREAD, state=state, started_at=long_ago)
    sweep.clean()
    assert [run.state for run in Run.objects.all()] == [RunState.QUEUED]


@pytest.mark.django_db
def test_much_that_is_old_is_forgotten_in_turns_so_that_what_is_due_is_begun_meanwhile(monkeypatch):
    insert([Row(direction="in", method="GET", target="x", at=timezone.now() - timedelta(days=400))])
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete("housekeeping")
        monkeypatch.setattr(sweep, "CLEAN_SECONDS", 0.0)
        tasks.clean()
        assert (Exchange.objects.count(), client.llen("housekeeping")) == (1, 1)
        client.delete("housekeeping")
        monkeypatch.undo()
        tasks.clean(goes_on=True)
        assert (Exchange.objects.count(), client.llen("housekeeping")) == (0, 0)


@pytest.mark.django_db
def test_however_often_it_is_begun_one_that_forgets_goes_on(monkeypatch):
    """Each hour began another one, and each of them went on for itself."""
    insert([Row(direction="in", method="GET", target="x", at=timezone.now() - timedelta(days=400))])
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete("housekeeping")
        monkeypatch.setattr(sweep, "CLEAN_SECONDS", 0.0)
        for goes_on in (False, False, True, False):
            tasks.clean(goes_on=goes_on)
            client.ltrim("housekeeping", 1 if goes_on else 0, -1)  # it was taken from there
            assert client.llen("housekeeping") == 1
        monkeypatch.undo()
        with another_session() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, 0)", [locks._CLEAN])
            tasks.clean(goes_on=True)
            assert Exchange.objects.count() == 1
        tasks.clean(goes_on=True)
        assert Exchange.objects.count() == 0
        client.delete("housekeeping")
