"""Odoo's texts, as Odoo 17, 18 and 19 word them, lead to the line and say what to do."""

from typing import Any

import pytest

from mappings.spec import MappingSpec
from mappings.tracing import trace
from synchub.errors import OdooPermanent
from tests.mappings.specs import field, spec

COUNTRY = spec(
    "res.country",
    {"code": ("code", field("char", "Country Code")), "name": ("name", field("char", "Country Name"))},
)
CONTACT = spec(
    "res.partner",
    {
        "number": ("ref", field("char", "Reference")),
        "called": ("name", field("char", "Name")),
        "mail": ("email", field("char", "Email")),
    },
)
PARTNER = spec(
    "res.partner",
    {
        "customer_id": ("ref", field("char", "Reference")),
        "name": ("name", field("char", "Name")),
        "kind": (
            "type",
            field("selection", "Address Type", selection=[["contact", "Contact"], ["other", "Other"]]),
        ),
        "country": ("country_id", field("many2one", "Country", relation="res.country"), COUNTRY),
        "parent": ("parent_id", field("many2one", "Related Company", relation="res.partner")),
        "tags": ("category_id", field("many2many", "Tags", relation="res.partner.category")),
        "latitude": ("partner_latitude", field("float", "Geo Latitude")),
        "colour": ("color", field("integer", "Color Index")),
        "active": ("active", field("boolean", "Active")),
        "photo": ("image_1920", field("binary", "Image")),
        "address.zip": ("zip", field("char", "Zip")),
        "vat": ("vat", field("char", "Tax ID")),
        "since": ("date", field("date", "Date")),
        "contacts": (
            "child_ids",
            field("one2many", "Contact", relation="res.partner", relation_field="parent_id"),
            CONTACT,
        ),
        "note": ("comment", field("html", "Notes")),
    },
)
PRODUCT = spec(
    "product.product",
    {
        "sku": ("default_code", field("char", "Internal Reference")),
        "name": ("name", field("char", "Name")),
        "barcode": ("barcode", field("char", "Barcode")),
    },
)
ORDER_LINE = spec(
    "sale.order.line",
    {
        "number": ("sequence", field("integer", "Sequence")),
        "product": ("product_id", field("many2one", "Product", relation="product.product"), PRODUCT),
        "text": ("name", field("text", "Description")),
        "quantity": ("product_uom_qty", field("float", "Quantity")),
        "price": ("price_unit", field("float", "Unit Price")),
        "type": ("display_type", field("selection", "Display Type", selection=[["line_note", "Note"]])),
    },
)
ORDER = spec(
    "sale.order",
    {
        "reference": ("client_order_ref", field("char", "Customer Reference")),
        "partner": ("partner_id", field("many2one", "Customer", relation="res.partner")),
        "at": ("date_order", field("datetime", "Order Date")),
        "until": ("validity_date", field("date", "Expiration")),
        "lines": (
            "order_line",
            field("one2many", "Order Lines", relation="sale.order.line", relation_field="order_id"),
            ORDER_LINE,
        ),
    },
)


def child(ref: Any, **values: Any) -> dict[str, Any]:
    return {"$ref": ref, "$values": values}


SENT = {
    "ref": "X1",
    "name": "Ada",
    "type": "nope",
    "country_id": child("ZZ"),
    "parent_id": 15,
    "category_id": [4, 999999],
    "partner_latitude": "abc",
    "image_1920": "aGVsbG8=",
    "vat": "BE123",
    "date": "31/12/2025",
}
LINES = {
    "client_order_ref": "PO7",
    "partner_id": 99999999,
    "order_line": {
        "$children": [
            child(1, name="Desk", product_uom_qty=1.0),
            child(2, product_uom_qty="abc", product_id=child("SKU9")),
            child(3, name="Chair", display_type="zzz"),
        ]
    },
}
MANDATORY = (
    "The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n- Delete: another model requires"
    " the record being deleted. If possible, archive it instead.\n\nModel: {} ({})\nField: {} ({})\n"
)
IN_USE = (
    "The operation cannot be completed: another model requires the record being deleted. If possible, archive it "
    "instead.\n\nModel: {} ({})\nConstraint: {}\n"
)
GONE = "Record does not exist or has been deleted.\n(Record: {}({},), User: 2)"


