"""A POST under an Idempotency-Key: sent again, it is not done again."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from endpoints import registry
from endpoints.incoming import Once, Stored, Who
from endpoints.models import AccessKey, Change, KeptAnswer, Record
from endpoints.taking_back import take_back
from mappings.models import Connection
from synchub.sync.sweep import clean
from synchub.torture.waiting import until
from tests.conftest import Hub
from tests.endpoints.conftest import Api
from tests.endpoints.test_writing import at_once

ANN = {"customer_id": "A", "name": "Ann"}
KEY = {"Idempotency-Key": '"8e03978e-40d5-43e8-bc93-6894a57f9324"'}


def same(first: Any, second: Any) -> None:
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert first.get("Location") == second.get("Location")
    assert (first.get("Idempotency-Replayed"), second["Idempotency-Replayed"]) == (None, "true")


@pytest.fixture
def partners(desk: Hub) -> Any:
    return desk.partners()


def test_a_repeated_post_gets_the_first_answer_even_after_the_record_has_changed(partners: Any, api: Api):
    first = api.ask("POST", "partners", ANN, headers=KEY)
    api.put("partners/A", {"name": "Other"})
    same(first, api.ask("POST", "partners", ANN, headers=KEY))
    api.delete("partners/A")
    same(first, api.ask("POST", "partners", ANN, headers=KEY))
    assert first.status_code == 201
    assert Record.objects.count() == 1


def test_the_key_with_and_without_quotes_is_the_same_and_so_is_json_laid_out_otherwise(
    partners: Any, api: Api
):
    first = api.ask("POST", "partners", ANN, headers=KEY)
    bare = {"Idempotency-Key": KEY["Idempotency-Key"].strip('"')}
    raw = b' {"name": "Ann",\n "customer_id": "A"}'
    same(first, api.ask("POST", "partners", raw=raw, headers=bare))


def test_an_array_is_answered_again_as_an_array(partners: Any, api: Api):
    body = [{"customer_id": n, "name": n} for n in "CAB"]
    first = api.ask("POST", "partners", body, headers=KEY)
    same(first, api.ask("POST", "partners", body, headers=KEY))
    assert Record.objects.count() == Change.objects.count() == 3


@pytest.mark.parametrize("other", [ANN | {"name": "Bob"}, [ANN], ANN | {"email": None}])
def test_the_key_with_another_body_is_422(partners: Any, api: Api, other: Any):
    api.post("partners", ANN, headers=KEY)
    assert "another request" in api.post("partners", other, headers=KEY, status=422)["message"]
    assert Record.objects.count() == 1


def test_a_refused_request_leaves_its_key_free(partners: Any, api: Api):
    api.post("partners", {"customer_id": "A"}, headers=KEY, status=400)
    api.post("partners", ANN, headers=KEY)
    other = {"Idempotency-Key": "other"}
    api.post("partners", ANN, headers=other, status=409)
    api.post("partners", ANN | {"customer_id": "B"}, headers=other)


@pytest.mark.parametrize("key", ["", '""', "x" * 256, "é", "a\tb"])
def test_a_key_that_is_none_is_400(partners: Any, api: Api, key: str):
    api.post("partners", ANN, headers={"Idempotency-Key": key}, status=400)
    assert Record.objects.count() == 0


def test_a_key_belongs_to_one_access_key_of_one_endpoint(desk: Hub):
    consumers = []
    for name in ("partners", "others"):
        endpoint = desk.endpoint(
            name, "res.partner", {"customer_id": {"field": "ref", "identifier": True}, "name": "name"},
            auth="bearer",
        )  # fmt: skip
        for token in ("one", "two"):
            row = AccessKey(endpoint=endpoint, name=token)
            row.set_token(token)
            row.save()
            consumers.append((name, Api(Authorization=f"Bearer {token}")))
    for number, (name, consumer) in enumerate(consumers):
        answer = consumer.ask("POST", name, {"customer_id": f"{number}", "name": "N"}, headers=KEY)
        assert (answer.status_code, answer.get("Idempotency-Replayed")) == (201, None)
    assert Record.objects.count() == 4


def test_a_dry_run_uses_up_no_key(partners: Any, api: Api):
    api.post("partners?dry_run=true", ANN, headers=KEY, status=200)
    api.post("partners", ANN, headers=KEY)


def test_after_a_day_a_key_is_free_and_its_answer_removed(partners: Any, api: Api):
    api.post("partners", ANN, headers=KEY)
    KeptAnswer.objects.update(created_at=F("created_at") - timedelta(hours=24, seconds=1))
    assert api.post("partners", ANN, headers=KEY, status=409)["status_code"] == "DUPLICATE"
    api.post("partners", ANN | {"customer_id": "B"}, headers=KEY)
    api.post("partners", ANN | {"customer_id": "C"}, headers={"Idempotency-Key": "fresh"})
    KeptAnswer.objects.exclude(key="fresh").update(created_at="2020-01-01T00:00Z")
    clean()
    assert [one.key for one in KeptAnswer.objects.all()] == ["fresh"]


def test_fifty_posts_with_one_key_are_carried_out_once(hub: Hub):
    hub.partners()
    registry.get("partners")
    answers = at_once(50, lambda _: Api().ask("POST", "partners", ANN, headers=KEY))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer for answer in answers) == 1
    assert Record.objects.count() == Change.objects.count() == 1


def test_fifty_posts_with_one_key_and_two_bodies_are_carried_out_once(hub: Hub):
    hub.partners()
    registry.get("partners")
    bodies = [{"customer_id": f"{n}", "name": "N"} for n in range(2)]
    answers = at_once(50, lambda n: Api().ask("POST", "partners", bodies[n % 2], headers=KEY))
    [record] = Record.objects.all()
    for n, answer in enumerate(answers):
        assert answer.status_code == (201 if f"{n % 2}" == record.external_id else 422)


# Named by Odoo ---------------------------------------------------------------------------------------------------


@pytest.fixture
def tags(hub: Hub, settings: Any) -> Hub:
    settings.API_WAIT_FOR_ID = 0.05
    hub.endpoint(
        "tags",
        "res.partner.category",
        {"id": {"field": "id", "identifier": True, "direction": "from_odoo"}, "name": "name"},
    )
    return hub


def test_a_202_is_followed_by_the_201_once_odoo_has_the_record(tags: Hub, api: Api):
    first = api.ask("POST", "tags", {"name": "New"}, headers=KEY)
    again = api.ask("POST", "tags", {"name": "New"}, headers=KEY)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first["Location"] == again["Location"]
    tags.push("tags")
    done = api.ask("POST", "tags", {"name": "New"}, headers=KEY)
    assert done.status_code == 201
    tag = json.loads(done.content)
    assert done["Location"].endswith(f"/tags/{tag['id']}")
    api.put(f"tags/{tag['id']}", {"name": "Changed"})
    assert api.ask("POST", "tags", {"name": "New"}, headers=KEY).content == done.content
    assert tags.odoo.execute("res.partner.category", "search_count", [("name", "=", "New")]) == 1


def test_what_odoo_refused_while_one_waited_may_be_sent_again_under_the_key(tags: Hub, api: Api):
    """The record that was taken back takes its answer along."""

    first = api.ask("POST", "tags", {"name": "New"}, headers=KEY)
    assert first.status_code == 202
    kept, record = KeptAnswer.objects.get(), Record.objects.get()
    Change.objects.update(state="failed", error="No.")
    once = Once(kept.endpoint_id, None, kept.key, kept.fingerprint)
    stored = Stored(record.handle, None, "", "failed", 1, is_new=True)
    assert take_back(registry.get("tags"), stored, Who("", "", once=once)) is not None
    assert api.ask("POST", "tags", {"name": "Other"}, headers=KEY).status_code == 202


# Live ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def live(hub: Hub) -> Hub:
    Connection.objects.update(read_timeout=1)
    hub.partners(mode="live")
    hub.endpoint(
        "tags",
        "res.partner.category",
        {"id": {"field": "id", "identifier": True, "direction": "from_odoo"}, "name": "name"},
        mode="live",
    )
    return hub


def refs(hub: Hub) -> list[str]:
    return [one["ref"] for one in hub.in_odoo("A", "B")]


def test_live_a_repeated_post_gets_the_first_answer_and_odoo_is_asked_once(live: Hub, api: Api):
    body = [ANN, {"customer_id": "B", "name": "Bob"}]
    first = api.ask("POST", "partners", body, headers=KEY)
    assert first.status_code == 201
    live.odoo.calls.clear()
    same(first, api.ask("POST", "partners", body, headers=KEY))
    assert not live.odoo.calls
    assert api.ask("POST", "partners", ANN, headers=KEY).status_code == 422
    assert refs(live) == ["A", "B"]


@pytest.mark.parametrize("fault", ["drop_after_commit", "hang_after_commit", "half_answer", "http_502_html"])
@pytest.mark.parametrize("endpoint", ["partners", "tags"])
def test_live_a_lost_answer_is_told_plainly_and_the_key_finds_what_was_made(
    live: Hub, api: Api, fault: str, endpoint: str
):
    body = ANN if endpoint == "partners" else {"name": "New"}
    live.odoo.faults.arm(fault, method="load", seconds=2)
    lost = api.ask("POST", endpoint, body, headers=KEY)
    assert lost.status_code in (502, 504)
    assert "not known. Send it again with the same Idempotency-Key" in json.loads(lost.content)["message"]
    found = api.ask("POST", endpoint, body, headers=KEY)
    assert found.status_code == 201
    same(found if "Idempotency-Replayed" not in found else lost, api.ask("POST", endpoint, body, headers=KEY))
    model, name = ("res.partner", "Ann") if endpoint == "partners" else ("res.partner.category", "New")
    assert live.odoo.execute(model, "search_count", [("name", "=", name)]) == 1


def test_live_without_a_key_a_lost_answer_says_to_look(live: Hub, api: Api):
    live.odoo.faults.arm("drop_after_commit", method="create")
    assert "Look before you send it again" in api.post("partners", ANN, status=502)["message"]


def test_live_what_comes_after_the_creation_may_fail_and_is_made_good_by_the_key(live: Hub, api: Api):
    live.odoo.faults.arm("http_500", method="read")
    assert api.ask("POST", "partners", ANN, headers=KEY).status_code == 502
    assert api.post("partners", ANN, headers=KEY)["name"] == "Ann"
    assert refs(live) == ["A"]


def test_live_a_creation_that_comes_through_late_is_found_and_not_refused(live: Hub, api: Api):
    """The first attempt is committed in Odoo between the second one's look and its own creation."""
    live.odoo.faults.arm("late_commit", method="load", seconds=2)
    assert api.ask("POST", "partners", ANN, headers=KEY).status_code == 504
    answer = api.ask("POST", "partners", ANN, headers=KEY)
    while answer.status_code >= 500:
        answer = api.ask("POST", "partners", ANN, headers=KEY)
    assert answer.status_code == 201, answer.content
    assert refs(live) == ["A"]


