"""Types of fields that only a real Odoo has, both ways through an endpoint: `ODOO_TEST_URL` and its companions."""

import base64
import os
from collections.abc import Iterator
from typing import Any

import pytest

from mappings.models import Connection
from tests.conftest import Hub
from tests.demo.client import Client as OdooAccount
from tests.demo.client import unique
from tests.sync.test_languages import RealOdoo, send

pytestmark = pytest.mark.skipif(not os.environ.get("ODOO_TEST_URL"), reason="no real Odoo is configured")
_REAL = ("ODOO_TEST_URL", "ODOO_TEST_DB", "ODOO_TEST_LOGIN", "ODOO_TEST_PASSWORD")
BASE = "/bj_api_sync/v1"


@pytest.fixture
def odoo() -> Iterator[OdooAccount]:
    account = RealOdoo(*(os.environ[name] for name in _REAL))
    yield account
    account.clean_up()


@pytest.fixture
def hub(odoo: Any, transactional_db: None) -> Hub:
    return Hub(odoo)


def made(odoo: OdooAccount, model: str, *domain: Any) -> dict[str, Any]:
    """The one record that a push made, to be taken away again."""
    [found] = odoo.call(model, "search_read", list(domain), load="")
    odoo.remember(model, [found["id"]])
    return dict(found)


def test_a_number_that_means_a_record_of_any_model_and_a_file_go_both_ways(hub: Hub, odoo: OdooAccount):
    name, partner = unique("types"), odoo.make("res.partner", {"name": unique("types")})
    hub.endpoint(
        "files",
        "ir.attachment",
        {
            "name": {"field": "name", "identifier": True},
            "model": "res_model",
            "record": "res_id",
            "content": "datas",
        },
        domain=f"[('name', '=', '{name}')]",
    )
    content = base64.b64encode(b"hello").decode()
    sent = {"name": name, "model": "res.partner", "record": partner, "content": content}
    send("post", f"{BASE}/files", sent, 201)
    hub.push("files")
    kept = made(odoo, "ir.attachment", ("name", "=", name))
    assert (kept["res_model"], kept["res_id"]) == ("res.partner", partner)
    assert send("get", f"{BASE}/files/{name}") == sent
    hub.pull("files")
    assert send("get", f"{BASE}/files/{name}") == sent


@pytest.mark.parametrize("mode", ["mirror", "live"])
def test_files_of_a_record_of_another_model_that_has_the_same_id_stay_as_they_are(
    hub: Hub, odoo: OdooAccount, mode: str
):
    if odoo.call("product.document", "fields_get", ["res_model"], ["readonly"])["res_model"]["readonly"]:
        pytest.skip("Odoo 17 does not let a document's model be written")
    [product] = odoo.found("product.template", [], limit=1, order="id")  # a country has this id as well
    names = [unique("types") for _ in range(3)]
    old, new = (base64.b64encode(text).decode() for text in (b"old", b"new"))
    mine = odoo.make(
        "product.document",
        {"name": names[0], "datas": old, "res_model": "product.template", "res_id": product},
    )
    others = [
        odoo.make("product.document", {"name": name, "datas": old, "res_model": "res.country", "res_id": product})
        for name in names[1:]
    ]  # fmt: skip
    document = hub.mapping(
        "document",
        "product.document",
        {
            "name": {"field": "name", "identifier": True},
            "content": "datas",
            "of": {"field": "res_model", "constant": "product.template", "direction": "to_odoo"},
        },
    )
    hub.endpoint(
        "products",
        "product.template",
        {
            "id": {"field": "id", "identifier": True},
            "files": {"field": "product_document_ids", "nested": document},
        },
        domain=f"[('id', '=', {product})]",
        mode=mode,
    )
    hub.pull("products")
    url = f"{BASE}/products/{product}"
    kept = [one for one in send("get", url)["files"] if one["name"] != names[0]]
    sent = [*kept, {"name": names[1], "content": new}]
    send("put", url, {"files": sent})
    hub.push("products")
    assert sorted(one["name"] for one in send("get", url)["files"]) == sorted(one["name"] for one in sent)
    of_product = ("res_model", "=", "product.template")
    assert made(odoo, "product.document", ("name", "=", names[1]), of_product)["datas"] == new
    assert not odoo.found("product.document", [("id", "=", mine)])
    rows = odoo.call("product.document", "read", others, ["name", "datas"])
    assert [(row["name"], row["datas"]) for row in rows] == [(name, old) for name in names[1:]]