@pytest.mark.parametrize(
    ("mapping", "message", "given", "values", "key", "says"),
    [
        # A field that Odoo requires.
        (
            PRODUCT,
            MANDATORY.format("Product", "product.template", "Name", "name"),
            None,
            {},
            "name",
            "is missing",
        ),
        (
            ORDER,
            MANDATORY.format("Sales Order", "sale.order", "Customer", "partner_id"),
            None,
            {},
            "partner",
            "is missing",
        ),
        (
            ORDER,
            MANDATORY.format("Sales Order Line", "sale.order.line", "Description", "name"),
            None,
            LINES,
            "lines[1].text",
            "is missing",
        ),
        (
            ORDER,
            MANDATORY.format("Ligne de commande", "sale.order.line", "Descripción", "name").replace(
                "mandatory", "x"
            ),
            None,
            {},
            "lines.text",
            "is missing",
        ),
        (
            ORDER,
            MANDATORY.format("Sales Order", "sale.order", "Warehouse", "warehouse_id"),
            None,
            LINES,
            "",
            "requires the field warehouse_id of sale.order, and no line",
        ),
        (PRODUCT, "Missing required value for the field 'Name' (name)", "name", {}, "name", "is missing"),
        (PRODUCT, "Missing required value for the field 'Name' (name)", None, {}, "name", "is missing"),
        (
            PRODUCT,
            "The operation cannot be completed: Missing required value for the field 'Name' (name).\n"
            "Model: 'Product' (product.template)\n- create/update: a mandatory field is not set\n- delete: another model"
            " requires the record being deleted, you can archive it instead\n",
            None,
            {},
            "name",
            "is missing",
        ),
        (
            PRODUCT,
            "Missing required value for the field 'name' on a linked model [product_template]",
            None,
            {},
            "name",
            "is missing",
        ),
        (
            PARTNER,
            "The operation cannot be completed: Contacts require a name",
            None,
            {"ref": "X"},
            "name",
            "is missing",
        ),
        (PARTNER, "'Contacts require a name'", None, {"ref": "X"}, "name", "is missing"),
        (
            PARTNER,
            "The operation cannot be completed: Contacts require a name",
            None,
            {"name": "A", "child_ids": {"$children": [child("1", name="B"), child("2", email="c@d.e")]}},
            "contacts[1].called",
            "is missing",
        ),
        # Values that must be unique.
        (
            COUNTRY,
            "The operation cannot be completed: The code of the country must be unique!",
            None,
            {"code": "BE"},
            "code",
            "seems",
        ),
        (
            COUNTRY,
            "The value for the field 'code' already exists (this is probably 'Country Code' in the current model).",
            "code",
            {"code": "BE"},
            "code",
            "another record in Odoo has “BE”",
        ),
        (
            COUNTRY,
            "The operation cannot be completed: The value for 'code' (Country Code) already exists.\n\nDetail: Key (code)=(BE) already exists.\n",
            None,
            {"code": "BE"},
            "code",
            "another record in Odoo has “BE”",
        ),
        (
            COUNTRY,
            'duplicate key value violates unique constraint "res_country_code_uniq"\nDETAIL:  Key (code)=(BE) already exists.\n',
            None,
            {"code": "BE"},
            "code",
            "another record",
        ),
        (
            COUNTRY,
            'duplicate key value violates unique constraint "res_country_code_uniq"',
            None,
            {"code": "BE"},
            "code",
            "another record",
        ),
        (
            PRODUCT,
            'Barcode(s) already assigned:\n\n- Barcode "978" already assigned to product(s): A and B\n\nNote: products …',
            None,
            {"barcode": "978"},
            "barcode",
            "another record",
        ),
        # Values that their field cannot take.
        (
            PARTNER,
            "Wrong value for res.partner.type: 'nope'",
            None,
            SENT,
            "kind",
            "Send one of contact, other",
        ),
        (
            PARTNER,
            "Value 'nope' not found in selection field 'Address Type'",
            "type",
            SENT,
            "kind",
            "Send one of contact",
        ),
        (
            PARTNER,
            "Value 'nope' not found in selection field 'Address Type'",
            None,
            SENT,
            "kind",
            "Send one of contact",
        ),
        (
            ORDER,
            "Wrong value for sale.order.line.display_type: 'zzz'",
            None,
            LINES,
            "lines[2].type",
            "Send one of line_note",
        ),
        # An option that Odoo has dropped since its fields were read.
        (
            PARTNER,
            "Wrong value for res.partner.type: 'other'",
            None,
            {"type": "other"},
            "kind",
            "Odoo does not take “other” any more: send another value.",
        ),
        (PARTNER, "could not convert string to float: 'abc'", None, SENT, "latitude", "Send a number"),
        (
            ORDER,
            "could not convert string to float: 'abc'",
            None,
            LINES,
            "lines[1].quantity",
            "Send a number",
        ),
        (
            PARTNER,
            "invalid literal for int() with base 10: 'abc'",
            None,
            {"color": "abc"},
            "colour",
            "a whole number",
        ),
        (
            PARTNER,
            "'abc' does not seem to be a number for field 'Geo Latitude'",
            "partner_latitude",
            SENT,
            "latitude",
            "Send a number",
        ),
        (
            PARTNER,
            "'abc' does not seem to be an integer for field 'Color Index'",
            None,
            {},
            "colour",
            "a whole number",
        ),
        (
            PARTNER,
            "Unknown value 'maybe' for boolean field 'Active'",
            "active",
            {},
            "active",
            "true or false",
        ),
        (
            PARTNER,
            "time data '31/12/2025' does not match format '%Y-%m-%d'",
            None,
            SENT,
            "since",
            "a date like",
        ),
        (
            ORDER,
            "'31/12/2025' does not seem to be a valid datetime for field 'Order Date'",
            "date_order",
            {},
            "at",
            "a date and time like",
        ),
        (
            ORDER,
            "'31/12/2025' does not seem to be a valid date for field 'Expiration'",
            None,
            {},
            "until",
            "a date like",
        ),
        (
            PARTNER,
            'invalid input syntax for type integer: "ZZ"\nLINE 1: …',
            None,
            {"country_id": "ZZ"},
            "country",
            "a record that Odoo has",
        ),
        (
            PARTNER,
            "Unknown error during import: <class 'ValueError'>: Wrong value for res.partner.type: 'nope'",
            None,
            SENT,
            "kind",
            "Send one of contact",
        ),
        (
            PARTNER,
            "value too long for type character varying(3)\n",
            None,
            {"zip": "12345", "ref": "A"},
            "address.zip",
            "longer than the 3",
        ),
        (PARTNER, "Image is not encoded in base64.", None, SENT, "photo", "PNG"),
        (PARTNER, "This file could not be decoded as an image file.", None, SENT, "photo", "PNG"),
        # Fields and models that are not there.
        (
            PARTNER,
            "Invalid field 'zip' on model 'res.partner'",
            None,
            SENT,
            "address.zip",
            "Odoo has no field zip",
        ),
        (PARTNER, "Invalid field 'zip' in 'res.partner'", None, SENT, "address.zip", "Odoo has no field zip"),
        (PARTNER, "Invalid field 'zip' on 'res.partner'", None, SENT, "address.zip", "Odoo has no field zip"),
        (PARTNER, "Invalid field name 'zip'", None, SENT, "address.zip", "remove the line “address.zip”"),
        (
            ORDER,
            "Invalid field 'name' on model 'sale.order.line'",
            None,
            {},
            "lines.text",
            "Odoo has no field name",
        ),
        (
            PARTNER,
            "Invalid field res.partner.nope in leaf ('nope', '=', 1)",
            None,
            None,
            "",
            "the domain or a parameter",
        ),
        (
            PARTNER,
            "Invalid field res.partner.nope in condition ('nope', '=', 1)",
            None,
            None,
            "",
            "no field nope",
        ),
        (PARTNER, "Object res.partner doesn't exist", None, {}, "", "install the app"),
        # Records that are not there.
        (
            PARTNER,
            "No matching record found for database id '999999' in field 'Country'",
            "country_id",
            SENT,
            "country",
            "does not have (999999)",
        ),
        (
            PARTNER,
            "No matching record found for name 'Nowhereland' in field 'Country'",
            None,
            SENT,
            "country",
            "Nowhereland",
        ),
        (
            PARTNER,
            "Invalid database id 'abc' for the field 'Tags'",
            None,
            SENT,
            "tags",
            "does not have (abc)",
        ),
        (PARTNER, GONE.format("res.partner.category", 999999), None, SENT, "tags", "names a record"),
        (PARTNER, GONE.format("res.partner", 15), None, SENT, "parent", "names a record"),
        (PARTNER, GONE.format("res.partner", 77), None, SENT, "", "does not have this record any more"),
        (ORDER, GONE.format("res.partner", 99999999), None, LINES, "partner", "names a record"),
        (ORDER, GONE.format("product.product", 5), None, LINES, "lines[1].product", "names a record"),
        (
            PARTNER,
            IN_USE.format("Contact", "res.partner", "res_partner_country_id_fkey"),
            None,
            SENT,
            "country",
            "does not have",
        ),
        (
            PARTNER,
            "The operation cannot be completed: Another model is using the record you are trying to delete.\n\nThe "
            "troublemaker is: 'Contact' (res.partner)\nThanks to the following constraint: 'Country' (country_id)\n"
            "How about archiving the record instead?",
            None,
            SENT,
            "country",
            "does not have",
        ),
        (
            PARTNER,
            'insert or update on table "res_partner" violates foreign key constraint "res_partner_country_id_fkey"\n'
            'DETAIL:  Key (country_id)=(9999) is not present in table "res_country".\n',
            None,
            {"country_id": 9999},
            "country",
            "does not have (9999)",
        ),
        (
            PARTNER,
            IN_USE.format("Sales Order", "sale.order", "sale_order_partner_id_fkey"),
            None,
            None,
            "",
            "records of sale.order use it",
        ),
        # Rights.
        (
            PARTNER,
            "You are not allowed to delete 'Contact' (res.partner) records.\n\nThis operation is allowed for the following"
            " groups:\n\t- Extra Rights/Contact Creation\n\nContact your administrator to request access if necessary.",
            None,
            None,
            "",
            "may not delete records of res.partner. Give it that right in Odoo, by a group (any of these: Extra Rights",
        ),
        (
            PARTNER,
            "You are not allowed to modify 'Country' (res.country) records.\n\nNo group currently allows this operation.",
            None,
            SENT,
            "country",
            "may not change records of res.country",
        ),
        (
            PARTNER,
            'You do not have enough rights to access the fields "vat" on Contact (res.partner). Please contact your system'
            " administrator.\n\nOperation: write",
            None,
            SENT,
            "vat",
            "may not use the field vat",
        ),
        (
            PARTNER,
            "Uh-oh! Looks like you have stumbled upon some top-secret records.\n\nSorry, Bot (id=7) doesn't have 'write' "
            "access to:\n- Contact (res.partner)\n\nIf you really, really need access, …",
            None,
            SENT,
            "",
            "may not change these records of res.partner",
        ),
        # What only Odoo's own words tell.
        (PARTNER, "Invalid language code: fr_FR", None, SENT, "", "language fr_FR is not installed"),
        (PARTNER, "You cannot create recursive Partner hierarchies.", None, SENT, "parent", "below itself"),
        (
            PARTNER,
            "Incompatible companies on records:\n- “Ada” belongs to company “A” and “Related Company” (parent_id: 'B') "
            "belongs to another company.",
            None,
            SENT,
            "parent",
            "another company",
        ),
        (
            PARTNER,
            "Access to unauthorized or invalid companies.",
            None,
            SENT,
            "",
            "choose one of that user's companies on the connection",
        ),
        (
            PARTNER,
            "The VAT number [BE123] for partner [Ada] does not seem to be valid.",
            None,
            {"vat": "BE123"},
            "vat",
            "seems",
        ),
        (
            PARTNER,
            "could not serialize access due to concurrent update",
            None,
            SENT,
            "",
            "sending it again is enough",
        ),
        (
            PARTNER,
            "('You cannot archive contacts linked to an active user.\\nArchive the user first.', {'type': 'x'}, 'Go', None)",
            None,
            {"active": False},
            "active",
            "Odoo says: You cannot archive contacts linked to an active user. Archive the user first.",
        ),
        (
            ORDER,
            "It is forbidden to modify the following fields in a locked order:\nUnit Price",
            None,
            LINES,
            "lines.price",
            "seems",
        ),
        (
            ORDER,
            "It is forbidden to modify the following fields in a locked order:\nUnit Price\nQuantity",
            None,
            LINES,
            "lines",
            "seems",
        ),
        (
            ORDER,
            "You cannot modify the following readonly fields on a posted move: order_line",
            None,
            LINES,
            "lines",
            "seems",
        ),
        (
            ORDER,
            "You cannot modify the following readonly fields on a posted move: partner_id, order_line",
            None,
            {"order_line": LINES["order_line"]},
            "lines",
            "seems",
        ),
        # It may be about a line that is to go, and that nobody has sent.
        (
            ORDER,
            "You can't remove one of its lines. Set the quantity to 0 instead.",
            None,
            {"order_line": {"$children": [child(9, product_uom_qty=1.0)]}},
            "lines.quantity",
            "seems",
        ),
        (ORDER, "You must first cancel it.", None, LINES, "", "correct what it says"),
    ],
)
def test_a_refusal_leads_to_its_line(
    mapping: MappingSpec, message: str, given: str | None, values: Any, key: str, says: str
):
    traced = trace(mapping, message, field=given, values=values)
    assert traced.key == key
    assert says in traced.text
    if key:
        assert traced.line is not None
        assert key.rpartition("]")[2].lstrip(".").endswith(traced.line.key)
    else:
        assert traced.line_id is None


