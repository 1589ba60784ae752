"""The conflict inbox: a person decides whose value counts, and it is carried out."""

from typing import Any

import pytest
from django.test import Client

from endpoints import decisions, editing, giving_up, inbox, overtaken, queued, registry
from endpoints.models import Change, Conflict, Endpoint, Record
from mappings.line_error import LineError
from mappings.models import Line
from tests.conftest import Hub
from tests.sync.test_conflicts import edited_in_odoo, in_odoo, policy, put, shown, synced  # noqa: F401
from tests.sync.test_push import post
from tests.sync.test_relations import URL as ORDERS
from tests.sync.test_relations import order_in_odoo, sample, tagged_partners

WHO = "boss"


@pytest.fixture
def asked(synced: Hub) -> Hub:  # noqa: F811
    """Odoo and a consumer have changed name and city of X1; the consumer's email is nobody else's."""
    policy(synced, "ask")
    edited_in_odoo(synced, name="Odoo's", city="Gent")
    put({"name": "Consumer's", "address": {"city": "Brugge"}, "email": "b@example.com"})
    synced.push()
    return synced


def question() -> Conflict:
    return Conflict.objects.get(decided_at=None)


def test_the_inbox_shows_what_both_had_what_odoo_has_and_what_was_sent(asked: Hub):
    found = {one["key"]: one["shown"] for one in question().fields}
    assert found == {
        "name": {"base": "A", "current": "Odoo's", "wanted": "Consumer's"},
        "address.city": {"base": None, "current": "Gent", "wanted": "Brugge"},
    }


def test_each_key_gets_the_value_that_was_chosen(asked: Hub):
    assert inbox.decide(question().pk, {"name": "hub", "city": "odoo"}, WHO)
    asked.push()
    partner = in_odoo(asked)
    assert (partner["name"], partner["city"], partner["email"]) == ("Consumer's", "Gent", "b@example.com")
    answer = shown()
    assert answer["X-Sync-State"] == "synced"
    assert (answer.json()["name"], answer.json()["address"]["city"]) == ("Consumer's", "Gent")
    decided = Conflict.objects.get()
    assert (decided.decided_by, [one["winner"] for one in decided.fields]) == (WHO, ["hub", "odoo"])


def test_odoo_s_value_for_all_that_was_sent_discards_the_change_and_says_why(synced: Hub):  # noqa: F811
    policy(synced, "ask")
    edited_in_odoo(synced, name="Odoo's")
    put({"name": "Consumer's"})
    synced.push()
    inbox.decide(question().pk, {"name": "odoo"}, WHO)
    change = Change.objects.latest("id")
    assert change.state == "discarded"
    assert "Odoo's value kept: name" in change.error
    assert WHO in change.error
    assert (shown().json()["name"], shown()["X-Sync-State"]) == ("Odoo's", "synced")


def test_an_answer_to_what_was_asked_before_decides_nothing(asked: Hub):
    seen = question()
    edited_in_odoo(asked, name="Odoo's newer")
    put({"name": "Consumer's newer"})
    asked.push()
    winners = {"name": "hub", "city": "hub"}
    assert not inbox.decide(seen.pk, winners, WHO, seen.found_at)
    assert not inbox.decide(seen.pk, {"name": "hub"}, WHO)
    asked.push()
    assert (question().pk, in_odoo(asked)["name"]) == (seen.pk, "Odoo's newer")
    assert inbox.decide(seen.pk, winners, WHO, question().found_at)
    asked.push()
    assert in_odoo(asked)["name"] == "Consumer's newer"


def test_what_changed_in_odoo_after_the_person_looked_is_asked_again(asked: Hub):
    seen = question()
    edited_in_odoo(asked, name="Odoo's newer")
    inbox.decide(seen.pk, {"name": "hub", "city": "hub"}, WHO)
    asked.push()
    assert in_odoo(asked)["name"] == "Odoo's newer"
    assert [one["shown"]["current"] for one in question().fields] == ["Odoo's newer"]


