"""A push in two lanes: what one of them meets, the other heeds."""

from typing import Any

from endpoints.models import Change, Run
from mappings.models import Connection
from tests.conftest import Hub
from tests.sync.test_push import due_now, post

NAMES = [f"X{number:02}" for number in range(20)]


def waiting(hub: Hub, settings: Any) -> None:
    """More than a batch."""
    settings.PUSH_BATCH = 5
    hub.partners()
    post([{"customer_id": name, "name": "A"} for name in NAMES])


def test_what_was_prepared_while_the_other_batch_met_trouble_is_not_sent(hub: Hub, settings: Any):
    waiting(hub, settings)
    Connection.objects.update(read_timeout=1)
    hub.odoo.faults.arm("hang_after_commit", model="res.partner", method="load", seconds=2.0)
    hub.push()
    assert len(hub.in_odoo(*NAMES)) == 5  # done, but not heard of
    assert set(Change.objects.values_list("state", flat=True)) == {"pending"}
    assert Change.objects.filter(sent=True).count() == 5
    assert Change.objects.filter(sent=False, attempts=0).count() == 15
    assert Run.objects.get(kind="push").state == "failed"
    Connection.objects.update(read_timeout=30)
    due_now()
    hub.push()
    assert sorted(row["ref"] for row in hub.in_odoo(*NAMES)) == NAMES
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


def test_a_connection_of_one_call_at_a_time_is_pushed_in_one_lane(hub: Hub, settings: Any):
    waiting(hub, settings)
    Connection.objects.update(concurrency=1)
    hub.push()
    assert sorted(row["ref"] for row in hub.in_odoo(*NAMES)) == NAMES
    assert Run.objects.get(kind="push").changed == 20
