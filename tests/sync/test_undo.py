"""Undo of a push: shown before it is done, and put back only where nobody has changed it since."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from endpoints import jobs, registry, undoing
from endpoints.models import Change, Endpoint, Footprint, Record, Run, RunKind
from mappings.clients import client_for
from mappings.models import Connection
from synchub.sync import asked, sweep
from tests.conftest import Hub
from tests.sync.test_conflicts import edited_in_odoo, in_odoo, put, shown
from tests.sync.test_lines import change_line, order_line
from tests.sync.test_push import due_now, post


@pytest.fixture
def partners(hub: Hub) -> Endpoint:
    """X1 is in Odoo as A, with a tag and a city; nothing of that is to be undone."""
    endpoint: Endpoint = hub.partners()
    hub.odoo.execute(
        "res.partner", "create", {"ref": "X1", "name": "A", "city": "Gent", "email": "a@example.com"}
    )
    hub.pull()
    return endpoint


def last_push() -> int:
    return Run.objects.filter(kind="push").latest("id").pk


def undo(run: int, created: str = "leave") -> Run:
    endpoint = Endpoint.objects.get(runs=run)
    made = jobs.ask(endpoint.pk, RunKind.UNDO, "boss", {"run": run, "created": created})
    assert made is not None
    asked.carry_out(made.pk)
    made.refresh_from_db()
    assert made.state == "done", made.message
    return made


def preview(run: int, created: str = "leave") -> list[str]:
    return preview_of("partners", run, created)


def preview_of(name: str, run: int, created: str = "leave") -> list[str]:
    endpoint = registry.get(name)
    rows = undoing.pending(run)
    ids = list(rows.values_list("record_id", flat=True).distinct())
    with client_for(Connection.objects.get()) as client:
        return [one.said(endpoint.mapping) for one in undoing.plans(endpoint, client, ids, rows, created)]


def outcome() -> str:
    text: str = Footprint.objects.exclude(outcome="").latest("id").outcome
    return text


def test_what_a_push_changed_goes_back(hub: Hub, partners: Endpoint):
    put({"name": "Wrong", "address": {"city": "Wrong"}})
    hub.push()
    run = last_push()
    assert preview(run) == ["put back: name, address.city"]
    assert in_odoo(hub)["name"] == "Wrong"
    undo(run)
    assert shown()["X-Sync-State"] == "pending"
    hub.push()
    partner = in_odoo(hub)
    assert (partner["name"], partner["city"]) == ("A", "Gent")
    assert (shown().json()["name"], shown()["X-Sync-State"]) == ("A", "synced")
    assert preview(run) == []


def test_what_is_written_between_the_look_and_the_putting_back_stays(hub: Hub, partners: Endpoint):
    put({"name": "Wrong"})
    hub.push()
    run, endpoint = last_push(), registry.get("partners")
    rows = undoing.pending(run)
    with client_for(Connection.objects.get()) as client:
        plans = undoing.plans(endpoint, client, [Record.objects.get(external_id="X1").pk], rows, "leave")
    put({"name": "Newer"})
    with transaction.atomic():
        assert undoing.carry_out(endpoint, plans, run, "boss") == 0
    assert plans[0].said(endpoint.mapping) == "something newer waits to be written"
    hub.push()
    assert in_odoo(hub)["name"] == "Newer"


def test_what_somebody_changed_since_stays_and_the_rest_goes_back(hub: Hub, partners: Endpoint):
    put({"name": "Wrong", "address": {"city": "Wrong"}})
    hub.push()
    run = last_push()
    edited_in_odoo(hub, city="Brugge")
    assert preview(run) == ["put back: name; address.city: changed since"]
    made = undo(run)
    hub.push()
    partner = in_odoo(hub)
    assert (partner["name"], partner["city"]) == ("A", "Brugge")
    assert (made.changed, made.failed) == (1, 1)
    assert "changed since" in outcome()


@pytest.mark.parametrize("policy", ["odoo", "hub", "newest", "ask"])
def test_what_changes_between_the_look_and_the_push_stays_too(hub: Hub, partners: Endpoint, policy: str):
    Endpoint.objects.update(conflicts=policy)
    registry.clear()
    put({"name": "Wrong", "address": {"city": "Wrong"}})
    hub.push()
    undo(last_push())
    edited_in_odoo(hub, name="Odoo's newest")
    hub.push()
    partner = in_odoo(hub)
    assert (partner["name"], partner["city"]) == ("Odoo's newest", "Gent")
    assert shown()["X-Sync-State"] == "synced"


def test_several_writes_of_one_run_go_back_to_what_was_before_the_first(
    hub: Hub, partners: Endpoint, settings
):
    settings.PUSH_BATCH = 1
    put({"name": "First"})
    hub.push()
    put({"name": "Second", "email": "b@example.com"})
    hub.push()
    first, second = Run.objects.filter(kind="push").order_by("id").values_list("pk", flat=True)
    Footprint.objects.filter(run=second).update(run=first)
    assert preview(first) == ["put back: name, email"]
    undo(first)
    hub.push()
    assert (in_odoo(hub)["name"], in_odoo(hub)["email"]) == ("A", "a@example.com")


def test_a_newer_write_that_waits_is_not_undone(hub: Hub, partners: Endpoint):
    put({"name": "Wrong"})
    hub.push()
    put({"name": "Newer"})
    assert preview(last_push()) == ["something newer waits to be written"]
    undo(last_push())
    hub.push()
    assert in_odoo(hub)["name"] == "Newer"


@pytest.mark.parametrize("created_by_it", [False, True])
def test_what_another_endpoint_was_sent_and_waits_is_not_undone(
    hub: Hub, partners: Endpoint, created_by_it: bool
):
    hub.endpoint(
        "others",
        "res.partner",
        {"ref": {"field": "ref", "identifier": True}, "name": "name"},
        conflicts="hub",
    )
    registry.clear()
    if created_by_it:
        post({"customer_id": "N1", "name": "Wrong", "tags": []})
    else:
        put({"name": "Wrong"})
    hub.push()
    run, name = last_push(), "N1" if created_by_it else "X1"
    hub.pull("others")
    address = f"/bj_api_sync/v1/others/{name}"
    assert Client().put(address, {"name": "Newer"}, content_type="application/json").status_code == 200
    assert preview(run, "unlink") == ["something that “others” was sent waits to be written"]
    undo(run, "unlink")
    hub.push()
    hub.push("others")
    assert [one["name"] for one in hub.in_odoo(name)] == ["Newer"]
    assert not Change.objects.exclude(state="applied", error="").exists()


@pytest.mark.parametrize(("created", "left"), [("leave", [True]), ("archive", [False]), ("unlink", [])])
def test_what_was_created_stays_or_goes_as_chosen(
    hub: Hub, partners: Endpoint, created: str, left: list[bool]
):
    post({"customer_id": "N1", "name": "New", "tags": []})
    hub.push()
    run = last_push()
    undo(run, created)
    hub.push()
    assert [one["active"] for one in hub.in_odoo("N1", fields=("active",))] == left
    assert Client().get("/bj_api_sync/v1/partners/N1").status_code == (200 if created == "leave" else 404)


@pytest.mark.parametrize("added", [{"city": "Gent"}, {"category_id": [[0, 0, {"name": "Added"}]]}])
def test_what_was_created_and_somebody_has_added_to_stays(
    hub: Hub, partners: Endpoint, added: dict[str, Any]
):
    post({"customer_id": "N1", "name": "New"})
    hub.push()
    [made] = hub.in_odoo("N1")
    hub.odoo.execute("res.partner", "write", [made["id"]], added)
    [said] = preview(last_push(), "unlink")
    assert "changed since" in said
    undo(last_push(), "unlink")
    hub.push()
    assert len(hub.in_odoo("N1")) == 1


def test_what_was_created_and_changed_since_stays(hub: Hub, partners: Endpoint):
    post({"customer_id": "N1", "name": "New"})
    hub.push()
    run = last_push()
    undo(run, "unlink")
    [made] = hub.in_odoo("N1")
    hub.odoo.execute("res.partner", "write", [made["id"]], {"name": "Somebody's"})
    hub.push()
    assert [one["name"] for one in hub.in_odoo("N1")] == ["Somebody's"]
    change = Change.objects.latest("id")
    assert (change.state, "leaves it alone" in change.error) == ("failed", True)
    assert Client().get("/bj_api_sync/v1/partners/N1").status_code == 200


def test_what_was_archived_comes_back(hub: Hub, partners: Endpoint):
    assert Client().delete("/bj_api_sync/v1/partners/X1").status_code == 200
    hub.push()
    assert hub.in_odoo("X1", fields=("active",))[0]["active"] is False
    assert preview(last_push()) == ["taken out of the archive"]
    undo(last_push())
    hub.push()
    assert hub.in_odoo("X1", fields=("active",))[0]["active"] is True
    assert (shown().status_code, shown().json()["name"]) == (200, "A")
    assert preview(last_push()) == ["archived"]
    undo(last_push())
    hub.push()
    assert hub.in_odoo("X1", fields=("active",))[0]["active"] is False
    assert shown().status_code == 404


def test_what_was_taken_out_of_the_archive_goes_back_into_it(hub: Hub, partners: Endpoint):
    def there() -> tuple[str, bool]:
        [one] = hub.in_odoo("X1", fields=("name", "active"))
        return one["name"], one["active"]

    Client().delete("/bj_api_sync/v1/partners/X1")
    hub.push()
    post({"customer_id": "X1", "name": "B"})
    hub.push()
    posted = last_push()
    assert there() == ("B", True)
    assert preview(posted) == ["archived; put back: name"]
    undo(posted)
    hub.push()
    assert (there(), Client().get("/bj_api_sync/v1/partners/X1").status_code) == (("A", False), 404)
    undone = Run.objects.filter(footprints__did="archive").latest("pk").pk
    assert preview(undone) == ["taken out of the archive; put back: name"]
    undo(undone)
    hub.push()
    assert there() == ("B", True)
    undo(last_push())
    hub.push()
    assert there() == ("A", False)
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


def test_what_was_deleted_is_told_to_be_gone_and_what_it_had_is_kept(hub: Hub, partners: Endpoint):
    Endpoint.objects.update(on_delete="unlink")
    registry.clear()
    assert Client().delete("/bj_api_sync/v1/partners/X1").status_code == 200
    hub.push()
    assert preview(last_push()) == ["deleted in Odoo, for good; what the hub had of it is kept with this run"]
    assert Footprint.objects.get().before["name"] == "A"
    undo(last_push())
    assert not Change.objects.filter(state="pending").exists()


def test_tags_and_a_country_go_back(hub: Hub):
    country = hub.mapping("country", "res.country", {"code": {"field": "code", "identifier": True}})
    tag = hub.mapping("tag", "res.partner.category", {"name": {"field": "name", "identifier": True}})
    lines: dict[str, Any] = {
        "customer_id": {"field": "ref", "identifier": True},
        "name": "name",
        "country": {"field": "country_id", "nested": country},
        "tags": {"field": "category_id", "nested": tag, "on_missing": "create"},
    }
    hub.endpoint("partners", "res.partner", lines)
    post({"customer_id": "X1", "name": "A", "country": "NL", "tags": ["one", "two"]})
    hub.push()
    put({"country": None, "tags": ["three"]})
    hub.push()
    assert shown().json()["tags"] == ["three"]
    undo(last_push())
    hub.push()
    assert (shown().json()["country"], sorted(shown().json()["tags"])) == ("NL", ["one", "two"])


def test_an_undo_can_be_undone(hub: Hub, partners: Endpoint):
    put({"name": "Right after all"})
    hub.push()
    undo(last_push())
    hub.push()
    assert in_odoo(hub)["name"] == "A"
    undo(last_push())
    hub.push()
    assert in_odoo(hub)["name"] == "Right after all"


def test_what_odoo_worked_out_from_a_write_goes_back_with_it(hub: Hub):
    url = order_line(hub)
    assert Client().get(url).json()["price"] == 10.5
    change_line(url, quantity=5)
    hub.push("order-lines")
    worked_out = Client().get(url).json()["price"]
    assert worked_out != 10.5
    undo(last_push())
    hub.push("order-lines")
    line = Client().get(url).json()
    assert (line["quantity"], line["price"]) == (2, 10.5)
    undo(last_push())
    hub.push("order-lines")
    line = Client().get(url).json()
    assert (line["quantity"], line["price"]) == (5, worked_out)


def test_what_a_write_left_as_it_was_is_not_worked_out_anew_by_its_undo(hub: Hub):
    url = order_line(hub)
    change_line(url, quantity=5, price=10.5)
    hub.push("order-lines")
    assert preview_of("order-lines", last_push()) == ["put back: quantity"]
    undo(last_push())
    hub.push("order-lines")
    line = Client().get(url).json()
    assert (line["quantity"], line["price"]) == (2, 10.5)


def test_an_undo_that_was_cut_short_begins_anew_and_does_nothing_twice(hub: Hub, partners: Endpoint):
    put({"name": "Wrong"})
    hub.push()
    run = last_push()
    made = undo(run)
    Run.objects.filter(pk=made.pk).update(state="queued")
    asked.carry_out(made.pk)
    assert Change.objects.filter(undoes=made.pk).count() == 1


def test_what_was_before_is_known_although_the_answer_of_the_write_was_lost(hub: Hub, partners: Endpoint):
    put({"name": "Wrong"})
    hub.odoo.faults.arm("drop_after_commit", method="write")
    hub.push()
    due_now()
    put({"email": "b@example.com"})
    hub.push()
    assert in_odoo(hub)["name"] == "Wrong"
    undo(last_push())
    hub.push()
    assert in_odoo(hub)["email"] == "a@example.com"


def test_what_is_old_is_forgotten(hub: Hub, partners: Endpoint, settings):
    put({"name": "Wrong"})
    hub.push()
    assert Footprint.objects.count() == 1
    settings.UNDO_DAYS = 0
    sweep.clean()
    assert not Footprint.objects.exists()
    put({"name": "Another"})
    hub.push()
    assert not Footprint.objects.exists()
    assert Record.objects.get(external_id="X1").state == "synced"


def test_a_run_leads_to_what_it_was_refused(hub: Hub, partners: Endpoint):
    put({"name": "Wrong"})
    hub.odoo.faults.arm("no_right", method="write")
    hub.push()
    assert Change.objects.get(settled_in=last_push()).state == "failed"