@pytest.mark.parametrize("mode", ["mirror", "live"])
def test_suppliers_of_a_product_are_changed_added_and_removed(hub: Hub, odoo: OdooAccount, mode: str):
    sku = unique("types").replace(" ", "-")
    odoo.make("res.partner", {"name": sku, "ref": sku})
    partner = hub.mapping("supplier", "res.partner", {"ref": {"field": "ref", "identifier": True}})
    seller = hub.mapping(
        "seller",
        "product.supplierinfo",
        {
            "code": {"field": "product_code", "identifier": True},
            "supplier": {"field": "partner_id", "nested": partner},
            "price": "price",
        },
    )
    lines = {
        "sku": {"field": "default_code", "identifier": True},
        "name": "name",
        "sellers": {"field": "seller_ids", "nested": seller},
    }
    domain = f"[('default_code', '=', '{sku}')]"
    hub.endpoint("products", "product.product", lines, domain=domain, mode=mode)
    one, two, three = (
        {"code": code, "supplier": sku, "price": price}
        for code, price in (("1", 3.0), ("2", 4.0), ("3", 5.0))
    )
    send("post", f"{BASE}/products", {"sku": sku, "name": sku, "sellers": [one, two]}, 201)
    hub.push("products")
    made(odoo, "product.product", ("default_code", "=", sku))
    send("put", f"{BASE}/products/{sku}", {"sellers": [one | {"price": 1.0}, three]})
    hub.push("products")
    assert send("get", f"{BASE}/products/{sku}")["sellers"] == [one | {"price": 1.0}, three]
    assert len(odoo.found("product.supplierinfo", [("partner_id.ref", "=", sku)])) == 2


def test_a_reference_goes_both_ways(hub: Hub, odoo: OdooAccount):
    name = unique("types")
    first, second = (odoo.make("res.partner", {"name": name}) for _ in range(2))
    [model] = odoo.found("ir.model", [("model", "=", "res.partner")])
    hub.endpoint(
        "actions",
        "ir.actions.server",
        {
            "name": {"field": "name", "identifier": True},
            "model": "model_id",
            "does": "state",
            "about": "resource_ref",
        },
        domain=f"[('name', '=', '{name}')]",
    )
    sent = {"name": name, "model": model, "does": "object_write", "about": f"res.partner,{first}"}
    send("post", f"{BASE}/actions", sent, 201)
    hub.push("actions")
    kept = made(odoo, "ir.actions.server", ("name", "=", name))
    assert kept["resource_ref"] == f"res.partner,{first}"
    odoo.call("ir.actions.server", "write", [kept["id"]], {"resource_ref": f"res.partner,{second}"})
    hub.pull("actions")
    assert send("get", f"{BASE}/actions/{name}")["about"] == f"res.partner,{second}"
    send("put", f"{BASE}/actions/{name}", {"about": None})
    hub.push("actions")
    assert made(odoo, "ir.actions.server", ("name", "=", name))["resource_ref"] is False


def test_properties_are_read(hub: Hub, odoo: OdooAccount):
    sku = unique("types")
    definition = [{"name": "abcdef0123456789", "string": "Colour", "type": "char"}]
    category = odoo.make("product.category", {"name": sku, "product_properties_definition": definition})
    product = odoo.make("product.template", {"name": sku, "default_code": sku, "categ_id": category})
    filled = [{**definition[0], "value": "red"}]
    odoo.call("product.template", "write", [product], {"product_properties": filled})
    hub.endpoint(
        "products",
        "product.template",
        {
            "sku": {"field": "default_code", "identifier": True},
            "properties": {"field": "product_properties", "direction": "from_odoo"},
        },
        domain=f"[('default_code', '=', '{sku}')]",
    )
    hub.pull("products")
    [colour] = send("get", f"{BASE}/products/{sku}")["properties"]
    assert (colour["string"], colour["value"]) == ("Colour", "red")


