"""Orders with partner, lines, products and units, in both directions."""

import random
import threading
from typing import Any

import pytest
from django.test import Client

from endpoints.models import Change, Record
from mappings.models import Connection
from tests.conftest import Hub
from tests.sync.test_push import due_now, post

URL = "/bj_api_sync/v1/orders"


def products(hub: Hub, count: int = 3) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = hub.odoo.execute(
        "product.product",
        "search_read",
        [("default_code", "!=", False), ("sale_ok", "=", True)],
        fields=["default_code", "name", "uom_id"],
        limit=count,
        order="id",
    )
    return found


def partner_ref(hub: Hub) -> str:
    [partner] = hub.odoo.execute(
        "res.partner", "search_read", [("ref", "!=", False)], fields=["ref"], limit=1
    )
    return str(partner["ref"])


def order_in_odoo(hub: Hub, reference: str) -> dict[str, Any]:
    [order] = hub.odoo.execute(
        "sale.order",
        "search_read",
        [("client_order_ref", "=", reference)],
        fields=["partner_id", "order_line", "note"],
        load="",
    )
    order["lines"] = hub.odoo.execute(
        "sale.order.line",
        "search_read",
        [("order_id", "=", order["id"])],
        fields=["sequence", "product_id", "product_uom_qty", "price_unit"],
        load="",
        order="sequence",
    )
    return dict(order)


def put(name: str, body: Any, status: int = 200) -> Any:
    response = Client().put(f"{URL}/{name}", body, content_type="application/json")
    assert response.status_code == status, response.content
    return response.json()


def get(name: str) -> Any:
    response = Client().get(f"{URL}/{name}")
    assert response.status_code == 200, response.content
    return response.json()


def sample(hub: Hub, reference: str = "R-1") -> dict[str, Any]:
    first, second, _ = products(hub)
    return {
        "reference": reference,
        "partner": {"customer_id": partner_ref(hub)},
        "lines": [
            {"number": 1, "product": {"sku": first["default_code"]}, "quantity": 2, "price": 10.5},
            {"number": 2, "product": second["default_code"], "quantity": 1, "price": 3},
        ],
    }


def test_a_nested_order_is_in_odoo_with_partner_lines_and_products(hub: Hub):
    hub.orders()
    post(sample(hub), URL)
    hub.push("orders")
    order, (first, second, _) = order_in_odoo(hub, "R-1"), products(hub)
    assert order["partner_id"]
    assert [(line["sequence"], line["product_id"], line["product_uom_qty"]) for line in order["lines"]] == [
        (1, first["id"], 2.0),
        (2, second["id"], 1.0),
    ]


def test_what_odoo_computed_comes_back_in_nested_shape(hub: Hub):
    hub.orders()
    shown = post(sample(hub), URL)
    first = products(hub)[0]
    assert shown["lines"][0]["product"] == {"sku": first["default_code"], "name": None, "unit": None}
    hub.push("orders")
    order = get("R-1")
    assert order["total"] == 24.0
    assert order["lines"][0] == {
        "number": 1,
        "product": {"sku": first["default_code"], "name": first["name"], "unit": first["uom_id"][1]},
        "quantity": 2.0,
        "price": 10.5,
        "subtotal": 21.0,
    }


def test_lines_are_updated_added_and_removed_by_their_identifier(hub: Hub):
    hub.orders()
    post(sample(hub), URL)
    hub.push("orders")
    before = {line["sequence"]: line["id"] for line in order_in_odoo(hub, "R-1")["lines"]}
    third = products(hub)[2]["default_code"]
    put(
        "R-1",
        {
            "lines": [
                {"number": 1, "quantity": 5, "price": 10.5},
                {"number": 3, "product": third, "quantity": 7},
            ]
        },
    )
    hub.push("orders")
    lines = order_in_odoo(hub, "R-1")["lines"]
    assert [(line["sequence"], line["product_uom_qty"]) for line in lines] == [(1, 5.0), (3, 7.0)]
    assert lines[0]["id"] == before[1]
    assert lines[0]["price_unit"] == 10.5


