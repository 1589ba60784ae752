"""Endpoints in live mode: the same mapping straight onto Odoo, nothing stored."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from endpoints import outbox, registry
from endpoints.models import Change, Endpoint, Record
from mappings.models import Connection, Line
from synchub.sync.tasks import read_touched
from tests.conftest import Hub
from tests.endpoints.conftest import Api
from tests.endpoints.test_writing import at_once
from tests.sync.test_relations import order_in_odoo, sample

URL = "/bj_api_sync/v1/partners"
ORDERS = "/bj_api_sync/v1/orders"


def ask(method: str, url: str, body: Any = None) -> Any:
    return getattr(Client(), method)(url, *([] if body is None else [body]), content_type="application/json")


@pytest.fixture
def live(hub: Hub) -> Hub:
    hub.partners(
        mode="live",
        on_delete="unlink",
        parameters={
            "name_like": ("name", "ilike"),
            "changed_since": ("write_date", ">="),
            "ids": ("id", "in"),
        },
    )
    return hub


def test_a_record_made_in_odoo_is_read_at_once(live: Hub):
    live.odoo.execute("res.partner", "create", {"ref": "X1", "name": "A", "city": "Gent"})
    answer = Client().get(f"{URL}/X1")
    assert answer.status_code == 200
    assert answer.json()["address"]["city"] == "Gent"
    assert not Record.objects.exists()


def test_a_record_whose_name_odoo_writes_otherwise_is_not_made_twice(hub: Hub):
    lines = {"site": {"field": "website", "identifier": True}, "name": "name"}
    hub.endpoint("sites", "res.partner", lines, mode="live")
    url, body = "/bj_api_sync/v1/sites", {"site": "www.once.example", "name": "A"}
    assert ask("post", url, body).json()["site"] == "http://www.once.example"
    for again in (body, [{"site": "other.example", "name": "B"}, body]):
        answer = ask("post", url, again)
        assert answer.status_code == 409
        assert "“www.once.example” exists already, as “http://www.once.example”." in answer.json()["error"]
        assert answer.json().get("index") == (1 if isinstance(again, list) else None)
    assert hub.odoo.execute("res.partner", "search_count", [("website", "like", "once.example")]) == 1
    assert hub.odoo.execute("res.partner", "search_count", [("website", "like", "other.example")]) == 0


def test_what_a_push_is_about_to_create_is_not_created_here_as_well(live: Hub):
    lines = {"customer_id": {"field": "ref", "identifier": True}, "name": "name"}
    copies = live.endpoint("copies", "res.partner", lines)
    body = {"customer_id": "X1", "name": "A"}
    assert ask("post", "/bj_api_sync/v1/copies", body).status_code == 201
    token = uuid.uuid4()
    assert outbox.claim(copies.pk, token, 10)
    answer = ask("post", URL, body)
    assert (answer.status_code, "on its way to Odoo in this moment" in answer.json()["message"]) == (
        409,
        True,
    )
    assert ask("post", URL, {**body, "customer_id": "X2"}).status_code == 201
    Change.objects.update(state="pending", claim_token=None, lease_until=None)
    live.push("copies")
    assert "exists already" in ask("post", URL, body).json()["error"]
    assert len(live.in_odoo("X1")) == 1


def test_what_is_written_here_is_nobody_s_edit_for_an_endpoint_that_keeps_copies(live: Hub):
    lines = {"customer_id": {"field": "ref", "identifier": True}, "name": "name", "email": "email"}
    copies = live.endpoint("copies", "res.partner", lines)
    kept = "/bj_api_sync/v1/copies/X1"
    assert ask("post", URL, {"customer_id": "X1", "name": "A", "email": "a@example.com"}).status_code == 201
    read_touched(copies.pk)
    assert Client().get(kept).json()["email"] == "a@example.com"
    assert ask("put", f"{URL}/X1", {"email": "b@example.com"}).status_code == 200
    read_touched(copies.pk)
    assert ask("put", kept, {"email": "c@example.com"}).status_code == 200
    live.push("copies")
    assert live.in_odoo("X1", fields=("email",))[0]["email"] == "c@example.com"
    assert Change.objects.get().error == ""
    assert Client().delete(f"{URL}/X1").status_code == 200
    read_touched(copies.pk)
    assert Client().get(kept).status_code == 404


def test_a_line_that_is_written_here_is_nobody_s_edit_of_the_record_that_it_is_elsewhere(live: Hub):
    named = {"id": {"field": "ref", "identifier": True}, "name": "name", "email": "email"}
    contacts = {"field": "child_ids", "nested": live.mapping("contact", "res.partner", named)}
    live.endpoint("companies", "res.partner", {**named, "contacts": contacts}, mode="live")
    people = live.endpoint("people", "res.partner", named)
    inside = [{"id": one, "name": one} for one in "BC"]
    made = ask("post", "/bj_api_sync/v1/companies", {"id": "A", "name": "A", "contacts": inside})
    assert made.status_code == 201
    live.pull("people")
    sent = {"contacts": [{"id": "B", "email": "first@example.com"}]}
    assert ask("put", "/bj_api_sync/v1/companies/A", sent).status_code == 200
    read_touched(people.pk)
    assert Client().get("/bj_api_sync/v1/people/B").json()["email"] == "first@example.com"
    assert Client().get("/bj_api_sync/v1/people/C").status_code == 404
    assert ask("put", "/bj_api_sync/v1/people/B", {"email": "second@example.com"}).status_code == 200
    live.push("people")
    assert live.in_odoo("B", fields=("email",))[0]["email"] == "second@example.com"


def test_a_written_record_is_in_odoo_when_the_answer_comes(live: Hub):
    created = ask("post", URL, {"customer_id": "X1", "name": "A", "address": {"city": "Gent"}})
    assert created.status_code == 201
    assert created["Location"].endswith("/partners/X1")
    assert created.json()["kind"] == "contact"
    changed = ask("put", f"{URL}/X1", {"email": "a@example.com"})
    assert (changed.status_code, changed.json()["email"]) == (200, "a@example.com")
    [partner] = live.in_odoo("X1", fields=("email", "city"))
    assert (partner["email"], partner["city"]) == ("a@example.com", "Gent")
    assert Client().delete(f"{URL}/X1").status_code == 200
    assert live.in_odoo("X1") == []
    assert not Change.objects.exists()


def test_a_record_cannot_be_given_the_name_of_another_one(live: Hub):
    ask("post", URL, [{"customer_id": name, "name": "A"} for name in ("X1", "X2", "X3")])
    archived = [one["id"] for one in live.in_odoo("X3")]
    live.odoo.execute("res.partner", "write", archived, {"active": False})
    for name in ("X2", "X3"):
        refused = ask("put", f"{URL}/X1", {"customer_id": name, "name": "B"})
        assert (refused.status_code, refused.json()["status_code"]) == (409, "DUPLICATE")
    assert "archived in Odoo" in refused.json()["error"]
    assert [one["name"] for one in live.in_odoo("X1", "X2", "X3")] == ["A", "A", "A"]
    assert ask("put", f"{URL}/X1", {"customer_id": "X1", "name": "B"}).status_code == 200
    assert ask("put", f"{URL}/X1", {"customer_id": "X4"}).json()["customer_id"] == "X4"


ONE = {"customer_id": "ONE", "name": "N"}
AT_ONCE: dict[str, tuple[Callable[[int], tuple[str, str, Any]], list[int]]] = {
    "post": (lambda _: ("post", URL, ONE), [201, 409, 409, 409, 409]),
    "list": (lambda n: ("post", URL, [ONE, {"customer_id": f"L{n}", "name": "N"}]), [201, 409, 409, 409, 409]),
    "rename": (lambda n: ("put", f"{URL}/R{n}", {"customer_id": "ONE"}), [200, 409, 409, 409, 409]),
    "upsert": (lambda _: ("post", f"{URL}-upserted", ONE), [200, 200, 200, 200, 201]),
    "put": (lambda _: ("put", f"{URL}-upserted/ONE", {"name": "N"}), [200, 200, 200, 200, 201]),
}  # fmt: skip


@pytest.mark.parametrize("how", AT_ONCE)
def test_a_name_that_several_ask_for_at_once_is_one_records(live: Hub, how: str):
    """In Odoo nothing keeps two records from having the same reference."""
    lines = {"customer_id": {"field": "ref", "identifier": True}, "name": "name"}
    live.endpoint("partners-upserted", "res.partner", lines, mode="live", post_updates=True, put_creates=True)
    live.odoo.execute("res.partner", "create", [{"ref": f"R{n}", "name": "N"} for n in range(5)])
    asked, expected = AT_ONCE[how]
    answers = at_once(5, lambda n: ask(*asked(n)))
    assert sorted(answer.status_code for answer in answers) == expected
    assert len(live.in_odoo("ONE")) == 1


def test_an_id_that_odoo_gave_may_be_repeated_with_and_without_a_slash_and_not_changed(hub: Hub):
    hub.endpoint(
        "tags", "res.partner.category",
        {"id": {"field": "id", "identifier": True, "direction": "from_odoo"}, "name": "name"},
        mode="live",
    )  # fmt: skip
    tags = URL.replace("partners", "tags")
    made = ask("post", tags, {"name": "T"}).json()["id"]
    for end in ("", "/"):
        answer = ask("put", f"{tags}/{made}{end}", {"id": made, "name": f"T{end}"})
        assert (answer.status_code, answer.json()["name"]) == (200, f"T{end}")
        refused = ask("put", f"{tags}/{made}{end}", {"id": made + 1, "name": "U"})
        assert (refused.status_code, refused.json()["status_code"]) == (400, "READONLY")
    assert ask("get", f"{tags}/{made}").json()["name"] == "T/"


def test_several_are_created_in_one_call_or_none(live: Hub):
    good, bad = {"customer_id": "X1", "name": "A"}, {"customer_id": "X2", "name": "B", "kind": "nope"}
    assert ask("post", URL, [good, bad]).json()["index"] == 1
    assert live.in_odoo("X1", "X2") == []
    assert ask("post", URL, [good, {"customer_id": "X2", "name": "B"}]).json()["count"] == 2
    assert len(live.in_odoo("X1", "X2")) == 2


def test_a_page_is_counted_linked_ordered_and_filtered_by_odoo(live: Hub):
    live.odoo.execute("res.partner", "create", [{"ref": f"P{n}", "name": f"Pager {n}"} for n in range(7)])
    page = Client().get(f"{URL}?name_like=pager&ordering=-customer_id&limit=3&offset=3").json()
    assert [one["customer_id"] for one in page["results"]] == ["P3", "P2", "P1"]
    assert page["count"] == 7
    assert page["next"].endswith("offset=6&ordering=-customer_id") or "offset=6" in page["next"]
    assert Client().get(f"{URL}?customer_id=P4").json()["count"] == 1
    assert Client().get(f"{URL}?email=&name_like=pager").json()["count"] == 7
    ids = [one["id"] for one in live.in_odoo("P1", "P2")]
    assert Client().get(f"{URL}?ids={ids[0]},{ids[1]}").json()["count"] == 2


def test_a_stamp_of_odoo_s_is_compared_as_it_is_shown(hub: Hub):
    """Odoo keeps fractions of a second, which nobody is shown."""
    lines = {"ref": {"field": "ref", "identifier": True}, "name": "name", "at": "write_date"}
    operators = {"from": ">=", "after": ">", "until": "<=", "before": "<", "not": "!="}
    operators |= {"among": "in", "none_of": "not in"}
    parameters = {key: ("write_date", operator) for key, operator in operators.items()}
    hub.endpoint(
        "partners", "res.partner", lines, mode="live", parameters=parameters, domain="[('ref', '=', 'X1')]"
    )
    at = ask("post", URL, {"ref": "X1", "name": "A"}).json()["at"]
    counts = {key: Client().get(URL, {key: at}).json()["count"] for key in ("at", *operators)}
    assert counts == {
        "at": 1, "from": 1, "after": 0, "until": 1, "before": 0, "not": 0, "among": 1, "none_of": 0
    }  # fmt: skip
    for others, found in ((f"2026-01-31T08:00:00Z,,{at}", (1, 0)), ("2026-01-31T08:00:00Z,", (0, 1))):
        lists = [Client().get(URL, {key: others}).json()["count"] for key in ("among", "none_of")]
        assert tuple(lists) == found


def test_a_list_is_not_filtered_by_what_odoo_cannot_search_by(hub: Hub):
    """Odoo takes such a condition for true: all records would be found."""
    lines = {
        "ref": {"field": "ref", "identifier": True},
        "name": "name",
        "address": {"field": "contact_address", "direction": "from_odoo"},
    }
    hub.endpoint(
        "partners", "res.partner", lines, mode="live", parameters={"like": ("contact_address", "ilike")}
    )
    for query in ("address=nowhere", "like=nowhere"):
        answer = Client().get(f"{URL}?{query}")
        assert answer.status_code == 400
        assert "is not a parameter here. These are: ref, name, limit" in answer.json()["message"]
    Endpoint.objects.update(mode="mirror")
    registry.clear()
    hub.pull()
    assert Client().get(f"{URL}?address=nowhere").json()["count"] == 0


PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def test_of_files_a_list_is_only_asked_whether_there_is_one(hub: Hub, api: Api):
    """Odoo takes every other condition on them for true: all records would be found."""
    for ref, image in (("A", PNG), ("B", False)):
        hub.odoo.execute("res.partner", "create", {"name": ref, "ref": ref, "image_1920": image})
    lines = {"customer_id": {"field": "ref", "identifier": True}, "photo": "image_1920"}
    hub.endpoint(
        "partners", "res.partner", lines, mode="live", domain="[('ref', 'in', ['A', 'B'])]",
        parameters={"photo_not": ("image_1920", "!="), "photo_in": ("image_1920", "in"), "after": ("image_1920", ">")},
    )  # fmt: skip
    assert api.names("partners", {"photo": ""}) == ["B"]
    assert api.names("partners", {"photo_not": ""}) == ["A"]
    for key in ("photo", "photo_not"):
        assert "whether there is one" in api.get("partners", {key: PNG}, status=400)["message"]
    for key in ("photo_in", "after"):
        assert "is not a parameter here" in api.get("partners", {key: PNG}, status=400)["message"]
    described = api.get("openapi.json")["paths"]["/partners"]["get"]["parameters"]
    told = {one["name"]: one["schema"] for one in described if "name" in one}
    assert told["photo"]["maxLength"] == told["photo_not"]["maxLength"] == 0
    assert not {"photo_in", "after"} & set(told)


def test_a_list_is_not_put_in_order_by_what_odoo_cannot_sort_by(hub: Hub, api: Api):
    lines = {
        "customer_id": {"field": "ref", "identifier": True},
        "address": {"field": "contact_address", "direction": "from_odoo"},
    }
    hub.endpoint("partners", "res.partner", lines, mode="live")
    refused = api.get("partners", {"ordering": "-address"}, status=400)["message"]
    assert refused == "“ordering”: Odoo cannot put records in order by address."
    described = api.get("openapi.json")["paths"]["/partners"]["get"]["parameters"]
    [ordering] = [one for one in described if one.get("name") == "ordering"]
    assert ordering["schema"]["items"]["enum"] == ["customer_id", "-customer_id"]


@pytest.mark.parametrize(
    ("method", "url", "body", "status"),
    [
        ("get", f"{URL}/NOBODY", None, 404),
        ("put", f"{URL}/NOBODY", {"name": "A"}, 404),
        ("post", URL, {"customer_id": "TAKEN", "name": "A"}, 409),
        ("post", URL, {"customer_id": "X9", "name": "A", "kind": "nope"}, 400),
        ("get", f"{URL}?nope=1", None, 400),
        ("patch", f"{URL}/TAKEN", {}, 405),
    ],
)
def test_what_is_wrong_is_told_as_in_mirror_mode(live: Hub, method: str, url: str, body: Any, status: int):
    live.odoo.execute("res.partner", "create", {"ref": "TAKEN", "name": "A"})
    answer = ask(method, url, body)
    assert answer.status_code == status
    assert {"message", "error"} & set(answer.json())


def test_what_odoo_refuses_is_a_400_with_its_own_words(live: Hub):
    order = live.odoo.execute("sale.order", "search_read", [], fields=["partner_id"], limit=1, load="")[0]
    [partner] = live.odoo.execute("res.partner", "read", [order["partner_id"]], fields=["ref"])
    answer = Client().delete(f"{URL}/{partner['ref']}")
    assert answer.status_code == 400
    assert "another model requires the record" in answer.json()["error"]


@pytest.mark.parametrize(
    ("method", "body", "key", "index"),
    [
        ("put", {"tags": [99999999]}, "tags", None),
        ("put", {"name": None}, "name", None),
        ("post", {"customer_id": "X2", "name": "B", "contacts": [{"id_there": "Y1"}]}, "contacts[0].called", None),
        ("put", {"contacts": [{"id_there": "Y1", "called": "Ann"}, {"id_there": "Y2"}]}, "contacts[1].called", None),
        ("put", {"contacts": [{"id_there": "Y2"}]}, "contacts[0].called", None),
        ("post", [{"customer_id": "X2", "name": "B"}, {"customer_id": "X3"}], "name", 1),
        ("post", [{"customer_id": "X2", "name": "B", "tags": [99999999]}, {"customer_id": "X3", "name": "C"}], "tags", 0),
    ],
)  # fmt: skip
def test_what_odoo_refuses_to_write_is_told_with_its_line(
    hub: Hub, method: str, body: Any, key: str, index: int | None
):
    contact = hub.mapping(
        "contact", "res.partner", {"id_there": {"field": "ref", "identifier": True}, "called": "name"}
    )
    hub.endpoint(
        "partners", "res.partner",
        {
            "customer_id": {"field": "ref", "identifier": True}, "name": "name",
            "tags": "category_id", "contacts": {"field": "child_ids", "nested": contact},
        },
        mode="live",
    )  # fmt: skip
    ask("post", URL, {"customer_id": "X1", "name": "A"})
    refused = ask(method, URL if method == "post" else f"{URL}/X1", body)
    told = refused.json()
    assert refused.status_code == 400
    assert (told["key"], told.get("index"), told["status_code"]) == (key, index, "ODOO")
    line = Line.objects.get(pk=told["line_id"])
    assert line.key == key.rpartition(".")[2]
    assert [one["name"] for one in hub.in_odoo("X1", "X2", "X3", "Y1", "Y2")] == ["A"]


def test_a_record_that_is_gone_is_missing_and_one_that_a_write_names_is_a_mistake_of_the_write(hub: Hub):
    hub.endpoint(
        "partners", "res.partner",
        {"customer_id": {"field": "ref", "identifier": True}, "name": "name", "parent": "parent_id"},
        mode="live",
    )  # fmt: skip
    ask("post", URL, {"customer_id": "X1", "name": "A"})
    refused = ask("put", f"{URL}/X1", {"parent": 99999999})
    assert (refused.status_code, refused.json()["key"]) == (400, "parent")
    assert "names a record that Odoo does not have" in refused.json()["error"]
    assert ask("put", f"{URL}/X2", {"parent": 1}).status_code == 404


def test_a_record_is_found_by_the_second_in_which_odoo_stamped_it(live: Hub):
    [made] = live.odoo.execute("res.partner", "create", [{"name": "Ann", "ref": "STAMPED"}])
    live.odoo.write_as_begun("2026-03-01 10:00:00.500000", "res.partner", [made], {"name": "Ann"})
    document = Client().get(f"{URL}/STAMPED").json()
    found = Client().get(URL, {"updated": document["updated"]}).json()
    assert (document["updated"], found["results"]) == ("2026-03-01T10:00:00Z", [document])


def test_a_missing_right_is_a_403(live: Hub):
    Connection.objects.update(login="demo", secret="demo")
    connection = Connection.objects.get()
    connection.login, connection.secret = "demo", "demo"
    connection.save()
    live.odoo.execute("res.partner", "create", {"ref": "X1", "name": "A"})
    assert Client().delete(f"{URL}/X1").status_code == 403


def test_what_odoo_does_not_tell_of_one_record_is_null_in_a_list_and_stays_when_it_is_sent_back(hub: Hub):
    """A country that an access rule hides from the hub's user, tags of which it sees some, a number that it is not told."""
    country = hub.mapping("country", "res.country", {"code": {"field": "code", "identifier": True}})
    tag = hub.mapping("tag", "res.partner.category", {"name": {"field": "name", "identifier": True}})
    hub.endpoint(
        "partners",
        "res.partner",
        {
            "customer_id": {"field": "ref", "identifier": True},
            "name": "name",
            "country": {"field": "country_id", "nested": country},
            "tags": {"field": "category_id", "nested": tag},
            "colour": "color",
        },
        mode="live",
        domain="[('ref', 'in', ['X1', 'X2', 'X3'])]",
    )
    [belgium] = hub.odoo.execute("res.country", "search", [("code", "=", "BE")])
    tags = hub.odoo.execute("res.partner.category", "create", [{"name": "Seen"}, {"name": "Unseen"}])
    given = {"country_id": belgium, "color": 3, "category_id": [(6, 0, tags)]}
    [hidden, _, _] = hub.odoo.execute(
        "res.partner",
        "create",
        [
            {"ref": "X2", "name": "B"} | given,
            {"ref": "X1", "name": "A"},
            {"ref": "X3", "name": "C", "color": 5},
        ],
    )
    hub.odoo.odd.hide("res.country", [belgium])
    hub.odoo.odd.hide("res.partner.category", tags[1:])
    hub.odoo.odd.swell("res.partner", hidden, "color")
    shown = {"customer_id": "X2", "name": "B", "country": None, "tags": ["Seen"], "colour": None}
    found = Client().get("/bj_api_sync/v1/partners?ordering=-name").json()
    assert [one["customer_id"] for one in found["results"]] == ["X3", "X2", "X1"]
    assert (found["results"][0]["colour"], found["results"][1]) == (5, shown)
    assert Client().get("/bj_api_sync/v1/partners?cursor=").json()["results"][0] == shown
    answer = ask("put", f"{URL}/X2", shown | {"name": "B2"})
    assert (answer.status_code, answer.json()) == (200, shown | {"name": "B2"})
    [there] = hub.odoo.execute("res.partner", "read", [hidden], ["name", *given])
    assert there["name"] == "B2"
    assert {**given, "category_id": tags} == {
        "country_id": there["country_id"][0], **{name: there[name] for name in given if name != "country_id"}
    }  # fmt: skip


