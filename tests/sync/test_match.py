"""The first sync without doubles: what Odoo has already is found, a person approves, and only then anything is written."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from endpoints import decisions, jobs, matching, queued, registry
from endpoints.models import Change, Decision, Endpoint, Match, Record, Run, RunKind
from synchub.sync import asked, match
from tests.conftest import Hub
from tests.sync.test_push import post

WHO = "boss"
JAN = {"name": "Jan Peeters", "email": "jan@example.com", "zip": "9000", "city": "Gent"}


def odoo_has(hub: Hub, **values: Any) -> int:
    made: int = hub.odoo.execute("res.partner", "create", {"name": "Somebody", **values})
    return made


def look(hub: Hub, endpoint: Endpoint) -> Run:
    run = jobs.ask(endpoint.pk, RunKind.MATCH, WHO)
    assert run is not None
    asked.carry_out(run.pk)
    run.refresh_from_db()
    assert run.state == "done", run.message
    return run


def row(name: str) -> Match:
    return Match.objects.get(record__external_id=name)


def put(name: str, body: Any) -> None:
    answer = Client().put(f"/bj_api_sync/v1/partners/{name}", body, content_type="application/json")
    assert answer.status_code == 200, answer.content


def partners_in_odoo(hub: Hub) -> int:
    count: int = hub.odoo.execute("res.partner", "search_count", [], context={"active_test": False})
    return count


@pytest.fixture
def first(hub: Hub) -> Endpoint:
    endpoint: Endpoint = hub.partners(match_on=["email", "name + address.zip"])
    return endpoint


def test_nothing_is_written_before_it_is_approved(hub: Hub, first: Endpoint):
    post({"customer_id": "X1", "name": "A"})
    before = partners_in_odoo(hub)
    hub.push()
    look(hub, first)
    matching.approve_exact(first.pk, WHO)
    matching.create_unmatched(first.pk, WHO)
    hub.push()
    assert partners_in_odoo(hub) == before
    assert queued.endpoints_with_work() == []
    assert Client().get("/bj_api_sync/v1/partners/X1")["X-Sync-State"] == "pending"
    matching.release(first.pk)
    assert queued.endpoints_with_work() == [first.pk]
    hub.push()
    assert [one["name"] for one in hub.in_odoo("X1")] == ["A"]


def test_one_that_fits_is_changed_and_not_doubled(hub: Hub, first: Endpoint):
    by_mail = odoo_has(hub, **JAN)
    by_name = odoo_has(hub, name="An  CLAES", zip="1000")
    post({"customer_id": "X1", "name": "Jan Peeters junior", "email": " Jan@Example.com "})
    post({"customer_id": "X2", "name": "an claes", "address": {"zip": "1000", "city": "Brussel"}})
    post({"customer_id": "X3", "name": "Nobody yet"})
    run = look(hub, first)
    assert "2 have one match, 0 wait for a choice, 1 are not in Odoo" in run.message
    assert run.seen == run.total == partners_in_odoo(hub)
    assert [row(name).verdict for name in ("X1", "X2", "X3")] == ["exact", "exact", "none"]
    before = partners_in_odoo(hub)
    assert matching.approve_exact(first.pk, WHO) == 2
    assert matching.create_unmatched(first.pk, WHO) == 1
    matching.release(first.pk)
    hub.push()
    hub.pull()
    assert partners_in_odoo(hub) == before + 1
    found = {one["ref"]: one for one in hub.in_odoo("X1", "X2", fields=("ref", "name", "city"))}
    assert (found["X1"]["id"], found["X1"]["name"], found["X1"]["city"]) == (
        by_mail,
        "Jan Peeters junior",
        "Gent",
    )
    assert (found["X2"]["id"], found["X2"]["city"]) == (by_name, "Brussel")
    shown = Client().get("/bj_api_sync/v1/partners/X1")
    assert (shown.json()["address"]["city"], shown["X-Sync-State"]) == ("Gent", "synced")
    assert Record.objects.filter(odoo_id=by_mail).count() == 1


@pytest.mark.parametrize(
    ("there", "why"),
    [
        (
            [{"email": "jan@example.com"}, {"email": "JAN@example.com"}],
            "2 records of Odoo have the same email",
        ),
        ([{"email": "jan@example.com", "ref": "OTHER"}], "another customer_id in Odoo already: OTHER"),
        ([{"email": "jan@example.com", "active": False}], "archived"),
    ],
)
def test_what_may_be_another_waits_for_a_choice(hub: Hub, first: Endpoint, there: Any, why: str):
    ids = [odoo_has(hub, **one) for one in there]
    post({"customer_id": "X1", "name": "Jan", "email": "jan@example.com"})
    look(hub, first)
    found = row("X1")
    assert (found.verdict, [one["id"] for one in found.candidates]) == ("ambiguous", ids)
    assert why in found.reason
    assert matching.approve_exact(first.pk, WHO) == 0
    with pytest.raises(matching.NotMatched, match="1 new records are not decided"):
        matching.release(first.pk)
    assert matching.link(found, ids[-1], WHO)
    matching.release(first.pk)
    hub.push()
    assert [one["id"] for one in hub.in_odoo("X1")] == [ids[-1]]


def test_what_was_matched_and_is_another_by_now_is_not_written_over(hub: Hub, first: Endpoint):
    there = odoo_has(hub, **JAN)
    post({"customer_id": "X1", "name": "Jan", "email": "jan@example.com"})
    look(hub, first)
    matching.approve_exact(first.pk, WHO)
    hub.odoo.execute("res.partner", "write", [there], {"ref": "OTHER"})
    matching.release(first.pk)
    hub.push()
    assert [one["name"] for one in hub.in_odoo("OTHER", "X1")] == [JAN["name"]]
    [change] = Change.objects.all()
    assert (change.state, f"record {there}, that got another Reference in Odoo: “OTHER”" in change.error) == (
        "failed",
        True,
    )
    hub.odoo.execute("res.partner", "write", [there], {"ref": False})
    decisions.retry([change.pk])
    hub.push()
    assert [one["id"] for one in hub.in_odoo("X1")] == [there]


@pytest.mark.parametrize("deleted", ["before the look", "after the look", "after the approval"])
def test_what_was_deleted_again_while_it_waited_takes_nothing_of_odoo_along(
    hub: Hub, first: Endpoint, deleted: str
):
    Endpoint.objects.update(on_delete="unlink")
    registry.clear()
    there = odoo_has(hub, **JAN)
    post({"customer_id": "X1", "name": "Jan", "email": "jan@example.com"})
    for moment, step in (
        ("before the look", lambda: look(hub, first)),
        ("after the look", lambda: matching.approve_exact(first.pk, WHO)),
        ("after the approval", lambda: matching.release(first.pk)),
    ):
        if moment == deleted:
            assert Client().delete("/bj_api_sync/v1/partners/X1").status_code == 200
        step()
    hub.push()
    assert hub.odoo.execute("res.partner", "search", [("email", "=", "jan@example.com")]) == [there]
    assert hub.in_odoo("X1") == []
    assert set(Change.objects.values_list("state", flat=True)) == {"applied"}


def test_what_was_found_by_values_that_were_corrected_since_is_looked_for_again(hub: Hub, first: Endpoint):
    odoo_has(hub, **JAN)
    kim = odoo_has(hub, name="Kim", email="kim@example.com")
    post({"customer_id": "X1", "name": "Kim", "email": "jan@example.com"})
    post({"customer_id": "X2", "name": "Lee", "email": "lee@example.com"})
    look(hub, first)
    put("X1", {"address": {"city": "Gent"}})  # says nothing of who it is
    put("X2", {"email": "LEE@example.com"})
    assert (row("X1").verdict, row("X2").verdict) == ("exact", "none")
    put("X1", {"email": "kim@example.com"})
    assert (matching.approve_exact(first.pk, WHO), matching.create_unmatched(first.pk, WHO)) == (0, 1)
    assert matching.report(first.pk)["missing"] == 1
    put("X2", {"email": "lee@example.org"})  # somebody has decided who that is
    look(hub, first)
    assert (matching.approve_exact(first.pk, WHO), row("X2").decision) == (1, Decision.CREATE)
    matching.release(first.pk)
    hub.push()
    assert [one["name"] for one in hub.in_odoo("X1", "X2")] == ["Kim", "Lee"]
    assert [one["id"] for one in hub.in_odoo("X1")] == [kim]
    assert hub.odoo.execute("res.partner", "search_count", [("email", "=", JAN["email"])]) == 1


def test_what_is_corrected_while_odoo_is_looked_through_is_not_reported(
    hub: Hub, first: Endpoint, monkeypatch: pytest.MonkeyPatch
):
    odoo_has(hub, **JAN)
    post({"customer_id": "X1", "name": "Kim", "email": "jan@example.com"})
    judge = match.judge

    def judged(*args: Any) -> list[Match]:
        put("X1", {"email": "kim@example.com"})
        return judge(*args)

    monkeypatch.setattr(match, "judge", judged)
    look(hub, first)
    assert matching.report(first.pk) | {"missing": 1, "exact": 0} == matching.report(first.pk)
    with pytest.raises(matching.NotMatched, match="came, or were changed, since"):
        matching.release(first.pk)


def test_what_was_approved_for_a_record_that_was_deleted_is_free_for_the_next_one(hub: Hub, first: Endpoint):
    there = odoo_has(hub, **JAN)
    jan = {"name": "Jan", "email": "jan@example.com"}
    post({"customer_id": "X1", **jan})
    look(hub, first)
    matching.approve_exact(first.pk, WHO)
    assert Client().delete("/bj_api_sync/v1/partners/X1").status_code == 200
    post({"customer_id": "X2", **jan})
    look(hub, first)
    assert matching.approve_exact(first.pk, WHO) == 1
    matching.release(first.pk)
    hub.push()
    assert [one["id"] for one in hub.in_odoo("X1", "X2")] == [there]


def test_no_is_a_value_to_be_matched_by(hub: Hub):
    endpoint = hub.partners(match_on=["name + company"])
    person = odoo_has(hub, name="Jan", is_company=False)
    odoo_has(hub, name="Jan", is_company=True)
    post({"customer_id": "X1", "name": "Jan", "company": False})
    look(hub, endpoint)
    assert (row("X1").verdict, [one["id"] for one in row("X1").candidates]) == ("exact", [person])


def test_two_new_records_are_not_made_one(hub: Hub, first: Endpoint):
    there = odoo_has(hub, **JAN)
    post({"customer_id": "X1", "name": "Jan", "email": "jan@example.com"})
    post({"customer_id": "X2", "name": "Jan", "email": "jan@example.com"})
    look(hub, first)
    assert [row("X1").verdict, row("X2").verdict] == ["ambiguous", "ambiguous"]
    assert matching.link(row("X1"), there, WHO)
    assert not matching.link(row("X2"), there, WHO)


def test_what_comes_while_somebody_decides_is_looked_for_as_well(hub: Hub, first: Endpoint):
    post({"customer_id": "X1", "name": "A"})
    look(hub, first)
    matching.create_unmatched(first.pk, WHO)
    there = odoo_has(hub, email="late@example.com")
    post({"customer_id": "X2", "name": "B", "email": "late@example.com"})
    with pytest.raises(matching.NotMatched):
        matching.release(first.pk)
    look(hub, first)
    assert row("X1").decision == Decision.CREATE
    matching.approve_exact(first.pk, WHO)
    matching.release(first.pk)
    hub.push()
    assert [one["id"] for one in hub.in_odoo("X2")] == [there]


def test_a_record_that_the_pull_brought_first_becomes_the_one_that_was_posted(hub: Hub, first: Endpoint):
    there = odoo_has(hub, **JAN)
    hub.pull()
    post({"customer_id": "X1", "name": "Jan", "email": "jan@example.com"})
    look(hub, first)
    matching.approve_exact(first.pk, WHO)
    matching.release(first.pk)
    hub.push()
    assert Record.objects.get(odoo_id=there).external_id == "X1"
    assert [one["id"] for one in hub.in_odoo("X1")] == [there]


def test_the_same_identifier_in_odoo_needs_no_other_key(hub: Hub, first: Endpoint):
    there = odoo_has(hub, ref="X1")
    post({"customer_id": "X1", "name": "Jan"})
    look(hub, first)
    assert (row("X1").verdict, row("X1").candidates[0]["by"]) == ("exact", "customer_id")
    matching.approve_exact(first.pk, WHO)
    matching.release(first.pk)
    hub.push()
    assert [one["id"] for one in hub.in_odoo("X1")] == [there]


def test_only_what_differs_is_written_to_a_matched_record(hub: Hub, first: Endpoint):
    there = odoo_has(hub, **JAN, ref="X1")
    post({"customer_id": "X1", "name": JAN["name"], "email": JAN["email"]})
    look(hub, first)
    matching.approve_exact(first.pk, WHO)
    matching.release(first.pk)
    [before] = hub.odoo.execute("res.partner", "read", [there], ["write_date"])
    hub.odoo.faults.arm("no_right", method="write", times=-1)
    hub.odoo.faults.arm("no_right", method="load", times=-1)
    hub.push()
    assert Client().get("/bj_api_sync/v1/partners/X1")["X-Sync-State"] == "synced"
    assert hub.odoo.execute("res.partner", "read", [there], ["write_date"]) == [before]


def test_an_odoo_that_is_away_is_told_and_asked_for_again(hub: Hub, first: Endpoint):
    post({"customer_id": "X1", "name": "Jan"})
    hub.odoo.faults.arm("away", model="res.partner")
    run = jobs.ask(first.pk, RunKind.MATCH, WHO)
    assert run is not None
    asked.carry_out(run.pk)
    run.refresh_from_db()
    assert run.state == "failed"
    assert run.message
    look(hub, first)
    assert row("X1").verdict == "none"


def test_an_endpoint_named_by_odoo_s_id_can_be_matched_too(hub: Hub):
    lines = {"id": {"field": "id", "identifier": True}, "name": "name", "email": "email"}
    endpoint = hub.endpoint("partners", "res.partner", lines, match_on=["email"])
    there = odoo_has(hub, **JAN)
    answer = Client().post(
        "/bj_api_sync/v1/partners",
        '{"name": "Jan", "email": "jan@example.com"}',
        content_type="application/json",
        headers={"Prefer": "wait=0"},
    )
    assert answer.status_code == 202
    look(hub, endpoint)
    matching.approve_exact(endpoint.pk, WHO)
    registry.clear()
    matching.release(endpoint.pk)
    hub.push()
    assert Client().get(f"/bj_api_sync/v1/partners/{there}").json()["name"] == "Jan"


@pytest.mark.parametrize("field", ["image_1920", "category_id"])
def test_a_file_or_a_list_says_nothing_of_who_it_is(hub: Hub, field: str):
    lines = {"customer_id": {"field": "ref", "identifier": True}, "name": "name", "other": field}
    endpoint = hub.endpoint("partners", "res.partner", lines)
    endpoint.match_on = ["name + other"]
    with pytest.raises(ValidationError, match=r"“other” is no single value .* there are customer_id, name\."):
        endpoint.full_clean()
    endpoint.match_on = ["name"]
    endpoint.full_clean()


def test_a_key_that_the_mapping_no_longer_has_is_told_with_what_to_do(hub: Hub, first: Endpoint):
    post({"customer_id": "X1", "name": "A"})
    line = first.mapping.lines.get(key="email")
    line.key = "mail"
    line.save()
    registry.clear()
    run = jobs.ask(first.pk, RunKind.MATCH, WHO)
    assert run is not None
    asked.carry_out(run.pk)
    run.refresh_from_db()
    assert run.state == "failed"
    assert (
        "“email” is no single value that is written to Odoo (no relation, list or file); there are address.city"
        in run.message
    )
    assert "under “first matched with Odoo by”, and look again" in run.message
    first.match_on = ["mail"]
    first.save()
    look(hub, first)
    assert row("X1").verdict == "none"
