"""What a worker has claimed stays its own while it lives, and no longer."""

import threading
import uuid

import pytest
from django.db import connection

from endpoints import outbox
from endpoints.models import Change
from synchub.sync.lease import Lease, LeaseLost
from tests.conftest import Hub
from tests.sync.test_push import post


def test_a_call_that_outlasts_the_lease_keeps_what_was_claimed(hub: Hub, settings):
    settings.LEASE = 1
    hub.partners()
    post({"customer_id": "X1", "name": "A"})
    hub.odoo.faults.arm("slow", method="load", seconds=4)

    def work() -> None:
        try:
            hub.push()
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    freed = 0
    while worker.is_alive():
        freed += outbox.expire()
        worker.join(0.05)
    assert freed == 0
    assert Change.objects.get().state == "applied"
    assert len(hub.in_odoo("X1")) == 1


def test_a_worker_that_cannot_renew_its_lease_sends_nothing_more(settings, transactional_db):
    settings.LEASE = 0.3
    lease = Lease(uuid.uuid4())
    lease.start()
    lease.check()
    threading.Event().wait(0.31)
    with pytest.raises(LeaseLost):
        lease.check()
    lease.end()
