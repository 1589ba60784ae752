"""Products with their variant, and sales orders with their amounts and buttons."""

import pytest

from tests.demo.client import Client, unique


@pytest.fixture
def product(odoo: Client) -> int:
    """A variant at 20 a piece."""
    template = odoo.make("product.template", {"name": unique("Chair"), "list_price": 20})
    variant: int = odoo.values("product.template", template, "product_variant_id")["product_variant_id"][0]
    return variant


@pytest.fixture
def customer(odoo: Client) -> int:
    record: int = odoo.make("res.partner", {"name": unique("Customer")})
    return record


def test_a_template_and_its_variant_show_the_same(odoo: Client) -> None:
    code, barcode = unique("P"), unique("B")
    template = odoo.make(
        "product.template",
        {"name": "Chair", "default_code": code, "barcode": barcode, "list_price": 12.345, "standard_price": 5.5,
         "weight": 1.239},
    )  # fmt: skip
    names = [
        "display_name",
        "list_price",
        "standard_price",
        "weight",
        "type",
        "product_variant_count",
        "uom_name",
    ]
    assert odoo.values("product.template", template, *names) == {
        "display_name": f"[{code}] Chair", "list_price": 12.35, "standard_price": 5.5, "weight": 1.24,
        "type": "consu", "product_variant_count": 1, "uom_name": "Units",
    }  # fmt: skip
    variant = odoo.values("product.template", template, "product_variant_ids")["product_variant_ids"][0]
    names = ["name", "lst_price", "list_price", "default_code", "barcode", "code", "active"]
    assert odoo.values("product.product", variant, *names) == {
        "name": "Chair", "lst_price": 12.35, "list_price": 12.35, "default_code": code, "barcode": barcode,
        "code": code, "active": True,
    }  # fmt: skip

    odoo.call(
        "product.product", "write", [variant], {"name": "Stool", "lst_price": 20, "default_code": f"{code}2"}
    )
    assert odoo.values("product.template", template, "name", "list_price", "default_code") == {
        "name": "Stool", "list_price": 20.0, "default_code": f"{code}2",
    }  # fmt: skip
    odoo.call(
        "product.template", "write", [template], {"standard_price": 7, "default_code": code, "active": False}
    )
    assert odoo.values("product.product", variant, "standard_price", "default_code", "active") == {
        "standard_price": 7.0, "default_code": code, "active": False,
    }  # fmt: skip
    found = odoo.found(
        "product.product", [("name", "=", "Stool"), ("default_code", "=", code), ("active", "=", False)]
    )
    assert found == [variant]


def test_a_variant_brings_its_template_and_takes_it_along(odoo: Client) -> None:
    variant = odoo.make("product.product", {"name": unique(), "list_price": 3, "default_code": unique("V")})
    template = odoo.values("product.product", variant, "product_tmpl_id")["product_tmpl_id"][0]
    odoo.remember("product.template", [template])
    assert odoo.values("product.template", template, "product_variant_count", "list_price") == {
        "product_variant_count": 1, "list_price": 3.0,
    }  # fmt: skip
    odoo.call("product.product", "unlink", [variant])
    assert odoo.found("product.template", [("id", "=", template)]) == []


def test_a_barcode_belongs_to_one_product(odoo: Client) -> None:
    barcode = unique("B")
    odoo.make("product.template", {"name": "First", "barcode": barcode})
    code, text = odoo.fault("product.template", "create", {"name": "Second", "barcode": barcode})
    assert code == 2
    assert text == (
        f'Barcode(s) already assigned:\n\n- Barcode "{barcode}" already assigned to product(s): First and Second\n\n'
        "Note: products that you don't have access to will not be shown above."
    )