@pytest.mark.parametrize(
    "message", ["Wrong value for res.partner.type: 'nope'", "Whatever\n\n  Odoo   may say"]
)
def test_odoo_is_quoted_in_its_own_words(message: str):
    assert " ".join(message.split()) in trace(PARTNER, message, values=SENT).text


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Unknown error during import: <class 'KeyError'>: 'name'", "KeyError: 'name'"),
        ("KeyError: 'name'", "KeyError: 'name'"),
        (
            "Unknown error during import: <class 'AttributeError'>: 'bool' object has no attribute 'name'",
            "'bool' object has no attribute 'name'",
        ),
    ],
)
def test_a_bug_of_odoo_s_is_told_as_such(message: str, words: str):
    traced = trace(PARTNER, message, values=SENT)
    assert traced.line is None
    assert traced.text.startswith("Odoo itself fails on this record")
    assert traced.text.endswith(f" Odoo says: {words}")


def test_what_a_change_does_not_send_is_not_what_is_missing():
    contacts = {"child_ids": {"$children": [{"$ref": "Y1", "$values": {}}]}}
    refusal = "The operation cannot be completed: Contacts require a name"
    assert trace(PARTNER, refusal, values=contacts, changing=True).key == "contacts[0].called"
    unclear = trace(PARTNER, refusal, values=contacts)
    assert unclear.line is None
    assert "Odoo requires the field name of each res.partner: send it." in unclear.text


