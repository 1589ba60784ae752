"""What `fields_get` does not tell about the fields: where their values come from.

`facts.json` holds what a real Odoo 18 answers; this module says how each field lives here. A field that
is in none of these tables is a column of its model's table.
"""

from typing import Any

# A record of the left model owns one of the right and shows its fields as its own.
INHERITS = {
    "product.product": ("product_tmpl_id", "product.template"),
    "res.users": ("partner_id", "res.partner"),
    "res.company": ("partner_id", "res.partner"),
}

# Read and written through many2one fields.
RELATED: dict[str, dict[str, str]] = {
    "res.partner": {"country_code": "country_id.code", "parent_name": "parent_id.name"},
    "res.company": {
        "email": "partner_id.email",
        "phone": "partner_id.phone",
        "mobile": "partner_id.mobile",
        "logo": "partner_id.image_1920",
    },
    "product.template": {"uom_name": "uom_id.name", "uom_category_id": "uom_id.category_id"},
    "product.product": {"lst_price": "product_tmpl_id.list_price"},
    "sale.order": {"country_code": "company_id.country_code"},
    "sale.order.line": {
        "company_id": "order_id.company_id",
        "currency_id": "order_id.currency_id",
        "order_partner_id": "order_id.partner_id",
        "salesman_id": "order_id.user_id",
        "state": "order_id.state",
        "product_template_id": "product_id.product_tmpl_id",
    },
    "stock.quant": {
        "product_tmpl_id": "product_id.product_tmpl_id",
        "product_uom_id": "product_id.uom_id",
    },
}

_COMPANY_CURRENCY = "(SELECT c.currency_id FROM res_company c ORDER BY c.id LIMIT 1)"
_ON_HAND = (
    "(SELECT COALESCE(SUM(q.quantity), 0.0) FROM stock_quant q"
    " JOIN stock_location l ON l.id = q.location_id AND l.usage = 'internal' WHERE q.product_id IN {products})"
)
_OF_VARIANT = _ON_HAND.format(products="({t}.id)")
_OF_TEMPLATE = _ON_HAND.format(
    products="(SELECT p.id FROM product_product p WHERE p.product_tmpl_id = {t}.id)",
)
_OF_ONLY_VARIANT = (
    "(SELECT p.{column} FROM product_product p WHERE p.product_tmpl_id = {{t}}.id ORDER BY p.id)"
)
_IMAGES = {f"image_{size}": "{t}.image_1920" for size in (1024, 512, 256, 128)}
_UNITS = {"weight_uom_name": "'kg'", "volume_uom_name": "'m³'"}

