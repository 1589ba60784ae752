"""Standing still, without loss: one endpoint, one connection, or everything."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from endpoints import pauses, queued
from endpoints.models import Change, Endpoint, Run
from mappings.models import Connection
from synchub.sync import sweep
from tests.conftest import Hub
from tests.sync.test_push import post

PAUSE: dict[str, tuple[Callable[[Endpoint], None], Callable[[Endpoint], None]]] = {
    "endpoint": (
        lambda one: pauses.endpoints([one.pk], "boss", "Odoo is upgraded"),
        lambda one: pauses.resume_endpoints([one.pk]),
    ),
    "connection": (
        lambda _: Connection.objects.get().pause("boss", "Odoo is upgraded"),
        lambda _: Connection.objects.get().resume(),
    ),
    "everything": (
        lambda _: pauses.everything("boss", "Odoo is upgraded"),
        lambda _: pauses.resume_everything(),
    ),
}


@pytest.mark.parametrize("what", PAUSE)
def test_nothing_is_sent_or_read_and_all_of_it_goes_on_afterwards(hub: Hub, what: str):
    endpoint = hub.partners()
    hub.pull()
    pause, resume = PAUSE[what]
    pause(endpoint)
    post({"customer_id": "X1", "name": "A"})
    [seeded] = hub.odoo.execute("res.partner", "search", [("name", "!=", False)], limit=1)
    hub.odoo.execute("res.partner", "write", [seeded], {"ref": "SEEN", "name": "Seen later"})
    hub.push()
    hub.pull()
    hub.sweep()
    assert (queued.endpoints_with_work(), sweep.due_pulls()) == ([], [])
    assert hub.in_odoo("X1") == []
    assert Client().get("/bj_api_sync/v1/partners/SEEN").status_code == 404
    assert Client().get("/bj_api_sync/v1/partners/X1")["X-Sync-State"] == "pending"
    assert "by boss: Odoo is upgraded" in (pauses.why(endpoint.pk) or "")
    resume(endpoint)
    assert queued.endpoints_with_work() == [endpoint.pk]
    hub.push()
    hub.pull()
    assert [one["name"] for one in hub.in_odoo("X1")] == ["A"]
    assert Client().get("/bj_api_sync/v1/partners/SEEN").json()["name"] == "Seen later"
    assert pauses.why(endpoint.pk) is None


def while_odoo_is_slow(
    hub: Hub,
    work: Callable[[], None],
    model: str,
    method: str,
    does: Callable[[], object] = lambda: pauses.everything("boss"),
) -> None:
    """What a person does while this call of the work is in Odoo's hands: everything is paused."""

    def in_a_thread() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=in_a_thread)
    with hub.odoo.faults.hold("slow", model=model, method=method) as call:
        thread.start()
        call.wait()
        does()
    thread.join()


def test_a_push_under_way_stops_after_its_batch(hub: Hub, settings):
    settings.PUSH_BATCH = 2
    hub.partners()
    post([{"customer_id": f"X{number}", "name": "A"} for number in range(6)])
    while_odoo_is_slow(hub, hub.push, "res.partner", "load")
    assert Change.objects.filter(state="applied").count() == 2
    run = Run.objects.get(kind="push")
    assert run.state == "interrupted"
    assert "Everything is paused" in run.message
    pauses.resume_everything()
    hub.push()
    assert len(hub.in_odoo(*(f"X{number}" for number in range(6)))) == 6


def test_a_pull_under_way_stops_after_its_page_and_goes_on_there(hub: Hub, settings):
    settings.PULL_PAGE = 10
    hub.partners()
    while_odoo_is_slow(hub, hub.pull, "res.partner", "search_count")
    seen = Run.objects.get(kind="backfill").seen
    assert Run.objects.get().state == "interrupted"
    pauses.resume_everything()
    hub.pull()
    total = hub.odoo.execute("res.partner", "search_count", [])
    assert sum(Run.objects.values_list("seen", flat=True)) == total
    assert 0 < seen < total


@pytest.mark.django_db
def test_health_says_what_stands_still_and_names_nobody(client: Client):
    assert client.get("/healthz").json() == {"status": "ok"}
    pauses.everything("boss", "secret reason")
    assert client.get("/healthz").json() == {
        "status": "ok",
        "paused": {"everything": True, "connections": 0, "endpoints": 0},
    }
