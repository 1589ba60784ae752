"""Sales orders: numbers, defaults, amounts, and the buttons that move them on."""

# ruff: noqa: S608 — names of tables and columns come from the field table, values are always parameters

from typing import Any

from demo.odoo import crud
from demo.odoo.env import IN_ARRAY, Env, Values, as_array
from demo.odoo.errors import UserError
from demo.odoo.hooks import HOOKS, Hooks
from demo.odoo.models import MODELS
from demo.odoo.reading import display_names

_ORDER = MODELS["sale.order"]
_LINE = MODELS["sale.order.line"]


def _fill_orders(env: Env, rows: list[Values]) -> None:
    currency = env.value("SELECT currency_id FROM res_company ORDER BY id")
    for row in rows:
        if not row["name"] or row["name"] == "New":
            row["name"] = f"S{row['id']:05d}"
        row["date_order"] = row["date_order"] or env.now[:19] + ".000000"
        row["currency_id"] = row["currency_id"] or currency
        row["user_id"] = row["user_id"] or env.uid
        for address in ("partner_invoice_id", "partner_shipping_id"):
            row[address] = row[address] or row["partner_id"]
        for amount in ("amount_untaxed", "amount_tax", "amount_total"):
            row[amount] = 0.0


def _after_write_orders(env: Env, ids: list[int], vals: Values) -> None:
    if "state" in vals:
        _invoice_status(env, ids)


def _invoice_status(env: Env, ids: list[int]) -> None:
    """What is sold waits for its invoice, which the practice company never writes."""
    array = as_array(ids)
    sold = "(SELECT o.state = 'sale' FROM sale_order o WHERE o.id = l.order_id) AND l.product_uom_qty > 0"
    env.db.execute(
        f"UPDATE sale_order_line AS l SET qty_to_invoice = CASE WHEN {sold} THEN product_uom_qty ELSE 0 END,"
        f" invoice_status = CASE WHEN {sold} THEN 'to invoice' ELSE 'no' END WHERE order_id {IN_ARRAY}",
        (array,),
    )
    waiting = (
        "EXISTS (SELECT 1 FROM sale_order_line l WHERE l.order_id = o.id AND l.invoice_status = 'to invoice')"
    )
    env.db.execute(
        f"UPDATE sale_order AS o SET invoice_status = CASE WHEN {waiting} THEN 'to invoice' ELSE 'no' END"
        f" WHERE id {IN_ARRAY}",
        (array,),
    )


def _before_unlink_orders(env: Env, ids: list[int]) -> None:
    statement = f"SELECT 1 FROM sale_order WHERE id {IN_ARRAY} AND state NOT IN ('draft', 'cancel') LIMIT 1"
    if env.rows(statement, as_array(ids)):
        raise UserError(
            "You can not delete a sent quotation or a confirmed sales order. You must first cancel it."
        )


def _fill_lines(env: Env, rows: list[Values]) -> None:
    products = {row["product_id"] for row in rows} - {None}
    names = display_names(env, MODELS["product.product"], products)
    found = env.rows(
        "SELECT p.id, t.list_price, t.uom_id, t.description_sale, t.sale_delay FROM product_product p"
        f" JOIN product_template t ON t.id = p.product_tmpl_id WHERE p.id {IN_ARRAY}",
        as_array(products),
    )
    facts = {product: rest for product, *rest in found}
    for row in rows:
        if row["display_type"]:
            row.update(product_id=None, product_uom=None, product_uom_qty=0.0, price_unit=0.0)
            continue
        if row["product_id"] not in facts:
            row["price_unit"] = row["price_unit"] or 0.0
            continue
        price, unit, description, delay = facts[row["product_id"]]
        if row["name"] is None:
            row["name"] = "\n".join(part for part in (names[row["product_id"]], description) if part)
        if row["price_unit"] is None:
            row["price_unit"] = row["technical_price_unit"] = price
        row["product_uom"] = row["product_uom"] or unit
        row["customer_lead"] = row["customer_lead"] or float(delay or 0)