# Computed when read: an SQL expression over the table's alias {t}.
COMPUTED: dict[str, dict[str, str]] = {
    "res.partner": {
        **_IMAGES,
        "display_name": "{t}.complete_name",
        "company_type": "CASE WHEN {t}.is_company THEN 'company' ELSE 'person' END",
        "contact_address": (
            "COALESCE({t}.commercial_company_name || char(10), '') || COALESCE({t}.street, '') || char(10)"
            " || COALESCE({t}.street2, '') || char(10) || COALESCE({t}.city, '') || ' '"
            " || COALESCE((SELECT s.code FROM res_country_state s WHERE s.id = {t}.state_id), '') || ' '"
            " || COALESCE({t}.zip, '') || char(10)"
            " || COALESCE((SELECT c.name FROM res_country c WHERE c.id = {t}.country_id), '')"
        ),
        "currency_id": _COMPANY_CURRENCY,
        "email_formatted": "'\"' || {t}.name || '\" <' || COALESCE({t}.email_normalized, {t}.email) || '>'",
        "sale_order_count": "(SELECT COUNT(*) FROM sale_order o WHERE o.partner_id = {t}.id)",
    },
    "product.template": {
        **_IMAGES,
        **_UNITS,
        "display_name": "COALESCE('[' || {t}.default_code || '] ', '') || {t}.name",
        "barcode": _OF_ONLY_VARIANT.format(column="barcode"),
        "standard_price": _OF_ONLY_VARIANT.format(column="standard_price"),
        "product_variant_id": _OF_ONLY_VARIANT.format(column="id"),
        "product_variant_count": (
            "(SELECT COUNT(*) FROM product_product p WHERE p.product_tmpl_id = {t}.id AND p.active)"
        ),
        "currency_id": _COMPANY_CURRENCY,
        "cost_currency_id": _COMPANY_CURRENCY,
        "qty_available": _OF_TEMPLATE,
        "virtual_available": _OF_TEMPLATE,
        "incoming_qty": "0.0",
        "outgoing_qty": "0.0",
    },
    "product.product": {
        **_UNITS,
        "display_name": (
            "COALESCE('[' || {t}.default_code || '] ', '')"
            " || (SELECT n.name FROM product_template n WHERE n.id = {t}.product_tmpl_id)"
        ),
        "partner_ref": (
            "COALESCE('[' || {t}.default_code || '] ', '')"
            " || (SELECT n.name FROM product_template n WHERE n.id = {t}.product_tmpl_id)"
        ),
        "code": "{t}.default_code",
        "qty_available": _OF_VARIANT,
        "virtual_available": _OF_VARIANT,
        "free_qty": _OF_VARIANT,
        "incoming_qty": "0.0",
        "outgoing_qty": "0.0",
    },
    "product.category": {
        "display_name": "{t}.complete_name",
        "product_count": "(SELECT COUNT(*) FROM product_template p WHERE p.categ_id = {t}.id)",
    },
    "res.partner.category": {
        "display_name": (
            "COALESCE((SELECT p.name || ' / ' FROM res_partner_category p WHERE p.id = {t}.parent_id), '')"
            " || {t}.name"
        ),
    },
    "res.country": {"image_url": "'/base/static/img/country_flags/' || LOWER({t}.code) || '.png'"},
    "res.country.state": {
        "display_name": (
            "{t}.name || ' (' || (SELECT c.code FROM res_country c WHERE c.id = {t}.country_id) || ')'"
        ),
    },
    "res.currency": {"rate": "1.0", "decimal_places": "CASE WHEN {t}.rounding >= 1 THEN 0 ELSE 2 END"},
    "sale.order.line": {
        "display_name": (
            "(SELECT o.name || ' - ' || {t}.name || ' (' || COALESCE(c.ref, c.name) || ')' FROM sale_order o"
            " JOIN res_partner p ON p.id = o.partner_id JOIN res_partner c ON c.id = p.commercial_partner_id"
            " WHERE o.id = {t}.order_id)"
        ),
    },
    "res.users": {"display_name": "(SELECT n.name FROM res_partner n WHERE n.id = {t}.partner_id)"},
    "stock.location": {"display_name": "{t}.complete_name"},
    "stock.quant": {
        "display_name": "(SELECT l.complete_name FROM stock_location l WHERE l.id = {t}.location_id)",
        "available_quantity": "{t}.quantity - {t}.reserved_quantity",
    },
    "account.tax": {"price_include": "0"},
    "ir.model": {"modules": "'base'"},
    "ir.model.fields": {
        "display_name": (
            "{t}.field_description || ' (' || (SELECT m.name FROM ir_model m WHERE m.id = {t}.model_id) || ')'"
        ),
    },
    "ir.model.data": {
        "display_name": "{t}.name",
        "complete_name": "{t}.module || '.' || {t}.name",
        "reference": "{t}.model || ',' || {t}.res_id",
    },
}

# The table of a many2many field, its column for this record and its column for the other.
PIVOTS = {
    ("res.partner", "category_id"): ("res_partner_res_partner_category_rel", "partner_id", "category_id"),
    ("res.partner.category", "partner_ids"): (
        "res_partner_res_partner_category_rel",
        "category_id",
        "partner_id",
    ),
    ("product.template", "product_tag_ids"): ("product_tag_product_template_rel", "template_id", "tag_id"),
    ("product.tag", "product_template_ids"): ("product_tag_product_template_rel", "tag_id", "template_id"),
    ("product.product", "additional_product_tag_ids"): (
        "product_tag_product_product_rel",
        "product_id",
        "tag_id",
    ),
    ("product.tag", "product_product_ids"): ("product_tag_product_product_rel", "tag_id", "product_id"),
    ("product.template", "optional_product_ids"): ("product_optional_rel", "src_id", "dest_id"),
    ("product.template", "taxes_id"): ("product_taxes_rel", "prod_id", "tax_id"),
    ("product.template", "supplier_taxes_id"): ("product_supplier_taxes_rel", "prod_id", "tax_id"),
    ("sale.order", "tag_ids"): ("sale_order_tag_rel", "order_id", "tag_id"),
    ("sale.order.line", "tax_id"): (
        "account_tax_sale_order_line_rel",
        "sale_order_line_id",
        "account_tax_id",
    ),
    ("res.users", "company_ids"): ("res_company_users_rel", "user_id", "cid"),
    ("res.company", "user_ids"): ("res_company_users_rel", "cid", "user_id"),
}

# What happens to a record when the one it points to is deleted. Odoo's rule for the rest: a required
# many2one restricts, any other is emptied.
ONDELETE = {
    ("res.partner", "country_id"): "restrict",
    ("res.partner", "state_id"): "restrict",
    ("res.partner.category", "parent_id"): "cascade",
    ("product.category", "parent_id"): "cascade",
    ("product.product", "product_tmpl_id"): "cascade",
    ("sale.order.line", "order_id"): "cascade",
    ("sale.order.line", "product_id"): "restrict",
    ("ir.model.fields", "model_id"): "cascade",
}

