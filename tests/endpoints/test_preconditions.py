"""ETag, If-Match, If-None-Match: nobody overwrites what they have not read, nobody reads twice what they have."""

from typing import Any

import pytest

from endpoints import registry
from endpoints.models import Change, Endpoint, Record
from tests.conftest import Hub
from tests.endpoints.conftest import Api
from tests.endpoints.test_access_grid import narrow_at
from tests.endpoints.test_writing import at_once

ANN = {"customer_id": "A", "name": "Ann"}


@pytest.fixture
def partners(desk: Hub, api: Api) -> Any:
    endpoint = desk.partners()
    api.post("partners", ANN)
    return endpoint


def tag(api: Api, path: str = "partners/A", **options: Any) -> str:
    return str(api.ask("GET", path, **options)["ETag"])


def test_each_answer_with_one_record_has_its_tag_and_only_a_change_makes_another(partners: Any, api: Api):
    made = api.ask("POST", "partners", {"customer_id": "B", "name": "Bob"})["ETag"]
    assert made == tag(api, "partners/B") != tag(api)
    assert api.ask("PUT", "partners/B", {"name": "Bob"})["ETag"] == made
    changed = api.ask("PUT", "partners/B", {"name": "Bill"})["ETag"]
    assert changed == tag(api, "partners/B?fields=name") != made
    api.delete("partners/B")
    assert api.ask("POST", "partners", {"customer_id": "B", "name": "Bob"})["ETag"] != made


def test_what_one_has_is_not_sent_again(partners: Any, api: Api):
    known = tag(api)
    for sent in (known, f"W/{known}", f'"x", {known}', "*"):
        answer = api.ask("GET", "partners/A", headers={"If-None-Match": sent})
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", known)
        assert answer["X-Sync-State"] == "pending"
    api.put("partners/A", {"name": "Other"})
    assert api.get("partners/A", headers={"If-None-Match": known})["name"] == "Other"
    assert api.ask("GET", "partners/A", headers={"If-Match": known}).status_code == 412


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_change_of_what_one_has_not_read_is_412_and_changes_nothing(partners: Any, api: Api, method: str):
    stale = tag(api)
    api.put("partners/A", {"name": "Other"})
    for sent in (stale, '"x"', f"W/{tag(api)}", '"x", "y"'):
        answer = api.ask(method, "partners/A", {"name": "Mine"}, headers={"If-Match": sent})
        assert answer.status_code == 412
    assert api.get("partners/A")["name"] == "Other"
    for sent in (f'"x" , {tag(api)}', "*"):
        api.put("partners/A", {"name": f"Mine {sent}"}, headers={"If-Match": sent})
    answer = api.ask(method, "partners/A", {"name": "Mine"}, headers={"If-Match": tag(api)})
    assert answer.status_code == 200


def test_if_none_match_any_never_changes_what_is_there(partners: Any, api: Api):
    api.put("partners/A", {"name": "Other"}, headers={"If-None-Match": "*"}, status=412)
    api.put("partners/A", {"name": "Other"}, headers={"If-None-Match": tag(api)}, status=412)
    api.put("partners/A", {"name": "Other"}, headers={"If-None-Match": '"x"'})
    api.put("partners/B", {"name": "Bob"}, headers={"If-None-Match": "*"}, status=404)


@pytest.mark.parametrize("sent", ["x", '"x', '"a" "b"', "", '"x",', '*, "a"', '"a b"'])
def test_what_is_no_tag_is_400(partners: Any, api: Api, sent: str):
    for header in ("If-Match", "If-None-Match"):
        assert header in api.put("partners/A", {"name": "N"}, headers={header: sent}, status=400)["message"]
        assert api.ask("GET", "partners/A", headers={header: sent}).status_code == 400
    assert api.get("partners/A")["name"] == "Ann"


def test_where_the_endpoint_wants_if_match_a_change_without_it_is_428(partners: Any, api: Api):
    Endpoint.objects.update(require_if_match=True)
    registry.clear()
    assert "ETag" in api.put("partners/A", {"name": "N"}, status=428)["message"]
    api.delete("partners/A", status=428)
    # Another tag says nothing of the state that the record is in.
    api.delete("partners/A", status=428, headers={"If-None-Match": '"other"'})
    api.put("partners/A", {"name": "N"}, status=428, headers={"If-None-Match": '"other"'})
    api.post("partners", {"customer_id": "B", "name": "Bob"})
    api.put("partners/A", {"name": "N"}, headers={"If-Match": tag(api)})
    api.delete("partners/A", headers={"If-Match": "*"})


def test_of_fifty_changes_of_the_same_state_exactly_one_is_accepted(hub: Hub):
    hub.partners()
    Api().post("partners", ANN)
    known = tag(Api())
    answers = at_once(
        50, lambda n: Api().ask("PUT", "partners/A", {"name": f"N{n}"}, headers={"If-Match": known})
    )
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 49]
    assert Change.objects.filter(operation="update").count() == 1


