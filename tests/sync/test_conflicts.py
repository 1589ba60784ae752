"""Odoo and a consumer change the same record before either has heard of the other."""

import uuid
from typing import Any

import pytest
from django.test import Client

from endpoints import decisions, editing, inbox, outbox, registry
from endpoints.models import Change, Conflict, Endpoint, Record
from mappings.clients import client_for
from mappings.models import Connection, OdooModel
from synchub.sync import carry
from synchub.sync.batch import Batch
from tests.conftest import Hub
from tests.sync.batches import pushed_once
from tests.sync.test_copies import second_connection
from tests.sync.test_push import due_now, post
from tests.sync.test_relations import tagged_partners

URL = "/bj_api_sync/v1/partners"


def put(body: Any) -> None:
    assert Client().put(f"{URL}/X1", body, content_type="application/json").status_code == 200


def shown() -> Any:
    return Client().get(f"{URL}/X1")


def in_odoo(hub: Hub) -> dict[str, Any]:
    [partner] = hub.in_odoo("X1", fields=("name", "email", "city"))
    return partner


@pytest.fixture
def synced(hub: Hub) -> Hub:
    """A partner that both sides agree on; `hub.policy` sets what the endpoint does about conflicts."""
    endpoint = hub.partners()
    post({"customer_id": "X1", "name": "A", "email": "a@example.com"})
    hub.push()
    hub.endpoint_row = endpoint  # type: ignore[attr-defined]
    return hub


def policy(hub: Hub, name: str) -> None:
    hub.endpoint_row.conflicts = name  # type: ignore[attr-defined]
    hub.endpoint_row.save()  # type: ignore[attr-defined]
    registry.clear()


def edited_in_odoo(hub: Hub, **values: Any) -> None:
    hub.odoo.execute("res.partner", "write", [in_odoo(hub)["id"]], values)


@pytest.mark.parametrize("conflicts", ["odoo", "hub", "newest", "ask"])
@pytest.mark.parametrize("pulled", [False, True])
def test_changes_of_different_fields_are_both_kept(synced: Hub, conflicts: str, pulled: bool):
    policy(synced, conflicts)
    edited_in_odoo(synced, city="Gent")
    put({"email": "b@example.com"})
    if pulled:
        synced.pull()
    synced.push()
    partner = in_odoo(synced)
    assert (partner["city"], partner["email"]) == ("Gent", "b@example.com")
    assert (shown().json()["address"]["city"], shown().json()["email"]) == ("Gent", "b@example.com")
    assert shown()["X-Sync-State"] == "synced"


@pytest.mark.parametrize("refused", [False, True])
def test_nobody_is_asked_which_value_a_record_is_to_have_that_is_deleted(synced: Hub, refused: bool):
    policy(synced, "ask")
    Endpoint.objects.update(on_delete="unlink")
    registry.clear()
    edited_in_odoo(synced, name="Odoo's")
    put({"name": "Consumer's"})
    assert Client().delete(f"{URL}/X1").status_code == 200
    if refused:
        synced.odoo.faults.arm("no_right", method="unlink")
    synced.push()
    assert Conflict.objects.count() == refused
    assert (shown().status_code, len(synced.in_odoo("X1"))) == ((200, 1) if refused else (404, 0))


@pytest.mark.parametrize(
    ("conflicts", "winner"), [("odoo", "Odoo's"), ("hub", "Consumer's"), ("newest", "Consumer's")]
)
@pytest.mark.parametrize("pulled", [False, True])
def test_a_field_changed_on_both_sides_follows_the_policy(
    synced: Hub, conflicts: str, winner: str, pulled: bool
):
    policy(synced, conflicts)
    edited_in_odoo(synced, name="Odoo's")
    put({"name": "Consumer's", "email": "b@example.com"})
    Change.objects.filter(state="pending").update(created_at="2100-01-01T00:00Z")  # it was written last
    if pulled:
        synced.pull()
    synced.push()
    partner = in_odoo(synced)
    assert (partner["name"], partner["email"]) == (winner, "b@example.com")
    assert (shown().json()["name"], shown()["X-Sync-State"]) == (winner, "synced")


CLIENTS = "/bj_api_sync/v1/clients/X1"


@pytest.mark.parametrize("conflicts", ["odoo", "newest", "ask"])
def test_what_another_endpoint_has_written_before_is_no_edit_of_somebody_s(synced: Hub, conflicts: str):
    clients(synced, conflicts)
    put({"email": "before@example.com", "latitude": 1.123456789})  # which Odoo rounds
    synced.push()
    body = {"mail": "after@example.com", "latitude": 2.5}
    assert Client().put(CLIENTS, body, content_type="application/json").status_code == 200
    synced.push("clients")
    [partner] = synced.in_odoo("X1", fields=("email", "partner_latitude"))
    assert (partner["email"], partner["partner_latitude"]) == ("after@example.com", 2.5)
    assert Client().get(CLIENTS)["X-Sync-State"] == "synced"
    synced.pull()
    assert shown().json()["email"] == "after@example.com"