def test_a_list_of_ids_that_odoo_does_not_have_is_known_by_its_table():
    refusal = IN_USE.format("Unknown", "unknown", "res_partner_res_partner_category_rel_category_id_fkey")
    assert trace(PARTNER, refusal, values={"category_id": [99999999]}).key == "tags"
    text = trace(PARTNER, refusal, values={"name": "A"}).text
    assert "names a record that Odoo does not have, or takes one away" in text


def test_a_line_of_a_nested_mapping_is_named_by_its_own_id():
    traced = trace(ORDER, "Wrong value for sale.order.line.display_type: 'zzz'", values=LINES)
    assert traced.line_id == ORDER_LINE.by_key["type"].id != ORDER.by_key["lines"].id


def test_a_path_of_odoo_leads_into_the_nested_mapping():
    traced = trace(ORDER, "is not a finite number", field="order_line.0.price_unit", values=LINES)
    assert (traced.key, traced.line_id) == ("lines.price", ORDER_LINE.by_key["price"].id)


def test_two_lines_that_could_be_meant_are_not_guessed():
    traced = trace(PARTNER, "could not convert string to float: 'x'", values={"ref": "x", "name": "x"})
    assert traced.line is None
    assert "x" in traced.text


def test_a_missing_right_is_understood_in_any_language_by_its_fault_code():
    text = trace(PARTNER, "Vous n'êtes pas autorisé à faire cela.", values=SENT, code=4).text
    assert "The hub's user in Odoo may not do this. Give it that right" in text


