"""PUT that creates, POST that updates, where the endpoint says so."""

import json
from typing import Any

import pytest

from endpoints.models import Change, KeptAnswer, Record
from tests.conftest import Hub
from tests.endpoints.conftest import Api
from tests.endpoints.test_access_grid import narrow_at
from tests.endpoints.test_writing import at_once

ANN, BOB = {"customer_id": "A", "name": "Ann"}, {"customer_id": "B", "name": "Bob"}


@pytest.fixture
def partners(desk: Hub) -> Any:
    return desk.partners(put_creates=True, post_updates=True)


def test_a_put_to_an_unknown_identifier_makes_the_record_and_to_a_known_one_changes_it(
    partners: Any, api: Api
):
    made = api.ask("PUT", "partners/A%2F1/", {"name": "Ann"})
    assert (made.status_code, json.loads(made.content)["customer_id"]) == (201, "A/1")
    assert made["Location"].endswith("/partners/A%2F1")
    assert api.put("partners/A%2F1", {"email": "a@example.com"})["name"] == "Ann"
    assert api.put("partners/B", BOB, status=201) == api.get("partners/B")
    assert Record.objects.count() == 2


def test_a_put_that_would_make_another_record_than_the_address_says_is_refused(partners: Any, api: Api):
    assert api.put("partners/A", BOB, status=400)["key"] == "customer_id"
    assert api.put("partners/A", {"email": "x"}, status=400)["status_code"] == "REQUIRED"
    api.put("partners/A", {"name": "N"}, headers={"If-Match": '"x"'}, status=412)
    api.put("partners/~0b9cb1c2-0000-4000-8000-000000000000", BOB, status=400)
    assert Record.objects.count() == 0
    api.put("partners/A", {"name": "N"}, headers={"If-None-Match": "*"}, status=201)
    api.put("partners/A", {"name": "O"}, headers={"If-None-Match": "*"}, status=412)
    assert api.get("partners/A")["name"] == "N"


def test_a_post_of_a_known_identifier_changes_what_it_sends(partners: Any, api: Api):
    api.post("partners", ANN | {"email": "a@example.com"})
    answer = api.ask("POST", "partners", {"customer_id": "A", "address": {"city": "Gent"}})
    assert answer.status_code == 200
    found = json.loads(answer.content)
    assert (found["name"], found["email"], found["address"]["city"]) == ("Ann", "a@example.com", "Gent")
    assert api.post("partners", ANN, headers={"If-None-Match": "*"}, status=409)["status_code"] == "DUPLICATE"


def test_a_null_that_was_read_of_a_record_on_its_way_says_nothing_in_a_post_either(partners: Any, api: Api):
    [ann, bob] = api.post("partners", [ANN, BOB])["results"]
    api.post("partners", [{**one, "name": "New"} for one in (ann, bob)], status=200)
    assert [change.values for change in Change.objects.order_by("id")][2:] == [{"name": "New"}] * 2


def test_an_array_changes_and_makes_all_or_nothing_in_its_order(partners: Any, api: Api):
    api.post("partners", ANN)
    body = [BOB, ANN | {"name": "Anna"}, {"customer_id": "C", "name": "Cas"}]
    answer = api.post("partners", body)
    assert [row["name"] for row in answer["results"]] == ["Bob", "Anna", "Cas"]
    assert api.names("partners") == ["A", "B", "C"]
    changes = Change.objects.count()
    bad = [ANN | {"name": "X"}, {"customer_id": "D", "name": "D"}, {"customer_id": "B", "name": 7}]
    assert (api.post("partners", bad, status=400)["index"]) == 2
    bad = [ANN | {"name": "X"}, {"customer_id": "D"}]
    assert (api.post("partners", bad, status=400)["index"]) == 1
    for wrong in ({"nme": "D"}, {"address": 3}, {"address.city": "x", "address": {"city": "x"}}):
        assert (api.post("partners", [ANN, BOB | wrong], status=400)["index"]) == 1
    assert api.post("partners", [ANN, BOB, ANN], status=409)["index"] == 2
    assert api.get("partners/A")["name"] == "Anna"
    assert Change.objects.count() == changes
    assert api.post("partners", [ANN, BOB], status=200)["count"] == 2