def test_what_another_endpoint_has_sent_and_not_heard_of_is_no_edit_of_somebody_s(synced: Hub):
    clients(synced, "odoo")
    assert Client().put(CLIENTS, {"mail": "a@b.example"}, content_type="application/json").status_code == 200
    synced.odoo.faults.arm("drop_after_commit", method="write")
    synced.push("clients")
    assert in_odoo(synced)["email"] == "a@b.example"
    put({"email": "newer@example.com"})
    synced.push()
    assert in_odoo(synced)["email"] == "newer@example.com"
    due_now()
    synced.push("clients")  # the older one, once more
    assert in_odoo(synced)["email"] == Client().get(CLIENTS).json()["mail"] == "newer@example.com"


@pytest.mark.parametrize("conflicts", ["odoo", "newest", "ask"])
def test_what_another_endpoint_had_written_before_is_no_edit_also_where_a_pull_has_seen_it(
    synced: Hub, conflicts: str
):
    clients(synced, conflicts)
    put({"email": "before@example.com"})
    after = {"mail": "after@example.com"}
    assert Client().put(CLIENTS, after, content_type="application/json").status_code == 200
    synced.push()
    synced.pull("clients")  # while the second one waits for its turn
    synced.push("clients")
    assert in_odoo(synced)["email"] == "after@example.com"
    assert Client().get(CLIENTS)["X-Sync-State"] == "synced"


@pytest.mark.parametrize(
    ("conflicts", "connections"), [("odoo", 1), ("hub", 1), ("newest", 1), ("odoo", 2), ("hub", 2)]
)
def test_an_older_write_of_another_endpoint_gives_way_to_a_newer_one(
    synced: Hub, conflicts: str, connections: int
):
    if connections == 2:
        second_connection(synced)
    clients(synced, conflicts)
    older = {"mail": "older@example.com", "latitude": 2.5}
    assert Client().put(CLIENTS, older, content_type="application/json").status_code == 200
    put({"email": "newer@example.com"})
    synced.push()
    synced.push("clients")
    [partner] = synced.in_odoo("X1", fields=("email", "partner_latitude"))
    assert (partner["email"], partner["partner_latitude"]) == ("newer@example.com", 2.5)
    assert Client().get(CLIENTS).json()["mail"] == "newer@example.com"
    told = Change.objects.get(values__email="older@example.com").error
    assert told == (
        "Odoo had changed email as well, and its value was kept."
        if conflicts == "odoo"
        else "“partners” was sent email after this, and that was kept."
    )


@pytest.mark.parametrize("conflicts", ["odoo", "newest", "ask"])
def test_what_another_endpoint_was_posted_and_has_sent_without_hearing_of_it_is_no_edit_of_somebody_s(
    synced: Hub, conflicts: str
):
    clients(synced, "odoo")
    older = {"id": "X2", "mail": "older@example.com"}
    assert Client().post(CLIENTS[:-3], older, content_type="application/json").status_code == 201
    policy(synced, conflicts)
    post({"customer_id": "X2", "name": "B"})
    synced.push()
    newer = {"email": "newer@example.com"}
    assert Client().put(f"{URL}/X2", newer, content_type="application/json").status_code == 200
    endpoint, token = registry.get("clients"), uuid.uuid4()
    with client_for(Connection.objects.get()) as client:
        batch = Batch(token, outbox.claim(endpoint.id, token, 100))
        carry.send(endpoint, client, batch, carry.prepare(endpoint, client, batch))  # it finds it in Odoo
        assert synced.in_odoo("X2", fields=("email",))[0]["email"] == "older@example.com"
        synced.push()
        assert synced.in_odoo("X2", fields=("email",))[0]["email"] == "newer@example.com"
        carry.finish(endpoint, client, batch)
    assert Client().get(f"{CLIENTS[:-2]}X2").json()["mail"] == "newer@example.com"
    assert Client().get(f"{URL}/X2")["X-Sync-State"] == "synced"


@pytest.mark.parametrize("conflicts", ["odoo", "hub", "newest"])
def test_a_record_that_two_endpoints_are_sent_has_what_was_accepted_last(synced: Hub, conflicts: str):
    clients(synced, conflicts)
    older = {"id": "X2", "mail": "older@example.com", "latitude": 2.5}
    assert Client().post(CLIENTS[:-3], older, content_type="application/json").status_code == 201
    post({"customer_id": "X2", "name": "B", "email": "newer@example.com"})
    synced.push()
    synced.push("clients")
    [partner] = synced.in_odoo("X2", fields=("email", "partner_latitude"))
    assert (partner["email"], partner["partner_latitude"]) == ("newer@example.com", 2.5)
    assert Client().get(f"{CLIENTS[:-2]}X2").json()["mail"] == "newer@example.com"
    told = Change.objects.get(values__email="older@example.com").error
    assert told == "“partners” was sent email after this, and that was kept."


