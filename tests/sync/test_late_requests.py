"""A request that the hub has given up on, and that reaches Odoo later than the one that was sent in its place."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from endpoints.models import Change
from mappings.models import Connection
from synchub.torture.waiting import until
from synchub.torture.ways import Way
from tests.conftest import Hub
from tests.sync.test_push import due_now, post, put


@pytest.fixture
def way(hub: Hub) -> Iterator[Way]:
    """Between the hub and Odoo; the hub waits a second for an answer."""
    parts = urlsplit(hub.odoo.url)
    way = Way(parts.hostname or "", parts.port or 0)
    Connection.objects.update(url=f"http://127.0.0.1:{way.port}", read_timeout=1)
    contact = hub.mapping(
        "contact", "res.partner", {"customer_id": {"field": "ref", "identifier": True}, "name": "name"}
    )
    hub.endpoint(
        "partners",
        "res.partner",
        {
            "customer_id": {"field": "ref", "identifier": True},
            "name": "name",
            "contacts": {"field": "child_ids", "nested": contact},
        },
    )
    yield way
    way.close()


def held_up(hub: Hub, way: Way, method: str) -> Callable[[], None]:
    """Push; the call of this method does not get through until what is returned is called."""
    hold = way.hold(f"<string>{method}</string>".encode())
    hub.push()
    hold.wait(0)
    assert Change.objects.filter(state="pending", sent=True).exists()
    due_now()
    hub.push()
    assert not Change.objects.filter(state="pending").exists()

    def arrives() -> None:
        before = hub.odoo.calls.count_of("res.partner", method)
        hold.let_go()
        until(lambda: hub.odoo.calls.count_of("res.partner", method) > before, "it reaches Odoo")
        hub.odoo.execute("res.partner", "search_count", [])  # behind it: one transaction at a time

    return arrives


def refs(hub: Hub) -> list[Any]:
    found = hub.in_odoo("X1", "C1", "C2", fields=("ref",))
    return sorted(one["ref"] for one in found)


def test_a_new_record_is_there_once(hub: Hub, way: Way):
    post({"customer_id": "X1", "name": "A"})
    held_up(hub, way, "load")()
    assert refs(hub) == ["X1"]


def test_a_new_record_and_its_children_are_there_once(hub: Hub, way: Way):
    post({"customer_id": "X1", "name": "A", "contacts": [{"customer_id": "C1", "name": "Ada"}]})
    held_up(hub, way, "load")()
    assert refs(hub) == ["C1", "X1"]


def test_children_added_later_are_there_once(hub: Hub, way: Way):
    post({"customer_id": "X1", "name": "A", "contacts": [{"customer_id": "C1", "name": "Ada"}]})
    hub.push()
    put("X1", {"contacts": [{"customer_id": "C1", "name": "Ada"}, {"customer_id": "C2", "name": "Bob"}]})
    held_up(hub, way, "load")()
    assert refs(hub) == ["C1", "C2", "X1"]
