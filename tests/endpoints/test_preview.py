"""What a mapping would do, shown before anything is written."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from endpoints import preview, registry
from endpoints.models import Change, Record
from tests.conftest import Hub
from tests.sync.test_push import post
from tests.sync.test_relations import URL as ORDERS
from tests.sync.test_relations import partner_ref, sample

URL = "/bj_api_sync/v1/partners"
WRITING = ("create", "write", "load", "unlink")


def dry_run(method: str, url: str, body: Any) -> Any:
    answer = getattr(Client(), method)(f"{url}?dry_run=true", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def wrote(hub: Hub) -> list[Any]:
    return [call for call in hub.odoo.calls if call[1] in WRITING]


def test_a_dry_run_shows_the_call_that_the_push_makes(hub: Hub):
    hub.orders()
    order = sample(hub)
    shown = dry_run("post", ORDERS, order)
    assert not wrote(hub)
    assert not Record.objects.exists()
    assert not Change.objects.exists()
    [call] = shown["calls"]
    assert (shown["odoo_id"], call["model"], call["method"]) == (None, "sale.order", "load")
    heads, rows = call["args"]
    place = heads.index("order_line/product_uom_qty")
    assert [row[place] for row in rows] == ["2.0", "1.0"]
    hub.odoo.calls.clear()
    post(order, ORDERS)
    hub.push("orders")
    assert [one[:2] for one in wrote(hub)] == [("sale.order", "load")]


def test_a_record_that_would_be_created_on_the_way_is_shown_first(hub: Hub):
    hub.orders()
    shown = dry_run("post", ORDERS, {**sample(hub), "partner": {"customer_id": "NEW", "name": "New"}})
    assert [(call["model"], call["method"]) for call in shown["calls"]] == [
        ("res.partner", "load"),
        ("sale.order", "load"),
    ]
    assert hub.in_odoo("NEW") == []


def test_a_dry_run_that_would_make_a_tag_comes_to_an_end(hub: Hub):
    # Odoo answers for id 0, which is what a rehearsed record has.
    assert hub.odoo.execute("res.partner.category", "read", [0], fields=["name"]) == [
        {"id": 0, "name": False}
    ]
    tag = hub.mapping("tag", "res.partner.category", {"name": {"field": "name", "identifier": True}})
    tags = {"field": "category_id", "nested": tag, "on_missing": "create"}
    hub.endpoint(
        "partners", "res.partner", {"ref": {"field": "ref", "identifier": True}, "name": "name", "tags": tags}
    )
    shown = dry_run("post", URL, {"ref": "A", "name": "A", "tags": ["not there yet"]})
    assert [call["model"] for call in shown["calls"]] == ["res.partner.category", "res.partner"]


def test_a_dry_run_shows_what_a_push_does_to_lines_and_to_what_is_archived_or_there_twice(hub: Hub):
    tag = hub.mapping("tag", "res.partner.category", {"name": {"field": "name", "identifier": True}})
    tags = {"field": "category_id", "nested": tag, "on_missing": "create"}
    lines = {"ref": {"field": "ref", "identifier": True}, "name": "name", "tags": tags}
    contacts = {"field": "child_ids", "nested": hub.mapping("contact", "res.partner", lines)}
    hub.endpoint("partners", "res.partner", {**lines, "contacts": contacts})
    post({"ref": "A", "name": "A", "contacts": [{"ref": "B", "name": "B"}]})
    hub.push()

    def methods(method: str, url: str, body: Any) -> list[Any]:
        shown = dry_run(method, url, body)
        assert shown["problems"] == []
        hub.odoo.calls.clear()
        getattr(Client(), method)(url, body, content_type="application/json")
        hub.push()
        assert [(call["model"], call["method"]) for call in shown["calls"]] == [
            one[:2] for one in wrote(hub) if one[0] != "ir.model.data"
        ]
        return [call["args"] for call in shown["calls"]]

    # A tag that two of them need is made once; what is changed goes first, then what is new.
    new = {"ref": "C", "name": "C", "tags": ["new"]}
    methods("put", f"{URL}/A", {"tags": ["new"], "contacts": [{"ref": "B", "name": "Bob"}, new]})
    hub.odoo.execute("res.partner", "create", [{"ref": "Z", "name": "Z", "active": False}])
    [[_, values]] = methods("post", URL, {"ref": "Z", "name": "New"})
    assert values == {"name": "New", "active": True}
    hub.odoo.execute(
        "res.partner", "create", [{"ref": "Y", "name": "Y", "active": False}, {"ref": "Y", "name": "Y"}]
    )
    shown = dry_run("post", URL, {"ref": "Y", "name": "New"})
    assert (shown["calls"], shown["problems"][0]["status_code"]) == ([], "DUPLICATE")
    assert "“Y” is the Reference of 2 records in Odoo" in shown["problems"][0]["error"]


def test_a_change_shows_only_what_differs(hub: Hub):
    hub.partners()
    hub.pull()
    ref = partner_ref(hub)
    [partner] = hub.in_odoo(ref)
    shown = dry_run("put", f"{URL}/{ref}", {"name": partner["name"], "address": {"city": "Elsewhere"}})
    assert (shown["odoo_id"], shown["values"]) == (partner["id"], {"city": "Elsewhere"})
    assert dry_run("put", f"{URL}/{ref}", {"name": partner["name"]})["calls"] == []


def test_all_problems_are_shown_with_their_lines(hub: Hub):
    hub.partners()
    shown = dry_run("post", URL, {"customer_id": "X", "kind": "nope", "latitude": "x", "zzz": 1})
    assert [(one["key"], one["status_code"]) for one in shown["problems"]] == [
        ("kind", "SELECTION"),
        ("latitude", "TYPE"),
        ("zzz", "UNKNOWN_KEY"),
        ("name", "REQUIRED"),
    ]
    assert all(one["line_id"] for one in shown["problems"] if one["key"] != "zzz")


def test_a_real_record_is_shown_raw_and_as_a_consumer_sees_it(hub: Hub):
    hub.orders()
    shown = preview.from_odoo(registry.get("orders"))
    assert shown is not None
    assert shown.raw["client_order_ref"] == shown.document["reference"] == shown.name
    assert {"product", "quantity"} <= set(shown.document["lines"][0])


def test_the_command_line_shows_the_same(hub: Hub, tmp_path: Any):
    hub.partners()
    (tmp_path / "new.json").write_text('{"customer_id": "X1", "name": "A"}')
    out = StringIO()
    call_command("hub_preview", "partners", json=str(tmp_path / "new.json"), stdout=out)
    assert json.loads(out.getvalue()) == dry_run("post", URL, {"customer_id": "X1", "name": "A"})


@pytest.mark.parametrize("value", ["1", "yes", ""])
def test_a_dry_run_that_is_neither_true_nor_false_writes_nothing(hub: Hub, value: str):
    hub.partners()
    answer = Client().post(
        f"{URL}?dry_run={value}", {"customer_id": "X1", "name": "A"}, content_type="application/json"
    )
    assert answer.status_code == 400
    assert not Record.objects.exists()


def test_a_dry_run_of_a_change_to_nothing_is_404(hub: Hub):
    tags = {"id": {"field": "id", "identifier": True, "direction": "from_odoo"}, "name": "name"}
    hub.endpoint("tags", "res.partner.category", tags)
    hub.endpoint("live", "res.partner.category", tags, mode="live")
    for path in ("tags/7000", "tags/no-number", "live/7000", "live/no-number", "tags/~no-handle"):
        answer = Client().put(
            f"/bj_api_sync/v1/{path}?dry_run=true", {"name": "N"}, content_type="application/json"
        )
        assert answer.status_code == 404, path


def test_a_dry_run_of_a_put_that_would_create_shows_the_creation(hub: Hub):
    hub.partners(put_creates=True)
    shown = dry_run("put", f"{URL}/NEW-1", {"name": "Ann"})
    assert (shown["odoo_id"], shown["values"]["ref"], len(shown["calls"])) == (None, "NEW-1", 1)
    assert not Record.objects.exists()


def test_a_key_that_is_no_text_is_a_problem_like_any_other(hub: Hub):
    hub.partners()
    shown = dry_run("post", URL, {"customer_id": "X", "name": "Ann", "\ud800": 1})
    assert [(one["key"], one["status_code"]) for one in shown["problems"]] == [("\ud800", "UNKNOWN_KEY")]


@pytest.mark.parametrize("mode", ["mirror", "live"])
def test_a_dry_run_of_a_post_that_would_update_shows_the_change(hub: Hub, mode: str):
    hub.partners(mode=mode, post_updates=True)
    post({"customer_id": "A", "name": "Ann"})
    if mode == "mirror":
        hub.push()
    shown = dry_run("post", URL, {"customer_id": "A", "email": "a@example.com"})
    assert (shown["values"], shown["problems"]) == ({"email": "a@example.com"}, [])
    [call] = shown["calls"]
    assert call["method"] == "write"
    [missing] = dry_run("post", URL, {"customer_id": "B", "email": "b@example.com"})["problems"]
    assert (missing["key"], missing["status_code"]) == ("name", "REQUIRED")


@pytest.mark.parametrize("mode", ["mirror", "live"])
def test_a_dry_run_of_a_post_that_would_be_409_says_that_the_name_is_taken(hub: Hub, mode: str):
    hub.partners(mode=mode)
    post({"customer_id": "A", "name": "Ann"})
    if mode == "mirror":
        hub.push()
    shown = dry_run("post", URL, {"customer_id": "A", "name": "Bob"})
    assert [(one["key"], one["status_code"]) for one in shown["problems"]] == [("customer_id", "DUPLICATE")]
    assert shown["calls"] == []
    assert dry_run("post", URL, {"customer_id": "A/", "name": "Bob"})["problems"] == []


@pytest.mark.parametrize("mode", ["mirror", "live"])
def test_a_dry_run_of_a_put_that_takes_another_s_name_is_refused_as_the_put_is(hub: Hub, mode: str):
    hub.partners(mode=mode)
    hub.endpoint(
        "tags", "res.partner.category",
        {"id": {"field": "id", "identifier": True, "direction": "from_odoo"}, "name": "name"}, mode=mode,
    )  # fmt: skip
    for name in ("A", "B"):
        post({"customer_id": name, "name": "Ann"})
    [tag] = hub.odoo.execute("res.partner.category", "search", [], limit=1)
    if mode == "mirror":
        hub.push()
        hub.pull("tags")
    for path, name, body, code in (
        ("partners", "A", {"customer_id": "B"}, "DUPLICATE"),
        ("tags", tag, {"id": tag + 1}, "READONLY"),
    ):
        url = f"/bj_api_sync/v1/{path}/{name}"
        [problem] = dry_run("put", url, body)["problems"]
        assert problem["status_code"] == code
        assert Client().put(url, body, content_type="application/json").json()["status_code"] == code
    for body in ({"customer_id": "A", "name": "Bob"}, {"customer_id": "C"}):
        assert dry_run("put", f"{URL}/A", body)["problems"] == []


def test_a_live_dry_run_of_what_was_read_writes_nothing_of_what_odoo_does_not_tell(hub: Hub):
    """As the PUT does: a country that is hidden from the hub's user stays, and so does a number that it is not told."""
    country = hub.mapping("country", "res.country", {"code": {"field": "code", "identifier": True}})
    lines = {
        "customer_id": {"field": "ref", "identifier": True}, "name": "name", "colour": "color",
        "country": {"field": "country_id", "nested": country},
    }  # fmt: skip
    hub.endpoint("partners", "res.partner", lines, mode="live")
    [belgium] = hub.odoo.execute("res.country", "search", [("code", "=", "BE")])
    given = {"ref": "X1", "name": "A", "color": 3, "country_id": belgium}
    [one] = hub.odoo.execute("res.partner", "create", [given])
    hub.odoo.odd.hide("res.country", [belgium])
    hub.odoo.odd.swell("res.partner", one, "color")
    shown = Client().get(f"{URL}/X1").json()
    assert (shown["country"], shown["colour"]) == (None, None)
    assert dry_run("put", f"{URL}/X1", shown)["calls"] == []
    told = dry_run("put", f"{URL}/X1", shown | {"name": "B"})
    assert (told["values"], told["problems"]) == ({"name": "B"}, [])