@pytest.mark.parametrize("on_delete", ["unlink", "archive"])
@pytest.mark.parametrize("pulled", [False, True])
def test_a_record_posted_to_one_endpoint_after_another_has_deleted_it_is_there_in_the_end(
    synced: Hub, on_delete: str, pulled: bool
):
    lines = {"id": {"field": "ref", "identifier": True}, "name": "name", "mail": "email"}
    synced.endpoint("clients", "res.partner", lines)  # which has not been pulled yet
    Endpoint.objects.filter(name="partners").update(on_delete=on_delete)
    registry.clear()
    assert Client().delete(f"{URL}/X1").status_code == 200
    again = {"id": "X1", "name": "Again", "mail": "again@example.com"}
    assert Client().post(CLIENTS[:-3], again, content_type="application/json").status_code == 201
    if pulled:
        synced.pull("clients")
    synced.push("clients")
    synced.push()
    due_now()
    synced.push("clients")
    [partner] = synced.in_odoo("X1", fields=("name", "email", "active"))
    assert (partner["name"], partner["email"], partner["active"]) == ("Again", "again@example.com", True)
    assert Client().get(CLIENTS)["X-Sync-State"] == "synced"


@pytest.mark.parametrize(("pulled", "renamed"), [(False, False), (True, False), (True, True), (False, True)])
def test_a_name_that_one_endpoint_has_given_up_is_a_new_record_s_where_another_is_posted_it(
    synced: Hub, pulled: bool, renamed: bool
):
    lines = {"id": {"field": "ref", "identifier": True}, "name": "name", "mail": "email"}
    synced.endpoint("clients", "res.partner", lines)
    new = {"id": "X1" if not renamed else "X9", "name": "New"}
    if renamed:
        assert Client().post(CLIENTS[:-3], new, content_type="application/json").status_code == 201
    put({"customer_id": "X2"})
    if renamed:
        sent = Client().put(f"{CLIENTS[:-2]}X9", {"id": "X1"}, content_type="application/json")
    else:
        sent = Client().post(CLIENTS[:-3], new, content_type="application/json")
    assert sent.status_code < 300
    if pulled:
        synced.pull("clients")
    synced.push("clients")
    synced.push()
    due_now()
    synced.push("clients")
    assert [(one["ref"], one["name"]) for one in synced.in_odoo("X1", "X2")] == [("X2", "A"), ("X1", "New")]


def test_who_takes_a_name_that_another_endpoint_has_given_up_before_waits_for_that(synced: Hub):
    lines = {"id": {"field": "ref", "identifier": True}, "name": "name"}
    synced.endpoint("clients", "res.partner", lines)
    assert Client().post(CLIENTS[:-3], {"id": "X3", "name": "C"}, content_type="application/json")
    synced.push("clients")
    put({"customer_id": "X2"})
    taker = Client().put(f"{CLIENTS[:-2]}X3", {"id": "X1"}, content_type="application/json")
    assert taker.status_code == 200
    synced.push("clients")
    assert taker.json()["id"] == "X1"
    assert Client().get(CLIENTS)["X-Sync-State"] == "pending"
    synced.push()
    synced.push("clients")  # woken by that
    assert [(one["ref"], one["name"]) for one in synced.in_odoo("X1", "X2")] == [("X2", "A"), ("X1", "C")]


@pytest.mark.parametrize("conflicts", ["hub", "newest"])
def test_an_older_write_waits_while_another_endpoint_s_newer_one_is_being_sent(synced: Hub, conflicts: str):
    clients(synced, "odoo")
    policy(synced, conflicts)
    synced.pull("clients")
    put({"email": "older@example.com", "name": "B"})
    newer = {"mail": "newer@example.com"}
    assert Client().put(CLIENTS, newer, content_type="application/json").status_code == 200
    endpoint, token = registry.get("clients"), uuid.uuid4()
    with client_for(Connection.objects.get()) as client:
        batch = Batch(token, outbox.claim(endpoint.id, token, 100))
        carry.send(endpoint, client, batch, carry.prepare(endpoint, client, batch))
        synced.push()
        assert in_odoo(synced)["email"] == "newer@example.com"
        carry.finish(endpoint, client, batch)
    synced.push()  # woken by that
    assert (in_odoo(synced)["email"], in_odoo(synced)["name"]) == ("newer@example.com", "B")
    assert shown()["X-Sync-State"] == "synced"