def test_under_a_key_it_is_done_once(partners: Any, api: Api):
    key = {"Idempotency-Key": "k"}
    api.post("partners", ANN)
    first = api.ask("POST", "partners", [BOB, ANN | {"name": "Anna"}], headers=key)
    api.put("partners/A", {"name": "Later"})
    again = api.ask("POST", "partners", [BOB, ANN | {"name": "Anna"}], headers=key)
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.status_code == 201
    assert api.get("partners/A")["name"] == "Later"
    assert KeptAnswer.objects.count() == 1


def test_at_once_they_make_one_record_and_all_are_accepted(hub: Hub, api: Api):
    hub.partners(put_creates=True, post_updates=True)

    def work(n: int) -> Any:
        if n % 2:
            return Api().ask("PUT", "partners/A", {"name": f"N{n}"})
        return Api().ask("POST", "partners", {"customer_id": "A", "name": f"N{n}"})

    answers = at_once(20, work)
    assert sorted(answer.status_code for answer in answers) == [*[200] * 19, 201]
    assert Record.objects.count() == 1
    hub.push()
    [partner] = hub.in_odoo("A")
    assert partner["name"] == api.get("partners/A")["name"]


@pytest.mark.parametrize("mode", ["mirror", "live"])
def test_one_record_is_changed_and_made_while_others_delete_it(hub: Hub, mode: str):
    hub.partners(mode=mode, put_creates=True, post_updates=True, on_delete="unlink")

    def work(n: int) -> list[Any]:
        mine, ann = Api(), ANN | {"name": f"N{n}"}
        ways = [
            ("DELETE", "partners/A", None),
            ("PUT", "partners/A", {"name": "N"}),
            ("POST", "partners", ann),
        ]
        return [(n % 3, mine.ask(*ways[n % 3]).status_code) for _ in range(10)]

    answers = {one for some in at_once(6, work) for one in some}
    # Live, a record may be gone again before what Odoo made of it can be told.
    assert {status for way, status in answers if way} - {404 if mode == "live" else 0} <= {200, 201}
    assert {status for way, status in answers if not way} <= {200, 404}
    Api().ask("PUT", "partners/A", {"name": "Last"})
    if mode == "mirror":
        hub.push()
        hub.push()
    assert [row["name"] for row in hub.in_odoo("A")] == ["Last"]


def test_lists_are_accepted_while_others_delete_and_make_the_same_records(hub: Hub, api: Api):
    hub.partners(post_updates=True, on_delete="unlink")

    def work(n: int) -> list[int]:
        mine = Api()
        both = [{"customer_id": "A", "name": f"N{n}"}, {"customer_id": f"B{n}", "name": "N"}]
        return [
            (mine.ask("DELETE", "partners/A") if n % 2 else mine.ask("POST", "partners", both)).status_code
            for _ in range(15)
        ]

    answers = at_once(6, work)
    assert {status for n in (0, 2, 4) for status in answers[n]} == {200, 201}
    assert {status for n in (1, 3, 5) for status in answers[n]} <= {200, 404}
    api.ask("POST", "partners", [{"customer_id": "A", "name": "Last"}, {"customer_id": "B0", "name": "Last"}])
    hub.push()
    hub.push()
    assert [row["name"] for row in hub.in_odoo("A", "B0")] == ["Last", "Last"]


def test_a_default_identifier_that_is_taken_is_told_and_changes_nothing(desk: Hub, api: Api):
    lines = {"customer_id": {"field": "ref", "identifier": True, "default": "WALK-IN"}, "name": "name"}
    desk.endpoint("guests", "res.partner", lines, post_updates=True)
    api.post("guests", {"name": "First"})
    assert api.post("guests", {"name": "Second"}, status=409)["status_code"] == "DUPLICATE"
    told = api.post("guests", [{"customer_id": "X", "name": "X"}, {"name": "Second"}], status=409)
    assert (told["index"], "WALK-IN" in told["error"]) == (1, True)
    assert api.get("guests")["results"] == [{"customer_id": "WALK-IN", "name": "First"}]


