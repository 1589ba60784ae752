"""Sales orders: numbers, defaults, amounts, and the buttons that move them on."""

# ruff: noqa: S608 — names of tables and columns come from the field table, values are always parameters

from typing import Any

from demo.odoo import crud
from demo.odoo.env import IN_ARRAY, Env, Values, as_array
from demo.odoo.errors import UserError
from demo.odoo.hooks import HOOKS, Hooks
from demo.odoo.models import MODELS

_ORDER = MODELS["sale.order"]


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