def test_the_same_lines_sent_twice_change_nothing(hub: Hub):
    hub.orders()
    order = sample(hub)
    post(order, URL)
    hub.push("orders")
    before = order_in_odoo(hub, "R-1")
    put("R-1", {"lines": order["lines"]})
    hub.odoo.calls.clear()
    hub.push("orders")
    assert order_in_odoo(hub, "R-1") == before
    assert not [call for call in hub.odoo.calls if call[1] in ("write", "create", "load")]


def test_what_was_read_can_be_sent_back(hub: Hub):
    hub.orders()
    post(sample(hub), URL)
    hub.push("orders")
    order = get("R-1")
    put("R-1", {"lines": order["lines"], "partner": order["partner"]})
    assert Change.objects.count() == 1


@pytest.mark.parametrize("fault", ["drop_after_commit", "half_answer", "http_502_html"])
def test_an_order_whose_answer_got_lost_has_its_lines_once(hub: Hub, fault: str):
    hub.orders()
    post(sample(hub), URL)
    hub.odoo.faults.arm(fault, model="sale.order", method="load")
    hub.push("orders")
    assert Change.objects.get().sent
    due_now()
    hub.push("orders")
    assert hub.odoo.execute("sale.order", "search_count", [("client_order_ref", "=", "R-1")]) == 1
    assert [line["sequence"] for line in order_in_odoo(hub, "R-1")["lines"]] == [1, 2]
    assert Record.objects.get().state == "synced"


def test_an_order_sent_again_before_the_first_attempt_is_done_is_there_once(hub: Hub):
    """Nobody can look it up yet: what is sent again has to be harmless by itself."""
    hub.orders()
    post(sample(hub), URL)
    hub.connection.read_timeout = 1
    hub.connection.save()
    hub.odoo.faults.arm("slow", model="sale.order", method="load", seconds=2)
    hub.push("orders")
    assert Change.objects.get().sent
    due_now()
    hub.push("orders")
    hub.odoo.faults.clear()
    due_now()
    hub.push("orders")
    threading.Event().wait(2)  # the first attempt comes to its end
    assert hub.odoo.execute("sale.order", "search_count", [("client_order_ref", "=", "R-1")]) == 1
    assert [line["sequence"] for line in order_in_odoo(hub, "R-1")["lines"]] == [1, 2]
    assert Record.objects.get().state == "synced"


def test_writes_before_the_push_keep_what_each_said_of_a_line(hub: Hub):
    hub.orders()
    post(sample(hub), URL)
    put("R-1", {"lines": [{"number": 1, "quantity": 9}]})
    hub.push("orders")
    [line] = order_in_odoo(hub, "R-1")["lines"]
    assert (line["product_uom_qty"], line["price_unit"]) == (9.0, 10.5)


def test_a_partner_that_is_missing_is_created_where_the_line_allows_it(hub: Hub):
    hub.orders()
    post({**sample(hub), "partner": {"customer_id": "NEW-1", "name": "New one"}}, URL)
    post({**sample(hub, "R-2"), "partner": {"customer_id": "NEW-1", "name": "New one"}}, URL)
    hub.push("orders")
    [partner] = hub.in_odoo("NEW-1")
    assert partner["name"] == "New one"
    assert order_in_odoo(hub, "R-1")["partner_id"] == order_in_odoo(hub, "R-2")["partner_id"] == partner["id"]


def test_a_product_that_is_missing_is_told_at_once_with_its_line_and_place(hub: Hub):
    hub.orders()
    bad = sample(hub, "BAD")
    bad["lines"][1]["product"] = "NO-SUCH-SKU"
    response = Client().post(URL, [sample(hub, "GOOD"), bad], content_type="application/json")
    assert response.status_code == 400
    answer = response.json()
    assert answer["status_code"] == "RELATION_NOT_FOUND"
    assert (answer["index"], answer["key"]) == (1, "product")
    assert "NO-SUCH-SKU" in answer["error"]
    assert not Record.objects.exists()


def test_an_identifier_that_two_records_have_is_told_at_once(hub: Hub):
    hub.orders()
    hub.odoo.execute("res.partner", "create", [{"ref": "TWICE", "name": "A"}, {"ref": "TWICE", "name": "B"}])
    response = Client().post(URL, {**sample(hub), "partner": "TWICE"}, content_type="application/json")
    assert (response.status_code, response.json()["status_code"]) == (400, "RELATION_AMBIGUOUS")