# Links that Odoo follows while it computes other fields of a new, or of a changed record.
FOLLOWED_IN_CREATE = (
    ("res.partner", "parent_id"),
    ("sale.order", "partner_id"),
    ("sale.order", "user_id"),
    ("sale.order.line", "order_id"),
    ("sale.order.line", "product_id"),
    ("product.template", "categ_id"),
)
FOLLOWED_IN_WRITE = (
    *FOLLOWED_IN_CREATE,
    ("res.partner", "country_id"),
    ("res.partner", "state_id"),
)

# Values of a new record where nothing else is given.
DEFAULTS: dict[str, dict[str, Any]] = {
    "res.partner": {
        "type": "contact",
        "lang": "en_US",
        "is_company": False,
        "active": True,
        "autopost_bills": "ask",
        "invoice_warn": "no-message",
        "picking_warn": "no-message",
        "sale_warn": "no-message",
        "partner_share": True,
        "trust": "normal",
        "color": 0,
    },
    "product.template": {
        "active": True,
        "type": "consu",
        "sale_ok": True,
        "purchase_ok": True,
        "list_price": 1.0,
        "uom_id": 1,
        "uom_po_id": 1,
        "categ_id": 1,
        "sequence": 1,
        "sale_line_warn": "no-message",
        "tracking": "none",
        "service_tracking": "no",
        "service_type": "manual",
        "invoice_policy": "order",
        "expense_policy": "no",
    },
    "product.product": {"active": True},
    "product.tag": {"sequence": 10, "color": "#3C3C3C"},
    "sale.order": {
        "state": "draft",
        "company_id": 1,
        "currency_rate": 1.0,
        "picking_policy": "direct",
        "invoice_status": "no",
        "locked": False,
        "require_signature": True,
    },
    "sale.order.line": {
        "product_uom_qty": 1.0,
        "sequence": 10,
        "discount": 0.0,
        "customer_lead": 0.0,
        "invoice_status": "no",
        "qty_delivered_method": "manual",
    },
    "res.users": {"active": True, "company_id": 1},
    "res.company": {"active": True, "sequence": 10, "currency_id": 1},
    "res.country": {"name_position": "before", "zip_required": True, "state_required": False},
    "res.currency": {"active": True, "rounding": 0.01, "position": "after"},
    "res.partner.category": {"active": True},
    "res.lang": {"active": False, "direction": "ltr", "date_format": "%m/%d/%Y", "decimal_point": "."},
    "uom.uom": {"active": True, "factor": 1.0, "rounding": 0.01, "uom_type": "reference"},
    "account.tax": {
        "active": True,
        "amount_type": "percent",
        "type_tax_use": "sale",
        "company_id": 1,
        "sequence": 1,
    },
    "account.payment.term": {"active": True, "sequence": 10},
    "res.partner.industry": {"active": True},
    "stock.location": {"active": True, "usage": "internal", "company_id": 1},
    "stock.quant": {"company_id": 1, "quantity": 0.0, "reserved_quantity": 0.0},
    "ir.cron": {"active": True, "interval_number": 1},
    "ir.model": {"state": "manual", "order": "id"},
    "ir.model.fields": {"state": "manual", "store": True, "copied": True},
    "ir.model.data": {"noupdate": False},
}

# Beside the primary key: what is searched, sorted or joined by.
INDEXES: dict[str, tuple[str, ...]] = {
    "res.partner": (
        "ref",
        "email",
        "name",
        "complete_name",
        "parent_id",
        "commercial_partner_id",
        "country_id",
    ),
    "product.template": ("default_code", "name", "categ_id"),
    "product.product": ("default_code", "product_tmpl_id"),
    "sale.order": ("name", "client_order_ref", "partner_id", "date_order"),
    "sale.order.line": ("order_id", "product_id"),
    "ir.model.data": ("model, res_id",),
    "ir.model.fields": ("model",),
    "res.country.state": ("country_id",),
    "stock.quant": ("product_id",),
}

# Unique columns and what Odoo says when they are not.
UNIQUE: dict[tuple[str, str], str] = {
    ("res.country", "code"): "The code of the country must be unique!",
    ("res.country", "name"): "The name of the country must be unique!",
    ("res.country.state", "country_id, code"): "The code of the state must be unique by country!",
    ("res.currency", "name"): "The currency code must be unique!",
    ("res.company", "name"): "The company name must be unique!",
    ("res.users", "login"): "You can not have two users with the same login!",
    ("res.lang", "code"): "The code of the language must be unique!",
    ("product.tag", "name"): "Tag name already exists!",
    ("crm.tag", "name"): "Tag name already exists!",
    ("ir.model", "model"): "Each model must have a unique name.",
    (
        "ir.model.data",
        "module, name",
    ): "You cannot have multiple records with the same external ID in the same module!",
}