def test_what_comes_back_from_odoo_unchanged_keeps_its_tag(hub: Hub, api: Api):
    hub.endpoint(
        "partners", "res.partner", {"customer_id": {"field": "ref", "identifier": True}, "name": "name"}
    )
    api.post("partners", ANN)
    before = tag(api)
    hub.push()
    hub.pull()
    assert (tag(api), api.ask("GET", "partners/A")["X-Sync-State"]) == (before, "synced")
    hub.odoo.execute("res.partner", "write", [one["id"] for one in hub.in_odoo("A")], {"name": "Anna"})
    hub.pull()
    assert tag(api) != before


def test_live_the_tag_is_of_what_odoo_says_and_fifty_changes_of_one_state_are_one(hub: Hub, api: Api):
    hub.partners(mode="live", on_delete="unlink")
    made = api.ask("POST", "partners", ANN)
    known = made["ETag"]
    assert known == tag(api)
    assert api.ask("GET", "partners/A", headers={"If-None-Match": known}).status_code == 304
    answers = at_once(
        10, lambda n: Api().ask("PUT", "partners/A", {"name": f"N{n}"}, headers={"If-Match": known})
    )
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 9]
    api.delete("partners/A", headers={"If-Match": known}, status=412)
    api.delete("partners/A", headers={"If-Match": tag(api)})
    assert not Record.objects.exists()


@pytest.mark.parametrize("mode", ["mirror", "live"])
@pytest.mark.parametrize("restricted", [False, True])
def test_a_post_that_changes_what_one_has_not_read_is_412_and_changes_nothing(
    hub: Hub, mode: str, restricted: bool
):
    endpoint = hub.partners(mode=mode, post_updates=True, auth="bearer")
    api = narrow_at(endpoint, read=["customer_id", "name"] if restricted else [])
    api.post("partners", ANN, headers={"If-Match": "*"}, status=412)
    api.post("partners", ANN)
    stale = tag(api)
    api.put("partners/A", {"name": "Other"})
    for sent in ({"If-Match": stale}, {"If-None-Match": tag(api)}):
        api.post("partners", ANN | {"name": "Mine"}, headers=sent, status=412)
    api.post("partners", {"customer_id": "B", "name": "Bob"}, headers={"If-Match": tag(api)}, status=412)
    api.post("partners", {"customer_id": "B"}, headers={"If-Match": "*"}, status=412)
    assert api.ask("GET", "partners/B").status_code == 404
    assert api.get("partners/A")["name"] == "Other"
    api.post("partners", ANN | {"name": "Mine"}, headers={"If-Match": tag(api)}, status=200)
    api.post("partners", ANN | {"name": "Mine too"}, headers={"If-Match": "*"}, status=200)
    assert api.get("partners/A")["name"] == "Mine too"


@pytest.mark.parametrize("mode", ["mirror", "live"])
def test_a_post_that_takes_new_records_only_meets_no_if_match(hub: Hub, api: Api, mode: str):
    hub.partners(mode=mode)
    key = {"Idempotency-Key": "once"}
    api.post("partners", ANN, headers=key)
    for sent in (tag(api), "*"):
        for body in (ANN, {"customer_id": "B", "name": "Bob"}, [{"customer_id": "B", "name": "Bob"}]):
            api.post("partners", body, headers={"If-Match": sent}, status=412)
    assert api.ask("GET", "partners/B").status_code == 404
    assert api.get("partners/A")["name"] == "Ann"
    api.post("partners", ANN, headers=key)


def test_each_of_a_list_that_is_posted_has_to_be_as_it_was_read(desk: Hub, api: Api):
    desk.partners(post_updates=True)
    both = [ANN, {"customer_id": "B", "name": "Bob"}]
    api.post("partners", both)
    read = f"{tag(api)}, {tag(api, 'partners/B')}"
    new = [one | {"name": "New"} for one in both]
    api.post("partners", new, headers={"If-Match": tag(api)}, status=412)
    api.post("partners", [*new, {"customer_id": "C", "name": "C"}], headers={"If-Match": read}, status=412)
    assert [row["name"] for row in api.get("partners")["results"]] == ["Ann", "Bob"]
    api.post("partners", new, headers={"If-Match": read}, status=200)
    api.post("partners", new, headers={"If-Match": read}, status=412)


@pytest.mark.parametrize("mode", ["mirror", "live"])
def test_where_the_endpoint_wants_if_match_a_post_without_it_changes_nothing(hub: Hub, api: Api, mode: str):
    hub.partners(mode=mode, post_updates=True, require_if_match=True)
    api.post("partners", ANN)
    assert api.post("partners", ANN | {"name": "Mine"}, status=409)["status_code"] == "DUPLICATE"
    assert api.get("partners/A")["name"] == "Ann"
    api.post("partners", ANN | {"name": "Mine"}, headers={"If-Match": tag(api)}, status=200)


def test_of_ten_posts_that_change_the_same_state_exactly_one_is_accepted(hub: Hub):
    hub.partners(post_updates=True)
    Api().post("partners", ANN)
    known = tag(Api())
    answers = at_once(
        10, lambda n: Api().ask("POST", "partners", ANN | {"name": f"N{n}"}, headers={"If-Match": known})
    )
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 9]