def test_what_was_seen_before_is_not_asked_again(hub: Hub):
    hub.orders()
    post(sample(hub, "R-1"), URL)
    order = sample(hub, "R-2")
    hub.odoo.calls.clear()
    post(order, URL)
    assert not hub.odoo.calls


def test_a_missing_product_stops_that_order_alone_where_odoo_could_not_be_asked(hub: Hub):
    hub.orders()
    bad, good = sample(hub, "BAD"), sample(hub, "GOOD")
    bad["lines"][1]["product"] = "NO-SUCH-SKU"
    address = hub.connection.url
    Connection.objects.update(url="http://127.0.0.1:9")
    post([bad, good], URL)
    Connection.objects.update(url=address)
    hub.push("orders")
    assert order_in_odoo(hub, "GOOD")["lines"]
    change = Change.objects.get(state="failed")
    assert "NO-SUCH-SKU" in change.error
    assert change.line_id is not None
    assert hub.odoo.execute("sale.order", "search_count", [("client_order_ref", "=", "BAD")]) == 0


def test_tags_can_be_set_added_and_removed_by_name(hub: Hub):
    tag = hub.mapping("tag", "res.partner.category", {"name": {"field": "name", "identifier": True}})
    hub.endpoint(
        "partners",
        "res.partner",
        {
            "customer_id": {"field": "ref", "identifier": True},
            "name": "name",
            "tags": {"field": "category_id", "nested": tag, "on_missing": "create"},
        },
    )
    url = "/bj_api_sync/v1/partners"

    def tags() -> list[str]:
        return sorted(Client().get(f"{url}/X1").json()["tags"])

    post({"customer_id": "X1", "name": "A", "tags": ["red", "green"]}, url)
    hub.push()
    assert tags() == ["green", "red"]
    Client().put(f"{url}/X1", {"tags": {"add": ["blue"], "remove": ["red"]}}, content_type="application/json")
    hub.push()
    assert tags() == ["blue", "green"]
    Client().put(f"{url}/X1", {"tags": []}, content_type="application/json")
    hub.push()
    assert tags() == []


def test_a_tag_with_a_very_long_name_comes_in_and_can_be_named(hub: Hub):
    """Longer than PostgreSQL keeps in an index, however well it is compressed."""
    long = random.Random(1).randbytes(3000).hex()
    tag = hub.mapping("tag", "res.partner.category", {"name": {"field": "name", "identifier": True}})
    hub.endpoint(
        "tagged",
        "res.partner",
        {
            "customer_id": {"field": "ref", "identifier": True},
            "name": "name",
            "tags": {"field": "category_id", "nested": tag},
        },
        domain="[('ref', 'like', 'LNG-')]",
    )
    made = hub.odoo.execute("res.partner.category", "create", {"name": long})
    hub.odoo.execute(
        "res.partner",
        "create",
        [{"ref": "LNG-1", "name": "A", "category_id": [(6, 0, [made])]}, {"ref": "LNG-2", "name": "B"}],
    )
    hub.pull("tagged")
    url = "/bj_api_sync/v1/tagged"
    assert [Client().get(f"{url}/LNG-{n}").json()["tags"] for n in (1, 2)] == [[long], []]
    body = {"customer_id": "LNG-3", "name": "C", "tags": [long]}
    assert Client().post(url, body, content_type="application/json").status_code == 201
    hub.push("tagged")
    [there] = hub.odoo.execute("res.partner", "search_read", [("ref", "=", "LNG-3")], fields=["category_id"])
    assert there["category_id"] == [made]


def test_a_page_of_a_thousand_orders_costs_as_many_calls_as_one_of_sixty(hub: Hub, settings):
    settings.PUSH_BATCH, settings.PULL_PAGE = 1000, 2000
    hub.orders()
    costs = []
    # From fifty on, one call more asks for the external ids of what many of them name.
    for count in (60, 1000):
        post([sample(hub, f"R-{count}-{n}") for n in range(count)], URL)
        hub.odoo.calls.clear()
        hub.push("orders")
        pushed = len(hub.odoo.calls)
        hub.odoo.calls.clear()
        hub.pull("orders")
        costs.append((pushed, len(hub.odoo.calls)))
    assert costs[0] == costs[1]
    assert costs[0][0] <= 10
    assert Record.objects.filter(state="synced").count() >= 1060


