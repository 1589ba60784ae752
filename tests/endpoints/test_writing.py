"""Creating, changing, deleting: what is accepted, what is refused, and how it is said."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from endpoints import registry
from endpoints.models import Change, Endpoint, Record
from mappings.models import Line
from tests.conftest import Hub
from tests.endpoints.conftest import Api


@pytest.fixture
def partners(desk: Hub) -> Any:
    return desk.partners()


def line(key: str) -> int:
    return int(Line.objects.get(key=key).pk)


# Create ---------------------------------------------------------------------------------------------------------


def test_a_post_answers_with_the_record_and_its_address(partners: Any, api: Api):
    answer = api.ask("POST", "partners", {"customer_id": "A", "name": "Ann"})
    assert answer.status_code == 201
    assert answer["Location"] == "http://testserver/bj_api_sync/v1/partners/A"
    assert answer["X-Sync-State"] == "pending"
    assert json.loads(answer.content) == api.get("partners/A")


def test_an_array_answers_with_all_in_their_order(partners: Any, api: Api):
    body = api.post("partners", [{"customer_id": n, "name": n} for n in "CAB"])
    assert (body["count"], [row["customer_id"] for row in body["results"]]) == (3, ["C", "A", "B"])
    assert api.names("partners") == ["C", "A", "B"]


def test_an_array_is_accepted_whole_or_not_at_all_and_says_which(partners: Any, api: Api):
    body = [{"customer_id": "A", "name": "ok"}, {"customer_id": "B", "name": 7}, {"customer_id": "C"}]
    assert api.post("partners", body, status=400) | {"request_id": ""} == {
        "error": "“name”: a text is expected, not 7.",
        "line_id": line("name"),
        "status_code": "TYPE",
        "key": "name",
        "index": 1,
        "request_id": "",
    }
    assert Record.objects.count() == Change.objects.count() == 0


def test_one_object_in_an_array_answers_as_an_array(partners: Any, api: Api):
    assert api.post("partners", [{"customer_id": "A", "name": "Ann"}])["count"] == 1


@pytest.mark.parametrize(
    ("body", "code", "key"),
    [
        ({"customer_id": "A"}, "REQUIRED", "name"),
        ({"name": "Ann"}, "REQUIRED", "customer_id"),
        ({"customer_id": None, "name": "Ann"}, "REQUIRED", "customer_id"),
        ({"customer_id": "", "name": "Ann"}, "REQUIRED", "customer_id"),
        ({"customer_id": "A", "name": ""}, "REQUIRED", "name"),
        ({"customer_id": "A", "name": None}, "REQUIRED", "name"),
        ({"customer_id": 7, "name": "Ann"}, "TYPE", "customer_id"),
        ({"customer_id": "A", "name": "Ann", "latitude": "far"}, "TYPE", "latitude"),
        ({"customer_id": "A", "name": "Ann", "company": 1}, "TYPE", "company"),
        ({"customer_id": "A", "name": "Ann", "company": None}, "TYPE", "company"),
        ({"customer_id": "A", "name": "Ann", "kind": "nonsense"}, "SELECTION", "kind"),
        ({"customer_id": "A", "name": "Ann", "tags": 7}, "TYPE", "tags"),
        ({"customer_id": "A", "name": "Ann", "tags": ["x"]}, "TYPE", "tags"),
        ({"customer_id": "A", "name": "Ann", "updated": "2026-01-01T00:00:00Z"}, "READONLY", "updated"),
        ({"customer_id": "A", "name": "Ann", "address": "Gent"}, "TYPE", "address"),
        ({"customer_id": "A", "name": "Ann", "address": {"town": "Gent"}}, "UNKNOWN_KEY", "address.town"),
        ({"customer_id": "A", "name": "Ann", "address": {"city": {}}}, "TYPE", "address.city"),
        ({"customer_id": "A", "name": "Ann", "id": 7}, "UNKNOWN_KEY", "id"),
        ({"customer_id": "A", "name": "Ann", "": 7}, "UNKNOWN_KEY", ""),
        ({"customer_id": "x" * 256, "name": "Ann"}, "TYPE", "customer_id"),
    ],
)
def test_what_does_not_fit_is_refused_by_line(partners: Any, api: Api, body: Any, code: str, key: str):
    error = api.post("partners", body, status=400)
    assert (error["status_code"], error["key"]) == (code, key)
    lines = {one.key: one.pk for one in Line.objects.all()}
    assert error["line_id"] == lines.get(key)
    assert "index" not in error
    assert api.post("partners", [body, body], status=400)["index"] == 0
    assert api.post("partners", [body], status=400)["index"] == 0
    assert Record.objects.count() == 0


def test_the_text_of_an_unknown_key_lists_those_that_are_and_stays_short(partners: Any, api: Api):
    error = api.post("partners", {"customer_id": "A", "x" * 100_000: 1}, status=400)["error"]
    assert "address.city" in error
    assert "updated" not in error
    assert len(error) < 500


def test_a_taken_identifier_is_409_also_within_one_array(partners: Any, api: Api):
    api.post("partners", {"customer_id": "A", "name": "Ann"})
    error = api.post("partners", {"customer_id": "A", "name": "Other"}, status=409)
    assert (error["status_code"], error["key"], error["line_id"]) == (
        "DUPLICATE",
        "customer_id",
        line("customer_id"),
    )
    assert "index" not in error
    assert api.post("partners", [{"customer_id": "A", "name": "A"}], status=409)["index"] == 0
    body = [{"customer_id": "B", "name": "B"}, {"customer_id": "A", "name": "A"}]
    assert api.post("partners", body, status=409)["index"] == 1
    body = [{"customer_id": "B", "name": "B"}, {"customer_id": "B", "name": "b"}]
    assert api.post("partners", body, status=409)["index"] == 1
    assert api.names("partners") == ["A"]


def test_an_identifier_is_free_again_after_a_deletion(partners: Any, api: Api):
    api.post("partners", {"customer_id": "A", "name": "Ann"})
    api.delete("partners/A")
    api.post("partners", {"customer_id": "A", "name": "Bob"})
    assert api.get("partners/A")["name"] == "Bob"


def test_a_default_is_used_where_the_key_is_not_sent(desk: Hub, api: Api):
    desk.endpoint(
        "partners",
        "res.partner",
        {
            "customer_id": {"field": "ref", "identifier": True},
            "name": {"field": "name", "required": True, "default": "Nobody"},
            "kind": {"field": "type", "default": "invoice"},
            "company": {"field": "is_company", "default": False},
        },
    )
    api.post("partners", {"customer_id": "A"})
    assert api.get("partners/A") == {
        "customer_id": "A",
        "name": "Nobody",
        "kind": "invoice",
        "company": False,
    }
    api.post("partners", {"customer_id": "B", "name": "B", "kind": None, "company": True})
    assert api.get("partners/B") == {"customer_id": "B", "name": "B", "kind": None, "company": True}
    assert api.put("partners/B", {"company": False})["kind"] is None


def test_a_selection_is_taken_by_value_or_by_label(partners: Any, api: Api):
    assert api.post("partners", {"customer_id": "A", "name": "A", "kind": "invoice"})["kind"] == "invoice"
    assert api.post("partners", {"customer_id": "B", "name": "B", "kind": "Other address"})["kind"] == "other"


# Change ---------------------------------------------------------------------------------------------------------


def test_only_the_keys_sent_are_changed(partners: Any, api: Api):
    api.post("partners", {"customer_id": "A", "name": "Ann", "address": {"city": "Gent", "zip": "9000"}})
    body = api.put("partners/A", {"address": {"city": "Brugge"}, "email": "a@example.com"})
    assert (body["name"], body["email"]) == ("Ann", "a@example.com")
    assert body["address"] == {"city": "Brugge", "zip": "9000"}
    assert body == api.get("partners/A")


def test_null_empties_what_may_be_empty(partners: Any, api: Api):
    api.post("partners", {"customer_id": "A", "name": "Ann", "email": "a@example.com", "tags": [1]})
    body = api.put("partners/A", {"email": None, "tags": []})
    assert (body["email"], body["tags"]) == (None, [])
    assert api.put("partners/A", {"name": None}, status=400)["status_code"] == "REQUIRED"


def test_a_null_that_was_read_of_what_odoo_has_not_told_yet_says_nothing(desk: Hub, api: Api):
    desk.partners()
    read = api.post("partners", {"customer_id": "A", "name": "Ann", "address": {"zip": "9000"}})
    del read["updated"]
    assert (read["company"], read["kind"]) == (None, None)
    assert api.put("partners/A", read | {"email": "a@example.com"})["email"] == "a@example.com"
    assert Change.objects.latest("id").values == {"email": "a@example.com"}
    # What is known to be there is emptied.
    api.put("partners/A", {"email": None, "address.zip": None})
    assert Change.objects.latest("id").values == {"email": None, "zip": None}
    desk.push()
    [partner] = desk.in_odoo("A", fields=("type", "email", "zip"))
    assert (partner["type"], partner["email"], partner["zip"]) == ("contact", False, False)
    api.put("partners/A", {"kind": None})
    assert Change.objects.latest("id").values == {"type": None}


def test_null_empties_a_record_whose_name_but_for_a_slash_is_that_of_one_on_its_way(desk: Hub, api: Api):
    desk.partners()
    api.post("partners", {"customer_id": "A/", "name": "Ann"})
    desk.push()
    api.post("partners", {"customer_id": "A", "name": "Bob"})
    api.put("partners/A%2F", {"kind": None})
    assert Change.objects.latest("id").values == {"type": None}


def test_a_record_can_be_given_another_identifier(partners: Any, api: Api):
    api.post("partners", [{"customer_id": "A", "name": "Ann"}, {"customer_id": "B", "name": "Bob"}])
    assert api.put("partners/A", {"customer_id": "C"})["customer_id"] == "C"
    api.get("partners/A", status=404)
    assert api.put("partners/C", {"customer_id": "B"}, status=409)["status_code"] == "DUPLICATE"
    assert api.put("partners/C", {"customer_id": None}, status=400)["status_code"] == "REQUIRED"
    assert api.put("partners/C", {"customer_id": "x" * 256}, status=400)["status_code"] == "TYPE"
    assert api.get("partners/C")["name"] == "Ann"


@pytest.mark.parametrize("body", [[], [{"name": "x"}], "x", 7, None])
def test_a_change_is_one_object(partners: Any, api: Api, body: Any):
    api.post("partners", {"customer_id": "A", "name": "Ann"})
    assert "object" in api.ask("PUT", "partners/A", raw=json.dumps(body).encode()).content.decode()


def test_an_empty_change_changes_nothing(partners: Any, api: Api):
    before = api.post("partners", {"customer_id": "A", "name": "Ann"})
    assert api.put("partners/A", {}) == before
    assert Change.objects.count() == 1


def test_what_is_not_there_cannot_be_changed_or_deleted(partners: Any, api: Api):
    api.put("partners/nobody", {"name": "x"}, status=404)
    api.delete("partners/nobody", status=404)


# Delete ---------------------------------------------------------------------------------------------------------


def test_a_deleted_record_is_gone_at_once(partners: Any, api: Api):
    api.post("partners", {"customer_id": "A", "name": "Ann"})
    assert "“A”" in api.delete("partners/A")["message"]
    api.get("partners/A", status=404)
    api.put("partners/A", {"name": "x"}, status=404)
    api.delete("partners/A", status=404)
    assert api.get("partners")["count"] == 0


def test_deleting_where_odoo_cannot_archive_is_409_and_says_what_to_change(desk: Hub, api: Api):
    desk.endpoint("lines", "sale.order.line", {"id": {"field": "id", "identifier": True}, "text": "name"})
    assert "on delete" in api.delete("lines/7", status=409)["message"]


@pytest.mark.parametrize("query", ["?dry_run=1", "?name=x", "?limit=5", "?fields=name"])
def test_a_write_with_query_parameters_is_refused_not_half_understood(partners: Any, api: Api, query: str):
    api.post("partners", {"customer_id": "A", "name": "Ann"})
    for method, path in (("POST", "partners"), ("PUT", "partners/A"), ("DELETE", "partners/A")):
        answer = api.ask(method, path, {"customer_id": "A", "name": "Bob"}, QUERY_STRING=query[1:])
        assert answer.status_code == 400
    assert api.get("partners/A")["name"] == "Ann"


# Named by Odoo --------------------------------------------------------------------------------------------------


@pytest.fixture
def tags(hub: Hub) -> Any:
    hub.connection.refresh_from_db()
    return hub.endpoint(
        "tags",
        "res.partner.category",
        {"id": {"field": "id", "identifier": True}, "name": {"field": "name", "required": True}},
    )


@pytest.fixture
def pushing(hub: Hub, tags: Any) -> Iterator[None]:
    """A worker that pushes whatever waits, as long as the test runs."""
    stop = threading.Event()

    def work() -> None:
        try:
            while not stop.wait(0.02):
                hub.push("tags")
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()


def test_a_post_waits_for_the_id_that_odoo_gives(hub: Hub, pushing: None, api: Api):
    answer = api.ask("POST", "tags", {"name": "New"})
    assert answer.status_code == 201
    body = json.loads(answer.content)
    assert hub.odoo.execute("res.partner.category", "read", [body["id"]], ["name"])[0]["name"] == "New"
    assert answer["Location"].endswith(f"/tags/{body['id']}")
    assert api.get(f"tags/{body['id']}") == body


def test_an_array_waits_for_all_its_ids_in_order(pushing: None, api: Api):
    body = api.post("tags", [{"name": f"New {n}"} for n in range(10)])
    assert [row["name"] for row in body["results"]] == [f"New {n}" for n in range(10)]
    assert len({row["id"] for row in body["results"]}) == 10


def test_where_odoo_is_slow_the_answer_is_202_with_a_handle(hub: Hub, tags: Any, api: Api, settings: Any):
    settings.API_WAIT_FOR_ID = 0.1
    answer = api.ask("POST", "tags", {"name": "New"})
    assert answer.status_code == 202
    assert json.loads(answer.content) == {"id": None, "name": "New"}
    handle = answer["Location"].removeprefix("http://testserver")
    assert api.get(handle) == {"id": None, "name": "New"}
    api.put(handle, {"name": "Newer"})
    hub.push("tags")
    found = api.get(handle)
    assert (found["name"], api.get(f"tags/{found['id']}")) == ("Newer", found)
    api.delete(handle)
    api.get(f"tags/{found['id']}", status=404)


def test_where_odoo_is_slow_each_of_a_list_is_found_by_its_address(
    hub: Hub, tags: Any, api: Api, settings: Any
):
    settings.API_WAIT_FOR_ID = 0.1
    answer = api.post("tags", [{"name": "One"}, {"name": "Two"}], status=202)
    assert answer["results"] == [{"id": None, "name": "One"}, {"id": None, "name": "Two"}]
    one, two = (address.removeprefix("http://testserver") for address in answer["locations"])
    hub.push("tags")
    assert [api.get(one)["name"], api.get(two)["name"]] == ["One", "Two"]
    assert None not in (api.get(one)["id"], api.get(two)["id"])


def test_an_id_is_repeated_but_never_sent_or_changed(pushing: None, api: Api):
    assert api.post("tags", {"id": 7, "name": "New"}, status=400)["status_code"] == "READONLY"
    made = api.post("tags", {"name": "New"})
    assert api.put(f"tags/{made['id']}", {"id": made["id"], "name": "Newer"})["name"] == "Newer"
    assert api.put(f"tags/{made['id']}", {"id": float(made["id"]), "name": "New"})["name"] == "New"
    assert api.put(f"tags/{made['id']}", {"id": made["id"] + 1}, status=400)["status_code"] == "READONLY"
    assert api.put(f"tags/{made['id']}", {"id": None}, status=400)["status_code"] == "READONLY"


@pytest.fixture
def audit_log_takes_nothing(transactional_db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(
            """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$;
               CREATE TRIGGER refuse BEFORE INSERT ON audit_exchange EXECUTE FUNCTION refuse()"""
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION refuse CASCADE")


@pytest.mark.parametrize("key", ["", "once"])
def test_what_cannot_be_noted_in_the_audit_log_is_not_accepted(
    hub: Hub, key: str, audit_log_takes_nothing: None
):
    hub.partners()
    headers = {"Idempotency-Key": key} if key else {}
    with pytest.raises(DatabaseError, match="no room"):
        Client(headers=headers).post(
            "/bj_api_sync/v1/partners", {"customer_id": "A", "name": "Ann"}, content_type="application/json"
        )
    assert not Record.objects.exists()
    assert not Change.objects.exists()


# Many at once ---------------------------------------------------------------------------------------------------


def at_once(number: int, work: Any) -> list[Any]:
    """`work(n)` in as many threads, begun together; their results."""
    gate, results = threading.Barrier(number), [None] * number

    def run(place: int) -> None:
        try:
            gate.wait()
            results[place] = work(place)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_twenty_posts_of_one_identifier_make_one_record(hub: Hub):
    hub.partners()
    registry.get("partners")
    answers = at_once(20, lambda n: Api().ask("POST", "partners", {"customer_id": "A", "name": f"N{n}"}))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 19]
    assert Record.objects.count() == Change.objects.count() == 1
    [winner] = [json.loads(answer.content)["name"] for answer in answers if answer.status_code == 201]
    assert Api().get("partners/A")["name"] == winner


def test_twenty_arrays_that_overlap_are_taken_whole_or_not_at_all(hub: Hub):
    hub.partners()
    registry.get("partners")

    def work(n: int) -> Any:
        names = [f"X{n}", f"X{(n + 1) % 20}"]
        return Api().ask("POST", "partners", [{"customer_id": name, "name": "N"} for name in names])

    answers = at_once(20, work)
    assert {answer.status_code for answer in answers} <= {201, 409, 503}
    accepted = sum(answer.status_code == 201 for answer in answers)
    assert accepted
    assert Record.objects.count() == 2 * accepted


def test_twenty_changes_at_once_are_all_applied_in_order_and_none_is_lost(hub: Hub):
    hub.partners()
    Api().post("partners", {"customer_id": "A", "name": "Ann"})
    Endpoint.objects.get()

    def work(n: int) -> Any:
        body = (
            {"name": f"N{n}"}
            if n % 2
            else {("email", "kind", "latitude", "company", "tags")[n % 5]: values[n % 5]}
        )
        return Api().ask("PUT", "partners/A", body)

    values: list[Any] = ["a@example.com", "other", 1.5, True, [1]]
    answers = at_once(20, work)
    assert {answer.status_code for answer in answers} == {200}
    found = Api().get("partners/A")
    assert [found[key] for key in ("email", "kind", "latitude", "company", "tags")] == values
    changes = Change.objects.order_by("id").values_list("values", flat=True)
    replayed: dict[str, Any] = {}
    for one in changes:
        replayed |= one
    assert replayed == Record.objects.get().values
    assert Record.objects.get().version == len(changes)


def test_changes_and_deletions_at_once_end_in_one_state(hub: Hub):
    hub.partners()
    Api().post("partners", {"customer_id": "A", "name": "Ann"})
    answers = at_once(
        10,
        lambda n: (
            Api().ask("DELETE", "partners/A") if n == 5 else Api().ask("PUT", "partners/A", {"name": f"N{n}"})
        ),
    )
    assert {answer.status_code for answer in answers} <= {200, 404}
    assert answers[5].status_code == 200
    assert Change.objects.latest("id").operation == "delete"
    Api().get("partners/A", status=404)


def test_what_collides_in_the_database_is_not_told_as_an_identifier_that_is_taken(partners: Any, api: Api):
    """As in a copied database whose counters went back."""
    api.post("partners", [{"customer_id": name, "name": name} for name in "AB"])
    first, _ = Change.objects.order_by("pk").values_list("pk", flat=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('endpoints_change', 'id'), %s)", [first])
    answer = api.ask("POST", "partners", {"customer_id": "C", "name": "Cid"})
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert "exists" not in answer.json()["message"]
    assert not Record.objects.filter(external_id="C").exists()
    assert api.post("partners", {"customer_id": "C", "name": "Cid"})["customer_id"] == "C"