def test_a_question_is_answered_once(asked: Hub):
    pk = question().pk
    assert inbox.decide(pk, {"name": "hub", "city": "hub"}, WHO)
    assert not inbox.decide(pk, {"name": "odoo", "city": "odoo"}, "another")
    asked.push()
    assert in_odoo(asked)["name"] == "Consumer's"


def test_a_newer_write_of_the_consumer_is_not_undone_by_the_answer(asked: Hub):
    asked.pull()
    put({"name": "Consumer's newest"})
    asked.push()
    assert in_odoo(asked)["name"] == "Odoo's"
    assert {one["key"]: one["shown"]["wanted"] for one in question().fields} == {
        "name": "Consumer's newest",
        "address.city": "Brugge",
    }
    assert shown()["X-Sync-State"] == "conflict"
    inbox.decide(question().pk, {"name": "hub", "city": "hub"}, WHO)
    asked.push()
    partner = in_odoo(asked)
    assert (partner["name"], partner["city"]) == ("Consumer's newest", "Brugge")
    assert shown()["X-Sync-State"] == "synced"


@pytest.mark.parametrize("pulled", [False, True])
def test_the_same_write_repeated_waits_for_the_answer_as_well(asked: Hub, pulled: bool):
    if pulled:
        asked.pull()
    put({"name": "Consumer's", "address": {"city": "Brugge"}, "email": "b@example.com"})
    asked.push()
    assert Change.objects.filter(operation="update").count() == 1
    partner = in_odoo(asked)
    assert (partner["name"], partner["city"]) == ("Odoo's", "Gent")
    assert shown()["X-Sync-State"] == "conflict"
    inbox.decide(question().pk, {"name": "odoo", "city": "hub"}, WHO)
    asked.push()
    partner = in_odoo(asked)
    assert (partner["name"], partner["city"], partner["email"]) == ("Odoo's", "Brugge", "b@example.com")
    assert (shown().json()["name"], shown()["X-Sync-State"]) == ("Odoo's", "synced")


@pytest.mark.parametrize("pulled", [False, True])
def test_nobody_is_asked_any_more_once_the_consumer_writes_what_odoo_has(asked: Hub, pulled: bool):
    if pulled:
        asked.pull()
    put({"name": "Odoo's", "address": {"city": "Gent"}})
    asked.push()
    asked.push()
    assert not Conflict.objects.filter(decided_at=None).exists()
    partner = in_odoo(asked)
    assert (partner["name"], partner["city"], partner["email"]) == ("Odoo's", "Gent", "b@example.com")
    assert (shown().json()["email"], shown()["X-Sync-State"]) == ("b@example.com", "synced")


def test_nobody_is_asked_any_more_about_a_record_that_was_deleted(asked: Hub):
    assert Client().delete("/bj_api_sync/v1/partners/X1").status_code == 200
    asked.push()
    assert not Conflict.objects.filter(decided_at=None).exists()
    change = Change.objects.get(operation="update")
    assert (change.state, change.error.split(" Before")[0]) == (
        "discarded",
        "The record has been deleted since.",
    )


def test_always_so_for_a_key_asks_no_more_and_settles_what_waits(asked: Hub):
    post({"customer_id": "X2", "name": "A"})
    asked.push()
    [other] = asked.in_odoo("X2")
    asked.odoo.execute("res.partner", "write", [other["id"]], {"name": "Odoo's"})
    put_other = Client().put(
        "/bj_api_sync/v1/partners/X2", {"name": "Consumer's"}, content_type="application/json"
    )
    assert put_other.status_code == 200
    asked.push()
    first = Conflict.objects.get(record__external_id="X1")
    inbox.decide(first.pk, {"name": "hub", "city": "odoo"}, WHO)
    assert inbox.always(first, {"name": "hub", "city": "odoo"}, whole_endpoint=False) == (1, True)
    registry.clear()
    asked.push()
    assert not Conflict.objects.filter(decided_at=None).exists()
    assert asked.in_odoo("X2")[0]["name"] == "Consumer's"
    assert dict(Line.objects.exclude(conflicts="").values_list("field", "conflicts")) == {
        "name": "hub",
        "city": "odoo",
    }
    edited_in_odoo(asked, name="Odoo's again", city="Aalst")
    put({"name": "Consumer's again", "address": {"city": "Genk"}})
    asked.push()
    partner = in_odoo(asked)
    assert (partner["name"], partner["city"]) == ("Consumer's again", "Aalst")