def test_an_order_fills_in_what_is_not_given(odoo: Client, customer: int, product: int) -> None:
    lines = [
        (0, 0, {"product_id": product}),
        (0, 0, {"product_id": product, "product_uom_qty": 3, "price_unit": 10, "discount": 10}),
        (0, 0, {"display_type": "line_section", "name": "Section"}),
    ]
    order = odoo.make("sale.order", {"partner_id": customer, "order_line": lines})
    values = odoo.values(
        "sale.order", order, "name", "state", "amount_untaxed", "partner_invoice_id", "date_order"
    )
    assert values["name"].startswith("S0")
    assert (values["state"], values["amount_untaxed"]) == ("draft", 47.0)
    assert values["partner_invoice_id"][0] == customer
    assert values["date_order"]
    ids = odoo.values("sale.order", order, "order_line")["order_line"]
    name = odoo.values("product.product", product, "display_name")["display_name"]
    names = ["name", "product_uom_qty", "price_unit", "price_subtotal", "state", "product_uom"]
    first, second, section = odoo.call("sale.order.line", "read", ids, names)
    assert (first["name"], first["price_unit"], first["product_uom_qty"]) == (name, 20.0, 1.0)
    assert first["product_uom"][1] == "Units"
    assert second["price_subtotal"] == 27.0
    assert (section["price_unit"], section["product_uom_qty"], section["product_uom"]) == (0.0, 0.0, False)
    amounts = odoo.values("sale.order", order, "amount_untaxed", "amount_tax", "amount_total")
    assert amounts["amount_total"] == pytest.approx(amounts["amount_untaxed"] + amounts["amount_tax"])


def test_amounts_follow_the_lines(odoo: Client, customer: int, product: int) -> None:
    order = odoo.make("sale.order", {"partner_id": customer, "order_line": [(0, 0, {"product_id": product})]})
    line = odoo.values("sale.order", order, "order_line")["order_line"][0]

    def untaxed() -> float:
        amount: float = odoo.values("sale.order", order, "amount_untaxed")["amount_untaxed"]
        return amount

    assert untaxed() == 20.0
    odoo.call("sale.order.line", "write", [line], {"product_uom_qty": 2})
    assert untaxed() == 40.0
    odoo.call("sale.order.line", "write", [line], {"price_unit": 5})
    assert untaxed() == 10.0
    odoo.call(
        "sale.order",
        "write",
        [order],
        {"order_line": [(1, line, {"discount": 50}), (0, 0, {"product_id": product})]},
    )
    assert untaxed() == 25.0
    odoo.call("sale.order", "write", [order], {"order_line": [(2, line)]})
    assert untaxed() == 20.0


def test_buttons(odoo: Client, customer: int, product: int) -> None:
    order = odoo.make("sale.order", {"partner_id": customer, "order_line": [(0, 0, {"product_id": product})]})
    line = odoo.values("sale.order", order, "order_line")["order_line"]

    def state() -> str:
        text: str = odoo.values("sale.order", order, "state")["state"]
        return text

    assert odoo.call("sale.order", "action_cancel", [order]) is True
    assert state() == "cancel"
    assert odoo.call("sale.order", "action_draft", [order]) is True
    assert odoo.call("sale.order", "action_confirm", [order]) is True
    assert state() == "sale"
    assert odoo.values("sale.order.line", line[0], "state") == {"state": "sale"}
    assert odoo.fault("sale.order", "action_confirm", [order]) == (
        2,
        "Some orders are not in a state requiring confirmation.",
    )
    assert odoo.fault("sale.order", "unlink", [order]) == (
        2,
        "You can not delete a sent quotation or a confirmed sales order. You must first cancel it.",
    )
    _code, text = odoo.fault("sale.order.line", "unlink", line)
    assert text.startswith("Once a sales order is confirmed, you can't remove one of its lines")
    # A confirmed order is not cancelled at once: the answer is the window that asks.
    assert odoo.call("sale.order", "action_cancel", [order])["res_model"] == "sale.order.cancel"
    assert state() == "sale"
    context = {"disable_cancel_warning": True}
    assert odoo.call("sale.order", "action_cancel", [order], context=context) is True
    assert state() == "cancel"
    assert odoo.call("sale.order", "unlink", [order]) is True
    assert odoo.found("sale.order.line", [("id", "in", line)]) == []