def _after_create_lines(env: Env, ids: list[int], given: list[Values]) -> None:
    untaxed = [record for record, vals in zip(ids, given, strict=True) if "tax_id" not in vals]
    env.db.execute(
        "INSERT OR IGNORE INTO account_tax_sale_order_line_rel (sale_order_line_id, account_tax_id)"
        " SELECT l.id, x.tax_id FROM sale_order_line l JOIN product_product p ON p.id = l.product_id"
        f" JOIN product_taxes_rel x ON x.prod_id = p.product_tmpl_id WHERE l.id {IN_ARRAY}",
        (as_array(untaxed),),
    )
    _amounts(env, ids)


def _before_write_lines(env: Env, _ids: list[int], vals: Values) -> None:
    """Another product brings its own text and unit, unless they are given too."""
    if not vals.get("product_id"):
        return
    row: Values = dict.fromkeys(_LINE.columns)
    row["product_id"] = vals["product_id"]
    _fill_lines(env, [row])
    for name in ("name", "product_uom"):
        vals.setdefault(name, row[name])


def _after_write_lines(env: Env, ids: list[int], vals: Values) -> None:
    if {"product_uom_qty", "product_id"} & vals.keys() and "price_unit" not in vals:
        _reprice(env, ids)
    if {"product_uom_qty", "price_unit", "discount", "tax_id", "product_id", "order_id"} & vals.keys():
        _amounts(env, ids)


def _reprice(env: Env, ids: list[int]) -> None:
    """Another quantity asks for the price again, unless a person has changed the one that was computed.

    As in Odoo, a price that was given when the line was made counts as computed: it does not stay.
    """
    env.db.execute(
        "UPDATE sale_order_line AS l SET (price_unit, technical_price_unit) = (SELECT t.list_price, t.list_price"
        " FROM product_product p JOIN product_template t ON t.id = p.product_tmpl_id WHERE p.id = l.product_id)"
        f" WHERE id {IN_ARRAY} AND product_id IS NOT NULL"
        " AND (COALESCE(technical_price_unit, 0) = 0 OR technical_price_unit = price_unit)",
        (as_array(ids),),
    )


def _before_unlink_lines(env: Env, ids: list[int]) -> None:
    array = as_array(ids)
    joined = f"FROM sale_order_line l JOIN sale_order o ON o.id = l.order_id WHERE l.id {IN_ARRAY}"
    if env.rows(f"SELECT 1 {joined} AND o.state = 'sale' AND l.display_type IS NULL LIMIT 1", array):
        raise UserError(
            "Once a sales order is confirmed, you can't remove one of its lines (we need to track if something"
            " gets invoiced or delivered).\n                Set the quantity to 0 instead."
        )
    # The totals go first: afterwards nobody knows which orders the lines were of.
    orders = [row[0] for row in env.rows(f"SELECT DISTINCT l.order_id {joined}", array)]
    env.db.execute(
        f"DELETE FROM account_tax_sale_order_line_rel WHERE sale_order_line_id {IN_ARRAY}", (array,)
    )
    env.db.execute(
        f"UPDATE sale_order_line SET price_subtotal = 0, price_tax = 0, price_total = 0 WHERE id {IN_ARRAY}",
        (array,),
    )
    _total(env, orders)


