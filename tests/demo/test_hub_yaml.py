"""The demo's endpoints carry what they show: each sample is posted, pushed, read back and sent back."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from demo.odoo import PracticeOdoo
from endpoints import registry
from endpoints.models import Change, Endpoint
from mappings.models import Connection
from synchub.sync.pull import pull
from synchub.sync.push import push

DEMO = Path(__file__).resolve().parents[2] / "demo" / "hub.yaml"
BASE = "/bj_api_sync/v1"


class Demo:
    def __init__(self, odoo: PracticeOdoo) -> None:
        self.odoo = odoo

    def call(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        response = Client().generic(
            method,
            f"{BASE}/{path}",
            "" if body is None else json.dumps(body),
            content_type="application/json",
            headers={"Authorization": "Bearer demo-token"},
        )
        assert response.status_code == status, response.content
        return response.json()

    def post(self, endpoint: str, body: Any) -> Any:
        self.call("POST", endpoint, body, 201)
        return self.pushed(endpoint, body)

    def pushed(self, endpoint: str, body: Any) -> Any:
        push(registry.get(endpoint))
        name = body.get("customer_id") or body.get("sku") or body.get("reference")
        response = self.call("GET", f"{endpoint}/{name}")
        failed = Change.objects.exclude(error="").values_list("error", flat=True)
        assert not failed, list(failed)
        return response


@pytest.fixture
def demo(practice: PracticeOdoo, transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Demo:
    monkeypatch.setenv("HUB_PRACTICE_URL", practice.url)
    monkeypatch.setenv("HUB_PRACTICE_PASSWORD", practice.password)
    monkeypatch.setenv("HUB_DEMO_TOKEN", "demo-token")
    call_command("hub_apply", str(DEMO), stdout=io.StringIO())
    registry.clear()
    assert Connection.objects.get().url == practice.url
    return Demo(practice)


PARTNER = {
    "customer_id": "SHOP-1",
    "name": "Ada Byron",
    "email": "ada@example.com",
    "phone": "+32 2 555 01 02",
    "street": "Kouter 1",
    "zip": "9000",
    "city": "Ghent",
    "country": "BE",
    "is_company": True,
    "tags": ["vip", "made here"],
    "contacts": [
        {"customer_id": "SHOP-1-A", "name": "Warehouse", "kind": "ship-to", "email": None, "phone": "1"},
        {"customer_id": "SHOP-1-B", "name": "Charles", "kind": "person", "email": "c@example.com", "phone": None},
    ],
}  # fmt: skip


def same(shown: Any, sent: Any) -> None:
    """What was sent is shown; x2many in whatever order."""
    for key, value in sent.items():
        if isinstance(value, list) and value and isinstance(value[0], str):
            assert sorted(shown[key]) == sorted(value), key
        elif isinstance(value, list):
            by = "customer_id" if "customer_id" in value[0] else "number"
            for inner, wanted in zip(sorted(shown[key], key=lambda one: one[by]), value, strict=True):
                same(inner, wanted)
        elif isinstance(value, dict):
            same(shown[key], value)
        else:
            assert shown[key] == value, key


def sends_back(demo: Demo, endpoint: str, name: str, shown: Any, *read_only: str) -> None:
    """A whole document, sent back as it was read, is no change."""
    before = Change.objects.count()
    demo.call(
        "PUT", f"{endpoint}/{name}", {key: value for key, value in shown.items() if key not in read_only}
    )
    assert Change.objects.count() == before


def test_a_partner_with_contacts_tags_and_country(demo: Demo):
    shown = demo.post("partners", PARTNER)
    same(shown, PARTNER)
    [there] = demo.odoo.execute(
        "res.partner", "search_read", [("ref", "=", "SHOP-1")], fields=["country_code", "child_ids"]
    )
    assert (there["country_code"], len(there["child_ids"])) == ("BE", 2)
    [warehouse] = demo.odoo.execute("res.partner", "search_read", [("ref", "=", "SHOP-1-A")], fields=["type"])
    assert warehouse["type"] == "delivery"
    sends_back(demo, "partners", "SHOP-1", shown, "updated_at")
    changed = {"customer_id": "SHOP-1", "contacts": [{"customer_id": "SHOP-1-B", "phone": "2"}]}
    demo.call("PUT", "partners/SHOP-1", {"contacts": changed["contacts"], "tags": {"remove": ["vip"]}})
    shown = demo.pushed("partners", changed)
    assert [(one["name"], one["phone"]) for one in shown["contacts"]] == [("Charles", "2")]
    assert shown["tags"] == ["made here"]


def test_a_product_with_category_and_unit(demo: Demo):
    sent = {"sku": "DEMO-9", "name": "Stool", "category": "Chairs", "unit": "Units", "price": 12.35, "weight": 2.5, "active": True}  # fmt: skip
    shown = demo.post("products", sent)
    same(shown, sent)
    sends_back(demo, "products", "DEMO-9", shown, "updated_at")
    demo.call("PUT", "products/DEMO-9", {"category": "Made here"})
    assert demo.pushed("products", sent)["category"] == "Made here"
    assert demo.odoo.execute("product.category", "search_count", [("name", "=", "Made here")]) == 1


def test_an_order_of_a_customer_with_lines(demo: Demo):
    demo.post("partners", PARTNER)
    first, second = demo.odoo.execute(
        "product.product",
        "search_read",
        [("default_code", "!=", False), ("sale_ok", "=", True)],
        fields=["default_code"],
        limit=2,
        order="id",
    )
    sent = {
        "reference": "WEB-1",
        "partner": {"customer_id": "SHOP-1"},
        "lines": [
            {"number": 1, "product": {"sku": first["default_code"]}, "quantity": 2.0, "price": 10.0, "discount": 10.0},
            {"number": 2, "product": {"sku": second["default_code"]}, "quantity": 1.0, "price": 3.0},
        ],
        "date_order": "2026-07-31T10:00:00+02:00",
    }  # fmt: skip
    shown = demo.post("orders", sent)
    same(shown, sent)
    assert shown["partner"]["name"] == "Ada Byron"
    assert [line["subtotal"] for line in shown["lines"]] == [18.0, 3.0]
    sends_back(demo, "orders", "WEB-1", shown, "state", "amount_total", "updated_at")
    demo.call("PUT", "orders/WEB-1", {"lines": [{"number": 2, "quantity": 4}, {"number": 3, "product": first["default_code"]}]})  # fmt: skip
    shown = demo.pushed("orders", sent)
    assert [(line["number"], line["quantity"]) for line in shown["lines"]] == [(2, 4.0), (3, 1.0)]


def test_the_records_that_are_there_can_be_read(demo: Demo):
    for name in Endpoint.objects.values_list("name", flat=True):
        pull(registry.get(name))
        assert demo.call("GET", f"{name}?limit=3")["count"] > 0
    orders = demo.call("GET", "orders?limit=1")["results"]
    assert orders[0]["lines"][0]["product"]["sku"]
    assert orders[0]["partner"]["customer_id"]