@pytest.mark.parametrize("last", ["clients", "partners"])
def test_the_write_that_was_accepted_last_counts_though_the_database_s_clock_was_set_back(
    synced: Hub, last: str
):
    clients(synced, "hub")
    writes = {
        "clients": (CLIENTS, {"mail": "clients@example.com"}),
        "partners": (f"{URL}/X1", {"email": "partners@example.com"}),
    }
    for name in sorted(writes, key=last.__eq__):
        address, body = writes[name]
        assert Client().put(address, body, content_type="application/json").status_code == 200
    Change.objects.filter(pk=Change.objects.latest("id").pk).update(created_at="2020-01-01T00:00Z")
    synced.push()
    synced.push("clients")
    assert in_odoo(synced)["email"] == f"{last}@example.com"


def test_a_newer_write_of_another_endpoint_that_gave_way_to_odoo_takes_nobody_s_place(synced: Hub):
    clients(synced, "hub")
    older = {"mail": "older@example.com"}
    assert Client().put(CLIENTS, older, content_type="application/json").status_code == 200
    edited_in_odoo(synced, email="odoo@example.com")
    put({"email": "newer@example.com", "name": "B"})  # by the rule of its endpoint Odoo wins
    synced.push()
    assert (in_odoo(synced)["email"], in_odoo(synced)["name"]) == ("odoo@example.com", "B")
    synced.push("clients")
    assert in_odoo(synced)["email"] == Client().get(CLIENTS).json()["mail"] == "older@example.com"
    assert Change.objects.get(values__email="older@example.com").error == ""


def test_what_a_person_sends_again_goes_over_what_another_endpoint_has_written_since(synced: Hub):
    clients(synced, "hub")
    assert Client().put(CLIENTS, {"mail": "no"}, content_type="application/json").status_code == 200
    synced.odoo.faults.arm("no_right", method="write")
    synced.push("clients")
    put({"email": "newer@example.com"})
    synced.push()
    [refused] = Change.objects.filter(state="failed")
    editing.edit(refused.pk, {"mail": "mended@example.com"}, "somebody")
    synced.push("clients")
    assert in_odoo(synced)["email"] == "mended@example.com"


def test_what_somebody_edits_after_another_endpoint_s_write_is_an_edit(synced: Hub):
    clients(synced, "odoo")
    put({"email": "before@example.com"})
    synced.push()
    edited_in_odoo(synced, email="odoo@example.com")
    assert (
        Client().put(CLIENTS, {"mail": "after@example.com"}, content_type="application/json").status_code
        == 200
    )
    synced.push("clients")
    assert in_odoo(synced)["email"] == Client().get(CLIENTS).json()["mail"] == "odoo@example.com"


def clients(hub: Hub, conflicts: str) -> None:
    """A second endpoint over the same partners, which knows them."""
    lines = {"id": {"field": "ref", "identifier": True}, "mail": "email", "latitude": "partner_latitude"}
    hub.endpoint("clients", "res.partner", lines, conflicts=conflicts)
    registry.clear()  # who has looked less than a second ago knows nothing of it
    hub.pull("clients")


@pytest.mark.parametrize("attribute", ["translate", "company_dependent"])
def test_what_another_connection_writes_for_another_company_or_language_takes_nobody_s_place(
    synced: Hub, attribute: str
):
    second_connection(synced)
    clients(synced, "hub")
    for model in OdooModel.objects.filter(model="res.partner"):
        model.fields["email"][attribute] = True
        model.save()
    registry.clear()
    older = {"mail": "older@example.com"}
    assert Client().put(CLIENTS, older, content_type="application/json").status_code == 200
    put({"email": "newer@example.com"})
    synced.push()
    synced.push("clients")
    assert in_odoo(synced)["email"] == "older@example.com"


def test_under_newest_an_older_write_gives_way(synced: Hub):
    policy(synced, "newest")
    put({"name": "Consumer's"})
    Change.objects.filter(state="pending").update(created_at="2020-01-01T00:00Z")
    edited_in_odoo(synced, name="Odoo's")
    synced.push()
    assert in_odoo(synced)["name"] == shown().json()["name"] == "Odoo's"
    assert "name" in Change.objects.latest("id").error


def test_under_ask_nothing_is_written_until_a_person_decides(synced: Hub):
    policy(synced, "ask")
    edited_in_odoo(synced, name="Odoo's")
    put({"name": "Consumer's"})
    synced.push()
    change = Change.objects.latest("id")
    assert in_odoo(synced)["name"] == "Odoo's"
    assert (change.state, shown()["X-Sync-State"]) == ("failed", "conflict")
    assert "was A, is Odoo's in Odoo, and Consumer's was sent" in change.error
    assert change.line_id is not None
    decisions.retry([change.pk])
    due_now()
    synced.push()
    assert in_odoo(synced)["name"] == "Consumer's"
    assert shown()["X-Sync-State"] == "synced"


def test_the_same_value_on_both_sides_is_no_conflict(synced: Hub):
    policy(synced, "ask")
    edited_in_odoo(synced, name="Same")
    put({"name": "Same"})
    synced.push()
    assert Change.objects.latest("id").state == "applied"