def test_live_what_odoo_refuses_leaves_the_key_free(live: Hub, api: Api):
    live.odoo.faults.arm("no_right", method="load")
    api.post("partners", ANN, headers=KEY, status=403)
    api.post("partners", ANN | {"name": "Anna"}, headers=KEY)
    assert refs(live) == ["A"]


def test_live_posts_with_one_key_at_once_are_carried_out_once(live: Hub):
    for name in ("partners", "tags"):
        registry.get(name)
    live.odoo.faults.arm("slow", method="load", seconds=0.5)
    answers = at_once(8, lambda _: Api().ask("POST", "tags", {"name": "New"}, headers=KEY))
    assert sorted({answer.status_code for answer in answers}) in ([201], [201, 409])
    refused = [answer for answer in answers if answer.status_code == 409]
    assert all(int(answer["Retry-After"]) >= 1 for answer in refused)
    assert live.odoo.execute("res.partner.category", "search_count", [("name", "=", "New")]) == 1


def test_live_what_could_be_made_twice_is_not_sent_again_before_odoo_must_have_ended(live: Hub, api: Api):
    """Records of different keys are no table that could be loaded: they are created, and that is not repeated lightly."""
    body = [ANN, {"customer_id": "B", "name": "Bob", "email": "b@example.com"}]
    live.odoo.faults.arm("late_commit", method="create", seconds=2)
    assert api.ask("POST", "partners", body, headers=KEY).status_code == 504
    waits = api.ask("POST", "partners", body, headers=KEY)
    assert (waits.status_code, int(waits["Retry-After"]) >= 1) == (409, True)
    live.odoo.faults.clear()
    until(lambda: refs(live) == ["A", "B"], "the first attempt has come through")
    KeptAnswer.objects.update(busy_until="2020-01-01T00:00Z")
    found = api.ask("POST", "partners", body, headers=KEY)
    assert (found.status_code, refs(live)) == (201, ["A", "B"])
    assert live.odoo.calls.count_of("res.partner", "create") == 1


