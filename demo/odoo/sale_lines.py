"""Lines of sales orders: what the product brings, what the quantity makes of it, and the order's totals."""

# ruff: noqa: S608 — names of tables and columns come from the field table, values are always parameters

from demo.odoo.env import IN_ARRAY, Env, Values, as_array
from demo.odoo.errors import UserError
from demo.odoo.hooks import HOOKS, Hooks
from demo.odoo.models import MODELS
from demo.odoo.reading import display_names

_LINE = MODELS["sale.order.line"]


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


HOOKS["sale.order.line"] = Hooks(
    fill=_fill_lines,
    after_create=_after_create_lines,
    before_write=_before_write_lines,
    after_write=_after_write_lines,
    before_unlink=_before_unlink_lines,
)