def test_a_consumer_s_second_write_does_not_conflict_with_its_first(synced: Hub):
    policy(synced, "ask")
    endpoint = registry.get("partners")
    put({"name": "First"})
    token = uuid.uuid4()
    claims = outbox.claim(endpoint.id, token, 10)
    put({"name": "Second"})  # while the first one is on its way
    with client_for(Connection.objects.get()) as client:
        carry.carry(endpoint, client, token, claims)
    synced.push()
    assert in_odoo(synced)["name"] == "Second"
    assert Record.objects.get(external_id="X1").state == "synced"


def _changes_while_a_write_is_on_its_way(synced: Hub, *, heard: bool = True) -> None:
    """A consumer's write of the name is being sent; the consumer writes the e-mail, and Odoo gets another one."""

    def meanwhile() -> None:
        put({"email": "consumer@example.com"})
        edited_in_odoo(synced, email="person@example.com")

    put({"name": "B"})
    pushed_once(synced, heard=heard, prepared=meanwhile)
    synced.push()


@pytest.mark.parametrize("conflicts", ["odoo", "ask"])
@pytest.mark.parametrize("heard", [True, False])
def test_what_somebody_changes_in_odoo_while_another_write_is_on_its_way_is_not_written_over(
    synced: Hub, conflicts: str, heard: bool
):
    policy(synced, conflicts)
    _changes_while_a_write_is_on_its_way(synced, heard=heard)
    partner = in_odoo(synced)
    assert (partner["name"], partner["email"]) == ("B", "person@example.com")
    change = Change.objects.latest("id")
    if conflicts == "odoo":
        assert (change.state, shown()["X-Sync-State"]) == ("applied", "synced")
        assert change.error == "Odoo had changed email as well, and its value was kept."
    else:
        assert (change.state, shown()["X-Sync-State"]) == ("failed", "conflict")


def test_what_odoo_works_out_from_a_write_is_no_edit_of_somebody_s(synced: Hub):
    """A pricelist from the partner, for one. Whoever wrote it after the partner wants it as it was written."""
    model = OdooModel.objects.get(model="res.partner")
    model.fields["email"]["depends"] = ["name"]
    model.save()
    policy(synced, "odoo")
    _changes_while_a_write_is_on_its_way(synced)
    assert (in_odoo(synced)["name"], in_odoo(synced)["email"]) == ("B", "consumer@example.com")
    assert Change.objects.latest("id").error == ""


@pytest.mark.parametrize("conflicts", ["odoo", "hub"])
def test_a_write_that_came_while_its_record_was_made_knows_what_was_made(hub: Hub, conflicts: str):
    """What somebody changes in Odoo afterwards follows the endpoint's rule."""
    hub.partners(conflicts=conflicts)
    post({"customer_id": "X1", "name": "A"})
    pushed_once(hub, claimed=lambda: put({"name": "B", "email": "b@example.com"}))
    edited_in_odoo(hub, name="somebody's")
    hub.push()
    partner = in_odoo(hub)
    wins = "somebody's" if conflicts == "odoo" else "B"
    assert (partner["name"], partner["email"]) == (wins, "b@example.com")


def test_what_came_from_odoo_is_not_sent_back_to_it(synced: Hub):
    edited_in_odoo(synced, name="Odoo's")
    synced.pull()
    put({"name": "Odoo's"})
    assert not Change.objects.filter(state="pending").exists()


@pytest.mark.parametrize("conflicts", ["odoo", "hub", "newest", "ask"])
@pytest.mark.parametrize("last", ["Third", "A"])
def test_what_the_hub_itself_sent_unheard_is_no_conflict_with_what_comes_next(
    synced: Hub, conflicts: str, last: str
):
    policy(synced, conflicts)
    put({"name": "Second"})
    synced.odoo.faults.arm("drop_after_commit", method="write")
    synced.push()
    assert in_odoo(synced)["name"] == "Second"
    put({"name": last})
    due_now()
    synced.push()
    assert in_odoo(synced)["name"] == last
    assert (shown().json()["name"], shown()["X-Sync-State"]) == (last, "synced")


@pytest.mark.parametrize("conflicts", ["odoo", "ask"])
def test_what_odoo_made_of_what_was_sent_unheard_is_no_edit_of_somebody_s(hub: Hub, conflicts: str):
    lines = {
        "ref": {"field": "ref", "identifier": True},
        "name": "name",
        "latitude": "partner_latitude",
        "note": "comment",
    }
    hub.endpoint("partners", "res.partner", lines, conflicts=conflicts)
    post({"ref": "X1", "name": "A"})
    hub.push()
    put({"latitude": 1.123456789, "note": "one & two<script>x</script>"})
    hub.odoo.faults.arm("drop_after_commit", method="write")
    hub.push()
    [partner] = hub.in_odoo("X1", fields=("partner_latitude", "comment"))
    assert (partner["partner_latitude"], partner["comment"]) == (1.1234568, "<p>one &amp; two</p>")
    put({"latitude": 2.5, "note": "three"})
    due_now()
    hub.push()
    [partner] = hub.in_odoo("X1", fields=("partner_latitude", "comment"))
    assert (partner["partner_latitude"], partner["comment"]) == (2.5, "<p>three</p>")
    assert shown()["X-Sync-State"] == "synced"