def test_what_was_written_and_is_not_shown_any_more_is_told_to_be_written(live: Hub):
    """By a record rule, say: of an order that gets another salesman."""
    [known] = live.odoo.execute("res.partner", "create", [{"ref": "X1", "name": "A"}])
    live.odoo.odd.hide("res.partner", [known + 1])
    made = ask("post", URL, {"customer_id": "X2", "name": "B"})
    assert (made.status_code, [one["name"] for one in live.in_odoo("X2")]) == (403, ["B"])
    assert "Odoo has taken what was sent" in made.json()["message"]
    assert "Do not send it again" in made.json()["message"]


@pytest.mark.parametrize("method", ["post", "put"])
def test_what_cannot_be_read_once_it_is_written_is_not_told_to_be_undone(live: Hub, method: str):
    live.odoo.execute("res.partner", "create", {"ref": "X1", "name": "A"})
    live.odoo.faults.arm("serialization", model="res.partner", method="read")
    url, body = (
        (URL, {"customer_id": "X2", "name": "B"}) if method == "post" else (f"{URL}/X1", {"name": "B"})
    )
    answer = ask(method, url, body)
    assert answer.status_code == 502
    assert "whether it did what was asked is not known" in answer.json()["message"]
    assert "B" in [one["name"] for one in live.in_odoo("X1", "X2")]