def _amounts(env: Env, ids: list[int]) -> None:
    array = as_array(ids)
    rate = (
        "(SELECT COALESCE(SUM(x.amount), 0) / 100 FROM account_tax x JOIN account_tax_sale_order_line_rel r"
        " ON r.account_tax_id = x.id WHERE r.sale_order_line_id = l.id)"
    )
    env.db.execute(
        "UPDATE sale_order_line AS l SET price_subtotal ="
        f" ROUND(product_uom_qty * price_unit * (1 - COALESCE(discount, 0) / 100), 2) WHERE id {IN_ARRAY}",
        (array,),
    )
    env.db.execute(
        f"UPDATE sale_order_line AS l SET price_tax = ROUND(price_subtotal * {rate}, 2) WHERE id {IN_ARRAY}",
        (array,),
    )
    one = "NULLIF(product_uom_qty, 0)"
    env.db.execute(
        "UPDATE sale_order_line SET price_total = ROUND(price_subtotal + price_tax, 2),"
        f" price_reduce_taxexcl = COALESCE(price_subtotal / {one}, 0),"
        f" price_reduce_taxinc = COALESCE((price_subtotal + price_tax) / {one}, 0) WHERE id {IN_ARRAY}",
        (array,),
    )
    statement = f"SELECT DISTINCT order_id FROM sale_order_line WHERE id {IN_ARRAY}"
    _total(env, [row[0] for row in env.rows(statement, array)])


def _total(env: Env, orders: list[int]) -> None:
    """The order's amounts; a computed value that changes moves `write_date` too."""
    sums = env.rows(
        "SELECT o.id, o.amount_untaxed, o.amount_tax, ROUND(COALESCE(SUM(l.price_subtotal), 0), 2),"
        " ROUND(COALESCE(SUM(l.price_tax), 0), 2) FROM sale_order o"
        f" LEFT JOIN sale_order_line l ON l.order_id = o.id WHERE o.id {IN_ARRAY} GROUP BY o.id",
        as_array(orders),
    )
    changed = [
        (untaxed, tax, round(untaxed + tax, 2), env.uid, env.now, order)
        for order, old_untaxed, old_tax, untaxed, tax in sums
        if (old_untaxed, old_tax) != (untaxed, tax)
    ]
    env.db.executemany(
        "UPDATE sale_order SET amount_untaxed = ?, amount_tax = ?, amount_total = ?, write_uid = ?, write_date = ?"
        " WHERE id = ?",
        changed,
    )


def _states(env: Env, ids: list[int]) -> set[str]:
    return {
        row[0]
        for row in env.rows(f"SELECT DISTINCT state FROM sale_order WHERE id {IN_ARRAY}", as_array(ids))
    }


def action_confirm(env: Env, ids: list[int]) -> bool:
    if _states(env, ids) - {"draft", "sent"}:
        raise UserError("Some orders are not in a state requiring confirmation.")
    return crud.write(env, _ORDER, ids, {"state": "sale", "date_order": env.now[:19]})


def action_cancel(env: Env, ids: list[int]) -> bool | dict[str, Any]:
    """A confirmed order first gets a window to ask: the answer is that window, and nothing has changed."""
    if _states(env, ids) - {"draft"} and not env.context.get("disable_cancel_warning"):
        return {
            "name": "Cancel Sales Order",
            "view_mode": "form",
            "res_model": "sale.order.cancel",
            "type": "ir.actions.act_window",
            "context": {"default_order_id": ids[0]},
            "target": "new",
        }
    return crud.write(env, _ORDER, ids, {"state": "cancel"})


def action_draft(env: Env, ids: list[int]) -> bool:
    statement = f"SELECT id FROM sale_order WHERE state IN ('cancel', 'sent') AND id {IN_ARRAY}"
    back = [row[0] for row in env.rows(statement, as_array(ids))]
    return crud.write(env, _ORDER, back, {"state": "draft", "signature": False, "signed_by": False})


HOOKS["sale.order"] = Hooks(
    fill=_fill_orders,
    after_write=_after_write_orders,
    before_unlink=_before_unlink_orders,
    methods={"action_confirm": action_confirm, "action_cancel": action_cancel, "action_draft": action_draft},
)
HOOKS["sale.order.line"] = Hooks(
    fill=_fill_lines,
    after_create=_after_create_lines,
    before_write=_before_write_lines,
    after_write=_after_write_lines,
    before_unlink=_before_unlink_lines,
)