@pytest.mark.parametrize(
    ("conflicts", "kept"),
    [("odoo", "edited@example.com"), ("ask", "edited@example.com"), ("hub", "a@example.com")],
)
def test_what_somebody_edits_of_a_record_that_was_made_unheard_follows_the_policy(
    hub: Hub, conflicts: str, kept: str
):
    hub.partners(conflicts=conflicts)
    post({"customer_id": "X1", "name": "A ", "email": "a@example.com", "latitude": 1.123456789})
    hub.odoo.faults.arm("drop_after_commit", method="load")
    hub.push()
    edited_in_odoo(hub, email="edited@example.com", city="Gent")
    due_now()
    hub.push()
    assert (in_odoo(hub)["email"], in_odoo(hub)["city"]) == (kept, "Gent")
    error = Change.objects.get().error
    assert ("Odoo had changed email as well" in error) == (conflicts == "odoo")
    assert ("“email” was a@example.com, is edited@example.com in Odoo" in error) == (conflicts == "ask")
    assert "latitude" not in error
    if conflicts == "ask":
        inbox.decide(Conflict.objects.get().pk, {"email": "hub"}, "somebody")
        hub.push()
        assert in_odoo(hub)["email"] == "a@example.com"
        assert (Change.objects.get().state, shown()["X-Sync-State"]) == ("applied", "synced")


def test_a_choice_that_somebody_empties_after_another_was_sent_unheard_stays_empty(synced: Hub):
    """Nothing of the hub's own has done that: only texts are emptied for a moment, to be swapped."""
    put({"kind": "invoice"})
    synced.odoo.faults.arm("drop_before", method="write")
    synced.push()
    edited_in_odoo(synced, type=False)
    due_now()
    synced.push()
    [partner] = synced.in_odoo("X1", fields=("type",))
    assert partner["type"] is False
    assert (shown().json()["kind"], shown()["X-Sync-State"]) == (None, "synced")


def test_a_text_that_somebody_empties_after_another_was_sent_unheard_stays_empty(synced: Hub):
    put({"email": "b@example.com"})
    synced.odoo.faults.arm("drop_after_commit", method="write")
    synced.push()
    edited_in_odoo(synced, email=False)
    due_now()
    synced.push()
    assert in_odoo(synced)["email"] is False


def test_what_somebody_edits_after_what_was_sent_unheard_is_an_edit(synced: Hub):
    put({"latitude": 1.123456789})
    synced.odoo.faults.arm("drop_after_commit", method="write")
    synced.push()
    edited_in_odoo(synced, partner_latitude=1.2)
    put({"latitude": 2.5})
    due_now()
    synced.push()
    assert synced.in_odoo("X1", fields=("partner_latitude",))[0]["partner_latitude"] == 1.2


@pytest.mark.parametrize("edited", ["<p>by hand</p>", "<p>c</p>"])
def test_what_somebody_wrote_in_html_is_told_from_what_odoo_has_tidied_up(hub: Hub, edited: str):
    hub.endpoint(
        "partners",
        "res.partner",
        {"id": {"field": "ref", "identifier": True}, "name": "name", "note": "comment"},
    )
    post({"id": "X1", "name": "A", "note": "old"})
    hub.push()
    put({"note": "b"})
    hub.odoo.faults.arm("drop_before", method="write")
    hub.push()
    edited_in_odoo(hub, comment=edited)
    due_now()
    hub.push()
    assert hub.in_odoo("X1", fields=("comment",))[0]["comment"] == edited
    assert "Odoo had changed comment" in Change.objects.latest("id").error


def test_what_is_not_known_of_one_attempt_is_not_known_after_another_that_odoo_refused(synced: Hub):
    """The first arrived, unheard; of the second it is known that it did not. Odoo's value is the hub's own still."""
    policy(synced, "odoo")
    put({"name": "B"})
    synced.odoo.faults.arm("drop_after_commit", method="write")
    synced.push()
    put({"name": "C"})
    due_now()
    synced.odoo.faults.arm("serialization", method="write", times=10)
    synced.push()
    synced.odoo.faults.clear()
    assert in_odoo(synced)["name"] == "B"
    due_now()
    synced.push()
    assert in_odoo(synced)["name"] == "C"
    assert shown().json()["name"] == "C"