def test_an_odoo_that_is_slow_is_a_504_and_one_that_is_away_a_502(live: Hub):
    Connection.objects.update(read_timeout=1)
    live.odoo.faults.arm("slow", method="search_read", seconds=3)
    assert Client().get(f"{URL}/X1").status_code == 504
    Connection.objects.update(url="http://127.0.0.1:9")
    assert Client().get(f"{URL}/X1").status_code == 502


def test_nested_orders_cost_a_fixed_number_of_calls(hub: Hub):
    hub.orders(mode="live")
    ask("get", ORDERS)  # logs in
    costs = []
    for count in (2, 20):
        orders = [sample(hub, f"L-{count}-{n}") for n in range(count)]
        hub.odoo.calls.clear()
        assert ask("post", ORDERS, orders).status_code == 201
        made = len(hub.odoo.calls)
        hub.odoo.calls.clear()
        shown = Client().get(f"{ORDERS}?limit={count}&ordering=-reference").json()
        assert len(shown["results"]) == count
        costs.append((made, len(hub.odoo.calls)))
    assert costs[0] == costs[1]
    assert [line["sequence"] for line in order_in_odoo(hub, "L-2-1")["lines"]] == [1, 2]
    assert (
        ask("put", f"{ORDERS}/L-2-1", {"lines": [{"number": 2, "quantity": 4, "price": 1}]}).status_code
        == 200
    )
    assert [line["product_uom_qty"] for line in order_in_odoo(hub, "L-2-1")["lines"]] == [4.0]


def test_what_a_new_child_lacks_is_said_with_its_place(hub: Hub):
    contact = hub.mapping(
        "contact", "res.partner",
        {"id_there": {"field": "ref", "identifier": True}, "name": {"field": "name", "required": True}},
    )  # fmt: skip
    hub.endpoint(
        "partners", "res.partner",
        {
            "customer_id": {"field": "ref", "identifier": True},
            "name": {"field": "name", "required": True},
            "contacts": {"field": "child_ids", "nested": contact},
        },
        mode="live",
    )  # fmt: skip
    contacts = [{"id_there": "Y1", "name": "Ann"}, {"id_there": "Y2"}]
    refused = ask("post", URL, {"customer_id": "X1", "name": "A", "contacts": contacts})
    assert refused.status_code == 400
    assert refused.json()["key"] == "contacts[1].name"
    assert refused.json()["error"] == "“contacts[1].name” is required."
    assert hub.in_odoo("X1") == []