def test_a_post_of_a_record_out_of_reach_is_403_be_there_a_script_or_not(desk: Hub):
    script = {
        "field": "phone",
        "kind": "script",
        "direction": "to_odoo",
        "script": "record['name'] if record else 'x'",
    }
    lines = {"customer_id": {"field": "ref", "identifier": True}, "name": "name", "city": "city"}
    for name, more in (("plain", {}), ("scripted", {"phone": script})):
        endpoint = desk.endpoint(name, "res.partner", lines | more, auth="bearer", post_updates=True)
        Record.objects.create(
            endpoint=endpoint, external_id="PARIS", document="{}", values={"ref": "PARIS", "city": "Paris"}
        )
        shop = narrow_at(endpoint, domain="[('city', '=', 'Gent')]")
        sent = {"customer_id": "PARIS", "name": "Mine", "city": "Gent"}
        shop.post(name, sent, status=403)


def test_live_as_well_but_for_lists(hub: Hub, api: Api):
    hub.partners(mode="live", put_creates=True, post_updates=True)
    api.put("partners/A", {"name": "Ann"}, status=201)
    api.put("partners/A", {"name": "Anna"})
    assert api.post("partners", ANN | {"email": "a@example.com"}, status=200)["email"] == "a@example.com"
    api.post("partners", [ANN, BOB], status=409)
    assert [one["name"] for one in hub.in_odoo("A", "B")] == ["Ann"]


@pytest.mark.parametrize("mode", ["mirror", "live"])
@pytest.mark.parametrize("again", ["POST", "PUT"])
def test_what_was_deleted_into_the_archive_is_taken_out_of_it(hub: Hub, api: Api, mode: str, again: str):
    hub.partners(mode=mode, on_delete="archive", put_creates=True, post_updates=again == "PUT")

    def to_odoo() -> None:
        if mode == "mirror":
            hub.push()

    api.post("partners", ANN | {"email": "a@example.com"})
    to_odoo()
    api.delete("partners/A")
    to_odoo()
    path, body = ("partners", ANN) if again == "POST" else ("partners/A", {"name": "Ann"})
    assert api.ask(again, path, body | {"address": {"city": "Gent"}}).status_code == 201
    to_odoo()
    [partner] = hub.in_odoo("A", fields=("active", "name", "email", "city"))
    there = {"active": True, "name": "Ann", "email": "a@example.com", "city": "Gent"}
    assert partner == there | {"id": partner["id"]}
    assert api.get("partners/A")["email"] == "a@example.com"


def test_live_a_key_takes_nothing_out_of_the_archive_that_it_does_not_reach(hub: Hub):
    shop = narrow_at(
        hub.partners(mode="live", auth="bearer", put_creates=True), domain="[('city', '=', 'Gent')]"
    )
    hub.odoo.execute("res.partner", "create", [{"ref": "A", "name": "X", "city": "Paris", "active": False}])
    shop.post("partners", ANN | {"address": {"city": "Gent"}}, status=403)
    shop.put("partners/A", {"name": "Ann", "address": {"city": "Gent"}}, status=403)
    [partner] = hub.in_odoo("A", fields=("active", "name", "city"))
    assert (partner["active"], partner["name"], partner["city"]) == (False, "X", "Paris")


def test_live_what_an_endpoint_of_archived_records_shows_exists_already(hub: Hub, api: Api):
    hub.partners(mode="live", domain="[('active', '=', False)]")
    hub.odoo.execute("res.partner", "create", [{"ref": "A", "name": "Ann", "active": False}])
    assert api.get("partners/A")["name"] == "Ann"
    assert api.post("partners", ANN | {"name": "X"}, status=409)["status_code"] == "DUPLICATE"
    [partner] = hub.in_odoo("A", fields=("active", "name"))
    assert (partner["active"], partner["name"]) == (False, "Ann")


def test_live_a_name_that_is_taken_out_of_reach_is_409_and_never_404(hub: Hub, api: Api):
    hub.partners(mode="live", domain="[('city', '=', 'Gent')]", put_creates=True, post_updates=True)
    hub.odoo.execute("res.partner", "create", [{"ref": "A", "name": "Ann", "city": "Paris"}])
    assert api.post("partners", ANN | {"name": "X"}, status=409)["status_code"] == "DUPLICATE"
    assert api.put("partners/A", {"name": "X"}, status=409)["status_code"] == "DUPLICATE"
    assert [one["name"] for one in hub.in_odoo("A")] == ["Ann"]