def test_always_so_for_the_endpoint(asked: Hub):
    first = question()
    winners = {"name": "hub", "city": "hub"}
    inbox.decide(first.pk, winners, WHO)
    inbox.always(first, winners, whole_endpoint=True)
    assert Endpoint.objects.get().conflicts == "hub"


@pytest.mark.parametrize("how", ["again", "discard"])
def test_sending_again_or_discarding_answers_as_well(asked: Hub, how: str):
    change = Change.objects.latest("id")
    if how == "again":
        decisions.retry([change.pk], WHO)
    else:
        giving_up.discard([change.pk], WHO, "Odoo is right")
    asked.push()
    assert not Conflict.objects.filter(decided_at=None).exists()
    assert in_odoo(asked)["name"] == ("Consumer's" if how == "again" else "Odoo's")
    assert shown()["X-Sync-State"] == "synced"
    change.refresh_from_db()
    assert change.error == (
        "" if how == "again" else "Discarded by boss: Odoo is right. Before that: " + asked_text()
    )


def asked_text() -> str:
    text: str = Change.objects.latest("id").error
    return text.partition("Before that: ")[2]


def test_a_country_is_shown_by_its_code_and_comes_back_as_odoo_has_it(hub: Hub):
    country = hub.mapping("country", "res.country", {"code": {"field": "code", "identifier": True}})
    lines: dict[str, Any] = {
        "customer_id": {"field": "ref", "identifier": True},
        "name": "name",
        "country": {"field": "country_id", "nested": country},
    }
    hub.endpoint("partners", "res.partner", lines, conflicts="ask")
    post({"customer_id": "X1", "name": "A", "country": "NL"})
    hub.push()
    [germany] = hub.odoo.execute("res.country", "search", [("code", "=", "DE")])
    edited_in_odoo(hub, country_id=germany)
    put({"country": "BE"})
    hub.push()
    [one] = question().fields
    assert one["shown"] == {"base": "NL", "current": "DE", "wanted": "BE"}
    inbox.decide(question().pk, {"country_id": "odoo"}, WHO)
    assert shown().json()["country"] == "DE"
    assert not queued.endpoints_with_work()


def test_a_refused_write_is_edited_and_sent_again(hub: Hub):
    hub.partners()
    post({"customer_id": "X1", "name": "A", "kind": "contact"})
    hub.odoo.faults.arm("no_right", method="load")
    hub.odoo.faults.arm("no_right", method="create")
    hub.push()
    change = Change.objects.get(state="failed")
    payload = editing.sent(_spec(), change.values)
    assert payload == {"customer_id": "X1", "name": "A", "kind": "contact"}
    assert editing.edit(
        change.pk, payload | {"customer_id": "X9", "name": "B", "address": {"city": "Gent"}}, WHO
    )
    assert Record.objects.get().external_id == "X9"
    hub.push()
    [partner] = hub.in_odoo("X9", fields=("name", "city"))
    assert (partner["name"], partner["city"]) == ("B", "Gent")
    answer = Client().get("/bj_api_sync/v1/partners/X9")
    assert (answer.json()["name"], answer["X-Sync-State"]) == ("B", "synced")


def test_a_refused_write_that_would_get_the_name_of_another_record_is_told_which(hub: Hub):
    lines = {"ids.customer": {"field": "ref", "identifier": True}, "name": "name"}
    hub.endpoint("partners", "res.partner", lines)
    post([{"ids": {"customer": name}, "name": name} for name in ("A", "B")])
    Change.objects.filter(values__ref="B").update(state="failed")
    change = Change.objects.get(state="failed")
    with pytest.raises(LineError, match=r"“ids\.customer”: “A” exists already"):
        editing.edit(change.pk, {"ids": {"customer": "A"}, "name": "B"}, WHO)