def test_json_is_read(hub: Hub, odoo: OdooAccount):
    if not odoo.call("sale.order", "fields_get", ["customizable_pdf_form_fields"], ["type"]):
        pytest.skip("Odoo 17 has no such field")
    reference = unique("types")
    partner = odoo.make("res.partner", {"name": reference})
    kept = {"a": 1, "b": [True, "x"]}
    values = {"partner_id": partner, "client_order_ref": reference, "customizable_pdf_form_fields": kept}
    odoo.make("sale.order", values)
    hub.endpoint(
        "orders",
        "sale.order",
        {
            "reference": {"field": "client_order_ref", "identifier": True},
            "filled": {"field": "customizable_pdf_form_fields", "direction": "from_odoo"},
        },
        domain=f"[('client_order_ref', '=', '{reference}')]",
        on_delete="unlink",
    )
    hub.pull("orders")
    assert send("get", f"{BASE}/orders/{reference}")["filled"] == kept


def test_a_field_with_a_value_per_company_is_the_connection_s_company_s(hub: Hub, odoo: OdooAccount):
    companies = odoo.found("res.company", [], order="id", limit=2)
    if len(companies) < 2:
        pytest.skip("Odoo has one company")
    sku = unique("types")
    odoo.make("product.template", {"name": sku, "default_code": sku, "company_id": False})
    lines = {"sku": {"field": "default_code", "identifier": True}, "cost": "standard_price"}
    domain = f"[('default_code', '=', '{sku}')]"
    for number, company in enumerate(companies):
        hub.connection = Connection.objects.create(
            name=f"company-{number}",
            url=hub.odoo.url,
            database=hub.odoo.database,
            login=hub.odoo.login,
            secret=hub.odoo.password,
            company_id=company,
        )
        hub.endpoint(f"costs-{number}", "product.template", lines, domain=domain)
        hub.pull(f"costs-{number}")
        send("put", f"{BASE}/costs-{number}/{sku}", {"cost": 10.5 + number})
        hub.push(f"costs-{number}")
    for number, company in enumerate(companies):
        hub.pull(f"costs-{number}")
        assert send("get", f"{BASE}/costs-{number}/{sku}")["cost"] == 10.5 + number
        context = {"allowed_company_ids": [company]}
        [kept] = odoo.call(
            "product.template",
            "search_read",
            [("default_code", "=", sku)],
            ["standard_price"],
            context=context,
        )
        assert kept["standard_price"] == 10.5 + number


@pytest.mark.parametrize("mode", ["mirror", "live"])
def test_models_made_in_odoo_are_archived_and_taken_out_again(hub: Hub, odoo: OdooAccount, mode: str):
    group = [
        ("module", "=", "base"),
        ("name", "=", "group_user"),
    ]  # what it is called differs from version to version
    [everybody] = [row["res_id"] for row in odoo.call("ir.model.data", "search_read", group, ["res_id"])]
    allowed = {f"perm_{what}": True for what in ("read", "write", "create", "unlink")}
    access = [(0, 0, {"name": "all", "group_id": everybody, **allowed})]
    model = odoo.make("ir.model", {"name": "Vehicle", "model": f"x_vehicle_{mode}", "access_ids": access})
    active = {"name": "x_active", "ttype": "boolean", "field_description": "Active", "model_id": model}
    odoo.call("ir.model.fields", "create", active)
    odoo.call(f"x_vehicle_{mode}", "create", {"x_name": "V1", "x_active": True})
    lines = {"name": {"field": "x_name", "identifier": True}, "active": "x_active"}
    hub.endpoint("vehicles", f"x_vehicle_{mode}", lines, on_delete="archive", mode=mode)

    def there() -> list[tuple[str, bool]]:
        hub.push("vehicles")
        rows = odoo.call(
            f"x_vehicle_{mode}", "search_read", [], ["x_name", "x_active"], context={"active_test": False}
        )
        return [(row["x_name"], row["x_active"]) for row in rows]

    hub.pull("vehicles")
    send("delete", f"{BASE}/vehicles/V1")
    assert there() == [("V1", False)]
    send("post", f"{BASE}/vehicles", {"name": "V1"}, 201)
    assert there() == [("V1", True)]