def test_live_what_is_refused_is_told_in_odoos_words(live: Hub, api: Api):
    live.odoo.faults.arm("load_serialization", method="load")
    assert api.ask("POST", "partners", ANN, headers=KEY).status_code == 502
    api.post("partners", ANN, headers=KEY)


@pytest.fixture
def upserts(hub: Hub, api: Api) -> Hub:
    """Live, with A in Odoo: a POST of A is a change."""
    Connection.objects.update(read_timeout=1)
    hub.partners(mode="live", post_updates=True)
    api.post("partners", ANN)
    return hub


def test_live_a_post_that_changes_is_done_once_under_its_key(upserts: Hub, api: Api):
    body = {"customer_id": "A", "email": "a@example.com"}
    first = api.ask("POST", "partners", body, headers=KEY)
    assert first.status_code == 200
    api.put("partners/A", {"email": "later@example.com"})
    same(first, api.ask("POST", "partners", body, headers=KEY))
    assert api.get("partners/A")["email"] == "later@example.com"
    assert api.ask("POST", "partners", body | {"email": "b@example.com"}, headers=KEY).status_code == 422


def test_live_a_change_whose_answer_got_lost_is_done_again_and_a_creation_is_not(upserts: Hub, api: Api):
    upserts.odoo.faults.arm("drop_after_commit", method="write")
    api.post("partners", ANN | {"name": "Anna"}, headers=KEY, status=502)
    assert api.post("partners", ANN | {"name": "Anna"}, headers=KEY, status=200)["name"] == "Anna"
    upserts.odoo.faults.arm("drop_after_commit", method="load")
    bob, key = {"customer_id": "B", "name": "Bob"}, {"Idempotency-Key": "bob"}
    api.post("partners", bob, headers=key, status=502)
    api.post("partners", bob, headers=key, status=201)
    assert refs(upserts) == ["A", "B"]


def test_live_changes_with_one_key_at_once_and_two_bodies_are_one(upserts: Hub):
    registry.get("partners")
    answers = at_once(8, lambda n: Api().ask("POST", "partners", ANN | {"name": f"N{n % 2}"}, headers=KEY))
    done = [json.loads(answer.content)["name"] for answer in answers if answer.status_code == 200]
    assert len(set(done)) == 1
    assert {answer.status_code for answer in answers} <= {200, 409, 422}
    assert upserts.odoo.calls.count_of("res.partner", "write") == 1
