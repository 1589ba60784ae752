"""What Odoo refuses is told to a consumer who waits, and with it the line that is at fault."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from endpoints.models import Change, PullState, Record
from mappings.models import Line
from tests.conftest import Hub
from tests.endpoints.conftest import Api

URL = "/bj_api_sync/v1/contacts"


def while_pushed(hub: Hub, name: str, ask: Callable[[], Any]) -> Any:
    def asked() -> Any:
        try:
            return ask()
        finally:
            connections.close_all()

    with ThreadPoolExecutor() as pool:
        answer = pool.submit(asked)
        while not answer.done():
            hub.push(name)
        return answer.result()


def post_while_pushed(hub: Hub, body: Any) -> Any:
    return while_pushed(hub, "contacts", lambda: Client().post(URL, body, content_type="application/json"))


def test_what_odoo_refuses_is_told_with_its_line_and_leaves_nothing(hub: Hub):
    hub.endpoint(
        "contacts",
        "res.partner",
        {"id": {"field": "id", "identifier": True}, "name": "name", "country": "country_id"},
    )
    answer = post_while_pushed(hub, {"name": "A", "country": 999_999})
    assert (answer.status_code, answer.json()["status_code"]) == (400, "ODOO")
    assert answer.json()["key"] == "country"
    assert not Record.objects.filter(deleted_at=None).exists()
    assert Change.objects.get().state == "discarded"
    assert post_while_pushed(hub, {"name": "A"}).status_code == 201


def test_a_refusal_of_something_inside_the_record_names_its_line(hub: Hub, api: Api):
    hub.orders()
    [product] = hub.odoo.execute(
        "product.product", "search_read", [("default_code", "!=", False)], fields=["default_code"], limit=1
    )
    line = {"product": product["default_code"], "quantity": 1}
    api.post(
        "orders",
        {"reference": "A", "partner": {"customer_id": "P", "name": "P"}, "lines": [line | {"number": 1}]},
    )
    hub.push("orders")
    [order] = hub.odoo.execute("sale.order", "search", [("client_order_ref", "=", "A")])
    hub.odoo.execute("sale.order", "action_confirm", [order])
    before = api.get("orders/A")
    # Odoo refuses to remove the first line, and says that its quantity may be set to 0.
    answer = while_pushed(
        hub, "orders",
        lambda: api.put("orders/A", {"lines": [line | {"number": 2}]}, status=400, headers={"Prefer": "wait=20"}),
    )  # fmt: skip
    assert "can't remove one of its lines" in answer["error"]
    assert (answer["status_code"], answer["key"]) == ("ODOO", "lines.quantity")
    assert answer["line_id"] == Line.objects.get(mapping__name="order-line", key="quantity").pk
    assert api.get("orders/A") == before


@pytest.mark.parametrize("mode", ["mirror", "live"])
def test_what_a_line_lacks_that_turns_out_to_be_new_has_the_same_code_in_both_modes(hub: Hub, mode: str):
    inside = {"id": {"field": "ref", "identifier": True}, "name": {"field": "name", "required": True}}
    contact = hub.mapping("contact", "res.partner", inside)
    tag = hub.mapping("tag", "res.partner.category", {"name": {"field": "name", "identifier": True}})
    lines = {
        "id": {"field": "ref", "identifier": True},
        "name": "name",
        "contacts": {"field": "child_ids", "nested": contact},
        "tags": {"field": "category_id", "nested": tag},
    }
    hub.endpoint("contacts", "res.partner", lines, mode=mode)
    hub.odoo.execute("res.partner", "create", {"ref": "A", "name": "A"})

    def put(body: Any) -> Any:
        answer = Client().put(
            f"{URL}/A", body, content_type="application/json", headers={"Prefer": "wait=20"}
        )
        assert answer.status_code == 400
        return answer.json()

    def told(body: Any) -> Any:
        if mode == "live":
            return put(body)
        return while_pushed(hub, "contacts", lambda: put(body))

    if mode == "mirror":
        hub.pull("contacts")
    said = told({"contacts": [{"id": "B", "name": "B"}, {"id": "C"}]})
    assert (said["status_code"], said["key"]) == ("REQUIRED", "contacts[1].name")
    assert said["error"] == "“contacts[1].name” is required."


def test_of_a_refused_relation_nothing_is_shown_and_sent_again_it_is_tried_again(hub: Hub, api: Api):
    country = hub.mapping("country", "res.country", {"code": {"field": "code", "identifier": True}})
    lines = {
        "reference": {"field": "ref", "identifier": True},
        "name": "name",
        "country": {"field": "country_id", "nested": country},
        "state": "state_id",
    }
    hub.endpoint("contacts", "res.partner", lines)
    api.post("contacts", {"reference": "A", "name": "A", "country": "BE"})
    hub.push("contacts")
    hub.pull("contacts")
    for _ in range(2):
        answer = while_pushed(
            hub, "contacts",
            lambda: api.put(
                "contacts/A", {"country": "FR", "state": 999_999}, status=400, headers={"Prefer": "wait=20"}
            ),
        )  # fmt: skip
        assert answer["key"] == "state"
        assert api.get("contacts/A")["country"] == "BE"
        assert not PullState.objects.filter(cursor="").exists()
    api.put("contacts/A", {"country": "FR"})
    hub.push("contacts")
    assert api.get("contacts/A")["country"] == "FR"