def test_mappings_that_contain_each_other_are_refused(hub: Hub):
    from mappings.compile import compile_mapping
    from mappings.models import Line
    from synchub.errors import ConfigurationError

    one = hub.mapping("one", "res.partner", {"ref": {"field": "ref", "identifier": True}})
    two = hub.mapping(
        "two",
        "res.partner",
        {"ref": {"field": "ref", "identifier": True}, "up": {"field": "parent_id", "nested": one}},
    )
    Line.objects.create(mapping=one, key="down", field="child_ids", kind="relation", nested=two)
    with pytest.raises(ConfigurationError, match="one → two → one"):
        compile_mapping(one)


def test_what_names_records_that_the_hub_may_not_see_fails_and_holds_up_nobody(hub: Hub):
    country = hub.mapping("country", "res.country", {"code": {"field": "code", "identifier": True}})
    hub.endpoint(
        "partners",
        "res.partner",
        {
            "customer_id": {"field": "ref", "identifier": True},
            "name": "name",
            "country": {"field": "country_id", "nested": country},
        },
    )
    partners = [{"customer_id": f"X{number}", "name": "A"} for number in range(5)]
    partners[2]["country"] = "BE"
    post(partners, "/bj_api_sync/v1/partners")
    hub.odoo.faults.arm("no_right", times=-1, model="res.country")
    hub.push()
    hub.odoo.faults.clear()
    assert [one["ref"] for one in hub.in_odoo(*(f"X{n}" for n in range(5)))] == ["X0", "X1", "X3", "X4"]
    failed = Change.objects.exclude(state="applied").get()
    assert (failed.state, failed.record.external_id) == ("failed", "X2")
    assert "not allowed" in failed.error


def lines_of(hub: Hub, *quantities: int) -> list[dict[str, Any]]:
    sku = products(hub)[0]["default_code"]
    return [{"number": 10, "product": sku, "quantity": quantity} for quantity in quantities]


def test_lines_with_the_same_identifier_are_lines_of_their_own(hub: Hub):
    hub.orders()
    post({"reference": "S1", "partner": partner_ref(hub), "lines": lines_of(hub, 1, 2)}, URL)
    hub.push("orders")
    first = order_in_odoo(hub, "S1")["lines"]
    assert [one["product_uom_qty"] for one in first] == [1.0, 2.0]
    put("S1", {"lines": lines_of(hub, 1, 5, 7)})
    hub.push("orders")
    lines = order_in_odoo(hub, "S1")["lines"]
    assert [one["product_uom_qty"] for one in lines] == [1.0, 5.0, 7.0]
    assert [one["id"] for one in lines[:2]] == [one["id"] for one in first]
    put("S1", {"lines": lines_of(hub, 1)})
    hub.push("orders")
    assert [one["product_uom_qty"] for one in order_in_odoo(hub, "S1")["lines"]] == [1.0]


def test_one_partner_that_cannot_be_created_stops_only_the_order_that_names_it(hub: Hub):
    hub.orders()
    good = {"customer_id": "NEW-1", "name": "Good"}
    bad = {"customer_id": "NEW-2", "name": None}
    post([{"reference": "S1", "partner": good}, {"reference": "S2", "partner": bad}], URL)
    hub.push("orders")
    assert order_in_odoo(hub, "S1")["partner_id"] == hub.in_odoo("NEW-1")[0]["id"]
    failed = Change.objects.exclude(state="applied").get()
    assert (failed.state, failed.record.external_id) == ("failed", "S2")
    assert "could not be created: " in failed.error


def test_a_partner_that_got_another_reference_in_odoo_is_not_written_over(hub: Hub):
    hub.orders()
    post({"reference": "S1", "partner": {"customer_id": "NEW-1", "name": "First"}}, URL)
    hub.push("orders")
    [first] = hub.in_odoo("NEW-1")
    hub.odoo.execute("res.partner", "write", [first["id"]], {"ref": "OLD-1"})
    post({"reference": "S2", "partner": {"customer_id": "NEW-1", "name": "Second"}}, URL)
    hub.push("orders")
    assert hub.in_odoo("OLD-1")[0] == {**first, "ref": "OLD-1"}
    [second] = hub.in_odoo("NEW-1")
    assert second["name"] == "Second"
    assert order_in_odoo(hub, "S2")["partner_id"] == second["id"]
