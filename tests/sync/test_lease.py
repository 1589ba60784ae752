"""What a worker has claimed stays its own while it lives, and no longer."""

import threading
import time
import uuid

import pytest
from django.db import OperationalError, connection

from endpoints import outbox, pauses
from endpoints.models import Change
from synchub.sync.lease import Lease, LeaseLost
from tests.conftest import Hub
from tests.sync.test_push import post


def test_a_call_that_outlasts_the_lease_keeps_what_was_claimed(hub: Hub, settings):
    settings.LEASE = 2
    hub.partners()
    post({"customer_id": "X1", "name": "A"})

    def work() -> None:
        try:
            hub.push()
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    freed = 0
    with hub.odoo.faults.hold("slow", method="load") as call:
        worker.start()
        call.wait()
        claimed_until = Change.objects.get().lease_until
        assert claimed_until
        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            freed += outbox.expire()
            worker.join(0.05)
        assert Change.objects.get(lease_until__gt=claimed_until).state == "claimed"
    worker.join()
    assert freed == 0
    assert Change.objects.get().state == "applied"
    assert len(hub.in_odoo("X1")) == 1


def test_what_a_failed_push_had_claimed_is_free_again_while_its_worker_lives(hub: Hub, settings, monkeypatch):
    settings.LEASE = 1
    hub.partners()
    post({"customer_id": "X1", "name": "A"})
    asked = 0

    def after_it_was_prepared(endpoint_id: int) -> str | None:
        nonlocal asked
        asked += 1
        if asked > 1:  # PostgreSQL goes away between two statements
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return why(endpoint_id)

    why = pauses.why
    monkeypatch.setattr(pauses, "why", after_it_was_prepared)
    with pytest.raises(OperationalError):
        hub.push()
    connection.close()
    monkeypatch.undo()
    end = time.monotonic() + 20
    while not outbox.expire() and time.monotonic() < end:
        threading.Event().wait(0.1)
    hub.push()
    assert Change.objects.get().state == "applied"
    assert len(hub.in_odoo("X1")) == 1


def test_a_worker_that_cannot_renew_its_lease_sends_nothing_more(settings, transactional_db):
    settings.LEASE = 60
    lease = Lease(uuid.uuid4())
    lease.check()
    settings.LEASE = 0.03
    lease.start()
    threading.Event().wait(0.04)
    with pytest.raises(LeaseLost):
        lease.check()
    lease.end()
