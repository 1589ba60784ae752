"""Products: a template and its variant keep each other up to date."""

# ruff: noqa: S608 — names of tables and columns come from the field table, values are always parameters

from demo.odoo import crud
from demo.odoo.env import IN_ARRAY, Env, Values, as_array
from demo.odoo.errors import UserError, ValidationError
from demo.odoo.hooks import HOOKS, Hooks
from demo.odoo.models import MODELS

_TEMPLATE = MODELS["product.template"]
_VARIANT = MODELS["product.product"]
# Live on the variant; the template shows those of its only one.
_OF_VARIANT = ("barcode", "standard_price", "default_code", "weight", "volume")
_COPIED = ("default_code", "weight", "volume")


def _before_create_template(_env: Env, given: list[Values]) -> None:
    for vals in given:
        if "uom_id" in vals:
            vals.setdefault("uom_po_id", vals["uom_id"])


def _after_create_template(env: Env, ids: list[int], given: list[Values]) -> None:
    """Every template has a variant, unless it is made for one."""
    sales_tax = env.value("SELECT id FROM account_tax WHERE type_tax_use = 'sale' AND active ORDER BY id")
    if sales_tax:
        taxed = [
            (record, sales_tax) for record, vals in zip(ids, given, strict=True) if "taxes_id" not in vals
        ]
        env.db.executemany("INSERT OR IGNORE INTO product_taxes_rel (prod_id, tax_id) VALUES (?, ?)", taxed)
    if env.context.get("owned_by") == "product.product":
        return
    variants = []
    for record, vals in zip(ids, given, strict=True):
        of_variant = {name: vals[name] for name in _OF_VARIANT if name in vals}
        variants.append({"product_tmpl_id": record, "active": vals.get("active", True), **of_variant})
    crud.create(env.with_context(owned_by=None), _VARIANT, variants)


def _after_write_template(env: Env, ids: list[int], vals: Values) -> None:
    array = as_array(ids)
    if "uom_id" in vals and env.rows(
        "SELECT 1 FROM sale_order_line l JOIN product_product p ON p.id = l.product_id"
        f" WHERE p.product_tmpl_id {IN_ARRAY} AND l.product_uom IS NOT ? LIMIT 1",
        array,
        vals["uom_id"],
    ):
        raise UserError(
            "You cannot change the unit of measure as there are already stock moves for this product."
            " If you want to change the unit of measure, you should rather archive this product and create a new one."
        )
    passed_on = {name: vals[name] for name in (*_OF_VARIANT, "active") if name in vals}
    statement = f"SELECT id FROM product_product WHERE product_tmpl_id {IN_ARRAY}"
    variants = [row[0] for row in env.rows(statement, array)]
    if passed_on:
        crud.write(env.with_context(from_template=True), _VARIANT, variants, passed_on)
    else:
        # What a variant shows of its template counts as changed with it.
        crud.update(env, _VARIANT, variants, {})


def _after_create_variant(env: Env, ids: list[int], given: list[Values]) -> None:
    _copy_to_template(env, ids)
    _check_barcodes(env, given)


def _after_write_variant(env: Env, ids: list[int], vals: Values) -> None:
    _check_barcodes(env, [vals])
    if env.context.get("from_template"):
        return
    if any(name in vals for name in _COPIED):
        _copy_to_template(env, ids)


def _copy_to_template(env: Env, ids: list[int]) -> None:
    values = ", ".join(
        f"{name} = (SELECT p.{name} FROM product_product p WHERE p.product_tmpl_id = t.id ORDER BY p.id)"
        for name in _COPIED
    )
    single = "(SELECT COUNT(*) FROM product_product p WHERE p.product_tmpl_id = t.id) = 1"
    env.db.execute(
        f"UPDATE product_template AS t SET {values}, write_date = ? WHERE {single}"
        f" AND id IN (SELECT product_tmpl_id FROM product_product WHERE id {IN_ARRAY})",
        (env.now, as_array(ids)),
    )


def _check_barcodes(env: Env, given: list[Values]) -> None:
    wanted = [vals["barcode"] for vals in given if vals.get("barcode")]
    if not wanted:
        return
    name = _VARIANT.fields["display_name"].computed.replace("{t}", "p")
    statement = (
        f"SELECT p.barcode, GROUP_CONCAT({name}, ' and ') FROM product_product p WHERE p.barcode {IN_ARRAY}"
        " GROUP BY p.barcode HAVING COUNT(*) > 1"
    )
    taken = env.rows(statement, as_array(wanted))
    if taken:
        lines = "\n".join(
            f'- Barcode "{barcode}" already assigned to product(s): {names}' for barcode, names in taken
        )
        raise ValidationError(
            f"Barcode(s) already assigned:\n\n{lines}\n\n"
            "Note: products that you don't have access to will not be shown above."
        )


def _after_unlink_variant(env: Env, _ids: list[int]) -> None:
    """A template does not outlive its last variant."""
    orphans = env.rows(
        "SELECT t.id FROM product_template t"
        " WHERE NOT EXISTS (SELECT 1 FROM product_product p WHERE p.product_tmpl_id = t.id)"
    )
    if orphans:
        crud.unlink(env, _TEMPLATE, [row[0] for row in orphans])


HOOKS["product.template"] = Hooks(
    before_create=_before_create_template,
    after_create=_after_create_template,
    after_write=_after_write_template,
)
HOOKS["product.product"] = Hooks(
    after_create=_after_create_variant,
    after_write=_after_write_variant,
    after_unlink=_after_unlink_variant,
)