def test_what_was_written_and_could_not_be_read_back_makes_no_conflict_of_later_writes(synced: Hub):
    """Odoo has what the hub wrote; the writes that came meanwhile, and after, know of it or of nothing."""
    policy(synced, "odoo")
    put({"name": "B"})
    pushed_once(synced, heard=False, claimed=lambda: put({"name": "C"}))
    assert in_odoo(synced)["name"] == "B"
    put({"name": "D"})
    synced.push()
    assert in_odoo(synced)["name"] == "D"
    assert shown().json()["name"] == "D"


def test_what_is_known_of_other_fields_stays_known_where_a_write_could_not_be_read_back(synced: Hub):
    policy(synced, "odoo")
    put({"name": "B"})
    pushed_once(synced, heard=False)
    edited_in_odoo(synced, city="Gent", name="Edited")
    put({"name": "C", "address": {"city": "Brugge"}})
    synced.push()
    assert (in_odoo(synced)["name"], in_odoo(synced)["city"]) == ("C", "Gent")
    assert shown().json()["address"]["city"] == "Gent"


@pytest.fixture
def tagged(hub: Hub, settings) -> Hub:
    """A partner with two tags, of which the hub reads as little as it may before it writes."""
    settings.UNDO_DAYS = 0
    tagged_partners(hub, conflicts="hub")
    post({"customer_id": "X1", "name": "A", "tags": ["T1", "T2"]})
    hub.push()
    return hub


def tags_in_odoo(hub: Hub) -> list[str]:
    [partner] = hub.in_odoo("X1", fields=("category_id",))
    tags = hub.odoo.execute("res.partner.category", "read", partner["category_id"], fields=["name"])
    return sorted(tag["name"] for tag in tags)


def test_what_is_removed_after_a_write_that_could_not_be_read_back_is_removed(tagged: Hub):
    put({"name": "B"})
    pushed_once(tagged, heard=False, claimed=lambda: put({"tags": {"remove": ["T1"]}}))
    tagged.push()
    assert tags_in_odoo(tagged) == ["T2"]
    assert shown().json()["tags"] == ["T2"]


def test_what_is_added_when_a_person_sends_it_again_leaves_the_rest(tagged: Hub):
    put({"tags": {"add": ["T3"]}})
    tagged.odoo.faults.arm("no_right", model="res.partner", method="write")
    tagged.push()
    refused = Change.objects.get(state="failed")
    put({"name": "B"})
    tagged.push()
    decisions.retry([refused.pk])
    tagged.push()
    assert tags_in_odoo(tagged) == ["T1", "T2", "T3"]


def test_what_a_person_sends_again_leaves_what_another_endpoint_was_sent_since(synced: Hub):
    others = {"ref": {"field": "ref", "identifier": True}, "mail": "email", "town": "city"}
    synced.endpoint("others", "res.partner", others)
    registry.clear()
    synced.pull("others")
    for body in ({"email": "older@example.com"}, {"email": "older@example.com", "address": {"zip": "9000"}}):
        put(body)
        synced.odoo.faults.arm("no_right", model="res.partner", method="write")
        synced.push()
    first, second = Change.objects.filter(state="failed").order_by("pk").values_list("pk", flat=True)
    newer = {"mail": "newer@example.com"}
    address = "/bj_api_sync/v1/others/X1"
    assert Client().put(address, newer, content_type="application/json").status_code == 200
    synced.push("others")
    decisions.retry([first])
    synced.pull()
    assert shown().json()["email"] == "newer@example.com"
    decisions.retry([second])
    synced.push()
    [partner] = synced.in_odoo("X1", fields=("email", "zip"))
    assert (partner["email"], partner["zip"]) == ("newer@example.com", "9000")
    assert Change.objects.get(pk=first).state == "discarded"
    assert shown()["X-Sync-State"] == "synced"


@pytest.mark.parametrize("conflicts", ["odoo", "hub"])
@pytest.mark.parametrize("last", ["partners", "others"])
@pytest.mark.parametrize("since", [{"enabled": False}, {"mode": "live"}])
def test_what_was_accepted_last_counts_though_the_other_endpoint_is_off_or_live_by_now(
    synced: Hub, conflicts: str, last: str, since: dict[str, Any]
):
    policy(synced, conflicts)
    synced.endpoint("others", "res.partner", {"ref": {"field": "ref", "identifier": True}, "mail": "email"})
    registry.clear()
    synced.pull("others")

    def other() -> None:
        address, body = "/bj_api_sync/v1/others/X1", {"mail": "others@example.com"}
        assert Client().put(address, body, content_type="application/json").status_code == 200
        synced.push("others")

    if last == "partners":
        other()
    put({"email": "partners@example.com"})
    if last == "others":
        other()
    Endpoint.objects.filter(name="others").update(**since)
    registry.clear()
    synced.push()
    assert in_odoo(synced)["email"] == f"{last}@example.com"


