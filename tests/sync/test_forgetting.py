"""For how long the audit log, and who was logged in, is kept."""

import threading
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connections, transaction
from django.utils import timezone

from endpoints.models import Record
from synchub.audit.log import Row, insert
from synchub.audit.models import Exchange
from synchub.sync import sweep
from tests.conftest import Hub
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
        cleaning.join(timeout=2)
    cleaning.join()
    assert [one.external_id for one in Record.objects.all()] == ["A"]