def refused_and_written_again(hub: Hub) -> Change:
    """Odoo has refused an email and a city, and has another email by now."""
    hub.partners()
    post({"customer_id": "X1", "name": "A"})
    hub.push()
    put({"email": "old@example.com", "address": {"city": "Gent"}})
    hub.odoo.faults.arm("no_right", method="write")
    hub.push()
    put({"email": "new@example.com"})
    hub.push()
    return Change.objects.get(state="failed")


@pytest.mark.parametrize("by", ["again", "a form of before", "a form"])
def test_a_refused_write_sent_again_leaves_what_was_written_since(hub: Hub, by: str):
    change = refused_and_written_again(hub)
    if by == "again":
        decisions.retry([change.pk], WHO)
    elif by == "a form of before":
        editing.edit(change.pk, editing.sent(_spec(), change.values), WHO)
    else:
        assert editing.shown(_spec(), change) == {"address": {"city": "Gent"}}
        editing.edit(change.pk, {"address": {"city": "Gent"}}, WHO)
    hub.push()
    partner = in_odoo(hub)
    assert (partner["email"], partner["city"]) == ("new@example.com", "Gent")
    assert (shown().json()["email"], shown()["X-Sync-State"]) == ("new@example.com", "synced")


def test_what_a_person_puts_into_a_refused_write_is_written_whatever_came_since(hub: Hub):
    change = refused_and_written_again(hub)
    editing.edit(change.pk, {"email": "person@example.com"}, WHO)
    hub.push()
    assert in_odoo(hub)["email"] == "person@example.com"


def test_a_refused_write_of_which_nothing_is_left_is_discarded_when_it_is_sent_again(hub: Hub):
    change = refused_and_written_again(hub)
    put({"address": {"city": "Brugge"}})
    decisions.retry([change.pk], WHO)
    change.refresh_from_db()
    assert (change.state, change.error.split(" Before")[0]) == ("discarded", overtaken.REASON)
    hub.push()
    assert in_odoo(hub)["city"] == "Brugge"
    assert shown()["X-Sync-State"] == "synced"


def test_tags_of_a_refused_write_keep_those_that_were_added_since(hub: Hub):
    tagged_partners(hub)
    post({"customer_id": "X1", "name": "A", "tags": []})
    hub.push()
    put({"tags": ["red"]})
    hub.odoo.faults.arm("no_right", method="write")
    hub.push()
    put({"tags": {"add": ["blue"]}})
    hub.push()
    decisions.retry([Change.objects.get(state="failed").pk], WHO)
    hub.push()
    assert sorted(shown().json()["tags"]) == ["blue", "red"]


@pytest.mark.parametrize("again", [{}, {"price": 4}])
def test_what_a_refused_write_said_of_a_line_is_kept_until_it_is_said_again(hub: Hub, again: dict[str, Any]):
    hub.orders()
    post(sample(hub), ORDERS)
    hub.push("orders")
    lines = [{"number": 1, "quantity": 2, "price": 11}, {"number": 2, "quantity": 7, "price": 3}]
    assert Client().put(f"{ORDERS}/R-1", {"lines": lines}, content_type="application/json").status_code == 200
    hub.odoo.faults.arm("no_right", model="sale.order", method="write")
    hub.push("orders")
    newer = {"lines": [{"number": 1, "quantity": 5, **again}]}
    assert Client().put(f"{ORDERS}/R-1", newer, content_type="application/json").status_code == 200
    hub.push("orders")
    refused = Change.objects.filter(state="failed")
    assert refused.exists() is not bool(again)
    decisions.retry([one.pk for one in refused], WHO)
    hub.push("orders")
    [line] = order_in_odoo(hub, "R-1")["lines"]
    assert (line["product_uom_qty"], line["price_unit"]) == (5.0, again.get("price", 11.0))
    assert Client().get(f"{ORDERS}/R-1")["X-Sync-State"] == "synced"


def _spec() -> Any:
    return registry.get("partners").mapping