@pytest.mark.parametrize(
    "text",
    [
        "Enregistrement inexistant ou supprimé.\n(Enregistrement : res.country({},), Utilisateur : 2)",
        "Datensatz existiert nicht oder kann nicht gefunden werden.\n(Datensatz: res.country({},), Benutzer: 2)",
        "记录不存在或已被删除。\n（记录：res.country({},)，用户：2）",
    ],
)
def test_a_record_that_is_not_there_is_understood_in_any_language(text: str):
    gone = text.format(99999)
    assert trace(PARTNER, gone, values={"country_id": 99999}).key == "country"
    assert OdooPermanent(gone).record_missing


def test_a_line_that_only_comes_from_odoo_cannot_give_what_odoo_requires():
    mapping = spec(
        "product.product",
        {"sku": ("default_code", field("char", "Reference")), "name": ("name", field("char", "Name"))},
        name={"direction": "from_odoo"},
    )
    traced = trace(mapping, "Missing required value for the field 'Name' (name)", field="name", values={})
    assert "only comes from Odoo: let it go both ways" in traced.text


@pytest.mark.parametrize(("mapping", "archives"), [(PARTNER, True), (ORDER, False)])
def test_an_archive_is_recommended_for_what_odoo_can_archive(mapping: MappingSpec, archives: bool):
    for refusal in (
        IN_USE.format("Journal Item", "account.move.line", "account_move_line_x_fkey"),
        "You can not delete a sent quotation or a confirmed sales order. You must first cancel it.",
    ):
        assert ("let the endpoint archive" in trace(mapping, refusal).text) is archives