@pytest.mark.parametrize("unheard", [False, True])
def test_the_same_record_named_on_both_sides_is_no_conflict(hub: Hub, unheard: bool):
    country = hub.mapping("country", "res.country", {"code": {"field": "code", "identifier": True}})
    lines = {
        "customer_id": {"field": "ref", "identifier": True},
        "name": "name",
        "country": {"field": "country_id", "nested": country},
    }
    hub.endpoint("partners", "res.partner", lines, conflicts="ask")
    post({"customer_id": "X1", "name": "A", "country": "NL"})
    hub.push()
    put({"country": "BE"})
    if unheard:
        hub.odoo.faults.arm("drop_after_commit", method="write")
        hub.push()
        due_now()
    else:
        [belgium] = hub.odoo.execute("res.country", "search", [("code", "=", "BE")])
        edited_in_odoo(hub, country_id=belgium)
    hub.push()
    assert Change.objects.latest("id").state == "applied"


def test_a_script_that_failed_after_the_write_makes_no_conflict_of_the_next_write(hub: Hub):
    needs = 'if record.name != "Right":\n    raise UserError("wrong")'
    script = {"kind": "script", "script": needs, "field": "comment", "direction": "to_odoo"}
    lines = {"customer_id": {"field": "ref", "identifier": True}, "name": "name"}
    hub.endpoint(
        "partners", "res.partner", {**lines, "check": {**script, "script_mode": "execute"}}, conflicts="odoo"
    )
    post({"customer_id": "X1", "name": "Right", "check": 1})
    hub.push()
    put({"name": "Wrong"})
    hub.push()
    assert shown()["X-Sync-State"] == "failed"
    put({"name": "Right"})
    hub.push()
    assert hub.in_odoo("X1")[0]["name"] == "Right"


def test_a_write_over_an_empty_value_reaches_odoo_when_a_person_sends_it_again(hub: Hub):
    lines = {
        "customer_id": {"field": "ref", "identifier": True},
        "email": {"field": "email", "write_when": "if_empty"},
    }
    hub.endpoint("partners", "res.partner", {**lines, "name": "name"})
    post({"customer_id": "X1", "name": "A"})
    hub.push()
    put({"email": "a@example.com"})
    hub.odoo.faults.arm("no_right", method="write")
    hub.push()
    hub.pull()
    decisions.retry([Change.objects.latest("id").pk])
    hub.push()
    assert hub.in_odoo("X1", fields=("email",))[0]["email"] == "a@example.com"


def wares(hub: Hub) -> tuple[int, int]:
    """Endpoints over templates and over their variants, and a template with its variant: one price, which is the template's."""
    template = hub.odoo.execute("product.template", "create", {"name": "Lamp", "list_price": 10})
    [variant] = hub.odoo.execute("product.product", "search", [("product_tmpl_id", "=", template)])
    lines = {"id": {"field": "id", "identifier": True}, "name": "name", "price": "list_price"}
    for name, model in (("templates", "product.template"), ("variants", "product.product")):
        hub.endpoint(name, model, lines)
        hub.pull(name)
    return template, variant


def price_of(hub: Hub, template: int) -> float:
    [row] = hub.odoo.execute("product.template", "read", [template], fields=["list_price"])
    return float(row["list_price"])


def priced(hub: Hub, address: str, price: float) -> None:
    answer = Client().put(f"/bj_api_sync/v1/{address}", {"price": price}, content_type="application/json")
    assert answer.status_code == 200
    hub.push(address.partition("/")[0])


@pytest.mark.parametrize("first", ["templates", "variants"])
def test_a_value_that_two_records_show_may_be_written_by_way_of_either(hub: Hub, first: str):
    template, variant = wares(hub)
    both = {"templates": f"templates/{template}", "variants": f"variants/{variant}"}
    priced(hub, both.pop(first), 12)
    [second] = both.values()
    priced(hub, second, 15)
    assert price_of(hub, template) == 15
    assert Client().get(f"/bj_api_sync/v1/{second}").json()["price"] == 15
    assert set(Change.objects.values_list("state", "error")) == {("applied", "")}


def test_a_value_that_all_variants_show_may_be_written_by_way_of_each(hub: Hub):
    template, variant = wares(hub)
    other = hub.odoo.execute("product.product", "create", {"product_tmpl_id": template})
    hub.pull("variants")
    priced(hub, f"variants/{variant}", 12)
    priced(hub, f"variants/{other}", 15)
    assert price_of(hub, template) == 15


def test_what_a_person_has_made_of_a_value_that_two_records_show_stays(hub: Hub):
    template, variant = wares(hub)
    priced(hub, f"variants/{variant}", 12)
    hub.odoo.execute("product.template", "write", [template], {"list_price": 20})
    priced(hub, f"templates/{template}", 15)
    assert price_of(hub, template) == 20
    assert "list_price" in Change.objects.latest("id").error
