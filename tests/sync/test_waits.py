"""Endpoints over one model whose changes wait for each other's: no ring of waits is without an end."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from endpoints import pauses, registry
from endpoints.models import Change, Endpoint
from tests.conftest import Hub
from tests.sync.test_push import due_now

BASE = "/bj_api_sync/v1"
NAMED = {"id": {"field": "ref", "identifier": True}, "name": "name"}


def post(endpoint: str, body: Any) -> None:
    assert Client().post(f"{BASE}/{endpoint}", body, content_type="application/json").status_code == 201


def put(address: str, body: Any) -> None:
    assert Client().put(f"{BASE}/{address}", body, content_type="application/json").status_code == 200


def pushed(hub: Hub, rounds: int = 4) -> None:
    """Each endpoint in turn, and what waits once more after a while."""
    for _ in range(rounds):
        for name in ("ones", "twos"):
            hub.push(name)
        due_now()


def both(hub: Hub, **options: Any) -> None:
    """Two endpoints over partners; Odoo has X1 by the one and X2 by the other."""
    lines = {**NAMED, "mail": "email", "latitude": "partner_latitude"}
    for name, ref in (("ones", "X1"), ("twos", "X2")):
        hub.endpoint(name, "res.partner", lines, **options)
        post(name, {"id": ref, "name": name})
        hub.push(name)
    registry.clear()  # who has looked less than a second ago knows of one alone


@pytest.mark.parametrize("first", ["ones", "twos"])
def test_names_that_two_endpoints_take_from_each_other_in_turn_get_to_odoo(hub: Hub, first: str):
    both(hub)
    put("ones/X1", {"id": "X5", "name": "renamed"})
    put("twos/X2", {"id": "X1"})
    put("ones/X5", {"id": "X2"})
    hub.push(first)
    pushed(hub, 2)
    assert [(one["ref"], one["name"]) for one in hub.in_odoo("X1", "X2", "X5")] == [
        ("X2", "renamed"),
        ("X1", "twos"),
    ]
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


def test_who_waits_for_a_name_has_it_at_once_though_more_is_to_come_of_who_gave_it_up(hub: Hub):
    both(hub)
    put("ones/X1", {"id": "X5"})
    put("twos/X2", {"id": "X1"})
    put("ones/X5", {"id": "X2"})
    for name in ("twos", "ones", "twos", "ones"):  # each woken by the one before
        hub.push(name)
    assert [(one["ref"], one["name"]) for one in hub.in_odoo("X1", "X2")] == [("X2", "ones"), ("X1", "twos")]
    assert not Change.objects.exclude(state="applied").exists()


@pytest.mark.parametrize("first", ["ones", "twos"])
def test_who_names_a_record_that_waits_for_the_name_it_gives_up_is_written_without(hub: Hub, first: str):
    parent = hub.mapping("parent", "res.partner", {"id": {"field": "ref", "identifier": True}})
    lines = {**NAMED, "parent": {"field": "parent_id", "nested": parent}}
    hub.endpoint("ones", "res.partner", lines)
    hub.endpoint("twos", "res.partner", NAMED)
    post("ones", {"id": "X1", "name": "A"})
    registry.clear()
    hub.push("ones")
    put("ones/X1", {"id": "X5"})
    post("twos", {"id": "X1", "name": "B"})
    put("ones/X5", {"parent": "X1"})
    hub.push(first)
    pushed(hub)
    a, b = hub.in_odoo("X1", "X5", fields=("ref", "parent_id"))
    assert (a["ref"], b["ref"], a["parent_id"]) == ("X5", "X1", b["id"])
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


@pytest.mark.parametrize("first", ["ones", "twos"])
def test_writes_that_each_overtake_the_other_get_to_odoo_where_both_were_sent_unheard(hub: Hub, first: str):
    both(hub, conflicts="hub")
    hub.pull("ones")
    hub.pull("twos")
    put("ones/X1", {"mail": "1@example.com", "latitude": 1.5})
    put("twos/X1", {"mail": "2@example.com", "latitude": 2.5})
    put("ones/X1", {"mail": "3@example.com"})
    Change.objects.filter(state="pending").update(sent=True)  # by workers that died
    hub.push(first)
    due_now()
    pushed(hub)
    [partner] = hub.in_odoo("X1", fields=("email", "partner_latitude"))
    assert (partner["email"], partner["partner_latitude"]) == ("3@example.com", 2.5)
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


@pytest.mark.parametrize("first", ["ones", "twos"])
def test_of_names_that_wait_for_each_other_for_ever_one_is_refused(hub: Hub, first: str):
    both(hub)
    put("ones/X1", {"id": "X5"})
    put("twos/X2", {"id": "X1"})
    put("ones/X5", {"id": "X2"})
    Change.objects.filter(state="pending").update(sent=True)  # by workers that died: each goes as it was sent
    hub.push(first)
    due_now()
    pushed(hub)
    assert not Change.objects.filter(state__in=["pending", "claimed"]).exists()
    told = Change.objects.filter(state="failed").order_by("settled_at").values_list("error", flat=True)[0]
    assert "what it was told waits for this one in its turn. Give this one another" in told


@pytest.mark.parametrize("there", [False, True])
def test_who_is_to_get_a_name_for_whose_end_nobody_goes_on_is_refused(hub: Hub, there: bool):
    both(hub)
    put("ones/X1", {"id": "X5"})
    if there:
        put("twos/X2", {"id": "X1"})
    else:
        post("twos", {"id": "X1", "name": "new"})
    hub.push("twos")
    taker = Change.objects.get(state="pending", endpoint__name="twos")
    first = Change.objects.filter(endpoint__name="ones", state="pending")
    assert taker.waits_for == first.get().record_id
    assert taker.not_before > timezone.now() + timedelta(seconds=60)  # who waits for it is looked at before
    # As if what it names could not do without it. It was looked at since, and waits still.
    first.update(
        waits_for=taker.record_id, settled_in=(taker.settled_in or 0) + 1, not_before="2100-01-01T00:00Z"
    )
    Change.objects.filter(pk=taker.pk).update(not_before="2020-01-01T00:00Z")
    hub.push("twos")
    taker.refresh_from_db()
    assert (taker.state, "“ones” was told before this" in taker.error) == ("failed", True)
    assert [one["name"] for one in hub.in_odoo("X1")] == ["ones"]


@pytest.mark.parametrize("given_up", ["deleted", "renamed"])
def test_who_waits_for_a_name_that_a_paused_endpoint_is_to_give_up_says_so(hub: Hub, given_up: str):
    both(hub)
    if given_up == "deleted":
        assert Client().delete(f"{BASE}/ones/X1").status_code == 200
    else:
        put("ones/X1", {"id": "X5"})
    post("twos", {"id": "X1", "name": "new"})
    waiting = Change.objects.filter(endpoint__name="twos").latest("id")
    pauses.endpoints([Endpoint.objects.get(name="ones").pk], "boss", "a reason of ours")
    hub.push("twos")
    waiting.refresh_from_db()
    assert (waiting.state, "on its way to Odoo. “ones”, or its connection, is paused" in waiting.error) == (
        "pending",
        True,
    )
    assert "reason" not in waiting.error  # it may be told to a consumer
    pauses.resume_endpoints([Endpoint.objects.get(name="ones").pk])
    pushed(hub, 1)
    hub.push("twos")
    assert [one["name"] for one in hub.in_odoo("X1")][-1] == "new"
    assert Client().get(f"{BASE}/twos/X1")["X-Sync-State"] == "synced"
