"""`load`: an import that matches by external id, saves all or nothing, and says what is wrong where."""

from typing import Any

import pytest

from tests.demo.client import Client, unique

ANY: Any = object()


class Importer:
    """Loads contacts and removes them afterwards."""

    def __init__(self, odoo: Client) -> None:
        self.odoo = odoo
        self.module = f"contract{unique('')}".replace(" ", "").replace("-", "")

    def __call__(
        self, fields: list[str], rows: list[list[Any]], model: str = "res.partner", **kwargs: Any
    ) -> Any:
        answer = self.odoo.call(model, "load", fields, rows, **kwargs)
        if answer["ids"]:
            self.odoo.remember(model, answer["ids"])
        assert answer["nextrow"] == 0
        return answer

    def messages(self, fields: list[str], rows: list[list[Any]], **kwargs: Any) -> list[dict[str, Any]]:
        answer = self(fields, rows, **kwargs)
        assert answer["ids"] is False
        messages: list[dict[str, Any]] = answer["messages"]
        return messages


@pytest.fixture
def load(odoo: Client) -> Importer:
    return Importer(odoo)


def error(field: str, label: str, message: str, *, record: int = 0, moreinfo: Any = None) -> dict[str, Any]:
    entry = {
        "rows": {"from": record, "to": record}, "record": record, "type": "error",
        "field": field, "field_name": label, "message": message,
    }  # fmt: skip
    return entry if moreinfo is None else {**entry, "moreinfo": moreinfo}


def test_records_of_the_same_external_ids_are_told_and_left_alone_where_the_import_says_so(
    odoo: Client, load: Importer
) -> None:
    keeping: dict[str, Any] = {"context": {"mode": "update", "noupdate": True}}
    a, b = f"{load.module}.a", f"{load.module}.b"
    first = load(["id", "name", "ref"], [[a, "A", "1"]], **keeping)
    odoo.call("res.partner", "write", first["ids"], {"ref": "2"})
    again = load(["id", "name", "ref"], [[a, "A2", "1"], [b, "B", "3"]], **keeping)
    assert (again["ids"][0], again["messages"]) == (first["ids"][0], [])
    assert odoo.values("res.partner", first["ids"][0], "name", "ref") == {"name": "A", "ref": "2"}
    assert odoo.values("res.partner", again["ids"][1], "name", "ref") == {"name": "B", "ref": "3"}
    odoo.call("res.partner", "unlink", first["ids"])
    anew = load(["id", "name", "ref"], [[a, "A3", "1"]], **keeping)
    assert odoo.values("res.partner", anew["ids"][0], "name", "ref") == {"name": "A3", "ref": "1"}


def test_the_same_external_ids_update_the_same_records(odoo: Client, load: Importer) -> None:
    a, b = f"{load.module}.a", f"{load.module}.b"
    first = load(["id", "name", "ref"], [[a, "A", "1"], [b, "B", "2"]])
    assert first["messages"] == []
    again = load(["id", "name"], [[a, "A2"], [b, "B"]])
    assert again == {"ids": first["ids"], "messages": [], "nextrow": 0}
    assert odoo.values("res.partner", first["ids"][0], "name", "ref") == {"name": "A2", "ref": "1"}
    names = ["module", "name", "model", "res_id", "noupdate"]
    found = odoo.call(
        "ir.model.data", "search_read", [("module", "=", load.module), ("name", "=", "a")], names
    )
    found[0].pop("id")
    assert found == [
        {
            "module": load.module,
            "name": "a",
            "model": "res.partner",
            "res_id": first["ids"][0],
            "noupdate": False,
        }
    ]
    odoo.call("res.partner", "unlink", first["ids"])
    assert odoo.call("ir.model.data", "search_count", [("module", "=", load.module)]) == 0


def test_what_a_record_is_called_can_be_asked_by_its_id(odoo: Client, load: Importer) -> None:
    named = load(["id", "name"], [[f"{load.module}.a", "A"], [f"{load.module}.b", "B"]])["ids"]
    plain = odoo.make("res.partner", {"name": "C"})
    rows = odoo.call("res.partner", "get_metadata", [*named, plain])
    assert {row["id"]: row["xmlids"] for row in rows} == {
        named[0]: [{"xmlid": f"{load.module}.a", "noupdate": False}],
        named[1]: [{"xmlid": f"{load.module}.b", "noupdate": False}],
        plain: [],
    }


def test_external_ids_made_by_hand_and_without_a_module(odoo: Client, load: Importer) -> None:
    partner = odoo.make("res.partner", {"name": "by hand"})
    odoo.call(
        "ir.model.data",
        "create",
        {"module": load.module, "name": "h", "model": "res.partner", "res_id": partner},
    )
    assert load(["id", "name"], [[f"{load.module}.h", "by import"]])["ids"] == [partner]
    assert odoo.values("res.partner", partner, "name") == {"name": "by import"}
    bare = load(["id", "name"], [[load.module, "no module"]])["ids"][0]
    found = odoo.call("ir.model.data", "search_read", [("name", "=", load.module)], ["module", "res_id"])
    assert [(row["module"], row["res_id"]) for row in found] == [("__import__", bare)]


def test_an_external_id_is_unique(odoo: Client, load: Importer) -> None:
    vals = {"module": "base", "name": "be", "model": "res.country", "res_id": 1}
    code, text = odoo.fault("ir.model.data", "create", vals)
    assert code == 2
    assert text.startswith(
        "The operation cannot be completed: duplicate key value violates unique constraint"
        ' "ir_model_data_module_name_uniq_index"'
    )


@pytest.mark.parametrize(
    ("column", "value"), [("country_id", "Belgium"), ("country_id", "BE"), ("country_id/id", "base.be")]
)
def test_a_many2one_by_name_and_by_external_id(odoo: Client, load: Importer, column: str, value: str) -> None:
    record = load(["name", column], [["x", value]])["ids"][0]
    assert odoo.values("res.partner", record, "country_id")["country_id"][1] == "Belgium"


def test_a_many2one_by_database_id_and_a_record_by_its_own(odoo: Client, load: Importer) -> None:
    belgium = odoo.found("res.country", [("code", "=", "BE")])[0]
    record = load(["name", "country_id/.id"], [["x", str(belgium)]])["ids"][0]
    assert odoo.values("res.partner", record, "country_id")["country_id"] == [belgium, "Belgium"]
    assert load([".id", "city"], [[str(record), "Ghent"]])["ids"] == [record]
    assert load([".id", "country_id/.id"], [[record, False]])["ids"] == [record]
    assert odoo.values("res.partner", record, "country_id", "city") == {"country_id": False, "city": "Ghent"}


def test_many2many_by_comma_list(odoo: Client, load: Importer) -> None:
    names = [unique("t").replace(",", "") for _ in range(2)]
    tags = odoo.make("res.partner.category", [{"name": name} for name in names])
    first = load(["name", "category_id"], [["x", ",".join(names)]])["ids"][0]
    second = load(["name", "category_id/.id"], [["x", ",".join(map(str, tags))]])["ids"][0]
    for record in (first, second):
        assert odoo.values("res.partner", record, "category_id")["category_id"] == tags
    load([".id", "category_id/.id"], [[str(first), ""]])
    assert odoo.values("res.partner", first, "category_id")["category_id"] == []


def test_one2many_rows_belong_to_the_record_above(odoo: Client, load: Importer) -> None:
    fields = ["name", "child_ids/name", "child_ids/city"]
    answer = load(fields, [["P1", "K1", "A"], ["", "K2", "B"], ["P2", "", ""]])
    first, second = answer["ids"]
    kids = odoo.call(
        "res.partner", "search_read", [("parent_id", "in", [first, second])], ["name", "city", "parent_id"]
    )
    odoo.remember("res.partner", [kid["id"] for kid in kids])
    assert sorted((kid["name"], kid["city"], kid["parent_id"][0]) for kid in kids) == [
        ("K1", "A", first),
        ("K2", "B", first),
    ]


def test_lines_have_external_ids_of_their_own(odoo: Client, load: Importer) -> None:
    fields = ["id", "name", "child_ids/id", "child_ids/name"]
    xid, first, second = (f"{load.module}.{name}" for name in ("o", "k1", "k2"))
    parent = load(fields, [[xid, "P", first, "K1"], ["", "", second, "K2"]])["ids"][0]
    assert load(fields, [[xid, "P", first, "K1 again"], ["", "", f"{load.module}.k3", "K3"]])["ids"] == [
        parent
    ]
    kids = odoo.call("res.partner", "search_read", [("parent_id", "=", parent)], ["name"], order="name")
    odoo.remember("res.partner", [kid["id"] for kid in kids])
    assert [kid["name"] for kid in kids] == ["K1 again", "K2", "K3"]


def test_create_takes_an_external_id_in_an_import_only(odoo: Client, load: Importer) -> None:
    odoo.make("res.partner", {"name": "x", "id": f"{load.module}.no"})
    named = odoo.make(
        "res.partner", {"name": "x", "id": "yes"}, context={"_import_current_module": load.module}
    )
    found = odoo.call("ir.model.data", "search_read", [("module", "=", load.module)], ["name", "res_id"])
    assert [(row["name"], row["res_id"]) for row in found] == [("yes", named)]


def test_records_may_refer_to_those_before_them(odoo: Client, load: Importer) -> None:
    parent, child = f"{load.module}.p", f"{load.module}.c"
    ids = load(["id", "name", "parent_id/id"], [[parent, "Parent", ""], [child, "Child", parent]])["ids"]
    assert odoo.values("res.partner", ids[1], "parent_id")["parent_id"] == [ids[0], "Parent"]
    name = unique()
    ids = load(["name", "parent_id"], [[name, ""], ["Child", name]])["ids"]
    assert odoo.values("res.partner", ids[1], "parent_id")["parent_id"] == [ids[0], name]
    again = load(["id", "name"], [[f"{load.module}.d", "1"], [f"{load.module}.d", "2"]])["ids"]
    assert again[0] == again[1]
    assert odoo.values("res.partner", again[0], "name") == {"name": "2"}


def test_empty_values_empty_the_field(odoo: Client, load: Importer) -> None:
    xid = f"{load.module}.e"
    record = load(["id", "name", "city", "color", "is_company"], [[xid, "x", "Ghent", "3", "yes"]])["ids"][0]
    assert odoo.values("res.partner", record, "color", "is_company") == {"color": 3, "is_company": True}
    load(["id", "city", "color", "is_company"], [[xid, False, "", False]])
    assert odoo.values("res.partner", record, "city", "color", "is_company") == {
        "city": False, "color": 0, "is_company": False,
    }  # fmt: skip
    assert load(["name"], []) == {"ids": [], "messages": [], "nextrow": 0}
    assert len(load(["name", "city"], [["short row"]])["ids"]) == 1


def test_texts_of_every_type(odoo: Client, load: Importer) -> None:
    ids = load(["name", "is_company", "type"], [["a", "1", "Invoice Address"], ["b", "False", "DELIVERY"]])[
        "ids"
    ]
    rows = odoo.call("res.partner", "read", ids, ["is_company", "type"], load="")
    assert [(row["is_company"], row["type"]) for row in rows] == [(True, "invoice"), (False, "delivery")]
    assert odoo.fault("res.partner", "load", ["name", "is_company"], [["x", True]]) == (
        1,
        "AttributeError: 'bool' object has no attribute 'lower'",
    )


def test_datetimes_are_read_in_the_time_zone_of_the_context(odoo: Client, load: Importer) -> None:
    partner = odoo.make("res.partner", {"name": unique()})
    fields = ["partner_id/.id", "commitment_date", "validity_date"]
    rows = [[str(partner), "2026-07-01 12:00:00", "2026-07-02"]]
    order = load(fields, rows, model="sale.order", context={"tz": "Europe/Brussels"})["ids"][0]
    assert odoo.values("sale.order", order, "commitment_date", "validity_date") == {
        "commitment_date": "2026-07-01 10:00:00",
        "validity_date": "2026-07-02",
    }


def test_orders_come_with_their_lines(odoo: Client, load: Importer) -> None:
    partner = odoo.make("res.partner", {"name": unique()})
    template = odoo.make("product.template", {"name": "Chair"})
    product = odoo.values("product.template", template, "product_variant_id")["product_variant_id"][0]
    fields = [
        "partner_id/.id",
        "order_line/product_id/.id",
        "order_line/product_uom_qty",
        "order_line/price_unit",
    ]
    order = load(fields, [[partner, product, 2, 10], ["", product, 3, 20.5]], model="sale.order")["ids"][0]
    assert odoo.values("sale.order", order, "amount_untaxed") == {"amount_untaxed": 81.5}


MESSAGES: list[tuple[list[str], list[Any], dict[str, Any]]] = [
    (["name", "country_id"], ["x", "Nowhereland"],
     error("country_id", "Country", "No matching record found for name 'Nowhereland' in field 'Country'", moreinfo=ANY)),
    (["name", "country_id/id"], ["x", "base.nope"],
     error("country_id", "Country", "No matching record found for external id 'base.nope' in field 'Country'", moreinfo=ANY)),
    (["name", "country_id/.id"], ["x", "99999"],
     error("country_id", "Country", "No matching record found for database id '99999' in field 'Country'", moreinfo=ANY)),
    (["name", "country_id/.id"], ["x", "abc"],
     error("country_id", "Country", "Invalid database id 'abc' for the field 'Country'", moreinfo=ANY)),
    (["name", "category_id"], ["x", "NoSuchTag"],
     error("category_id", "Tags", "No matching record found for name 'NoSuchTag' in field 'Tags'", moreinfo=ANY)),
    (["name", "is_company"], ["x", "maybe"],
     error("is_company", "Is a Company", "Unknown value 'maybe' for boolean field 'Is a Company'",
           moreinfo="Use '1' for yes and '0' for no")),
    (["name", "color"], ["x", "y"],
     error("color", "Color Index", "'y' does not seem to be an integer for field 'Color Index'")),
    (["name", "partner_latitude"], ["x", "y"],
     error("partner_latitude", "Geo Latitude", "'y' does not seem to be a number for field 'Geo Latitude'")),
    (["name", "type"], ["x", "nope"],
     error("type", "Address Type", "Value 'nope' not found in selection field 'Address Type'",
           moreinfo=["Contact", "Invoice Address", "Delivery Address", "Other Address"])),
    (["name", "child_ids/name", "child_ids/country_id"], ["x", "y", "Nowhere"],
     error("child_ids", "Contact", "No matching record found for name 'Nowhere' in field 'Contact/Country'", moreinfo=ANY)),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "row", "message"), MESSAGES)
def test_messages(load: Importer, fields: list[str], row: list[Any], message: dict[str, Any]) -> None:
    found = load.messages(fields, [row])
    assert len(found) == 1
    if message.get("moreinfo") is ANY:
        message = {**message, "moreinfo": found[0]["moreinfo"]}
        assert found[0]["moreinfo"]["name"] == "Possible Values"
    assert found == [message]


def test_messages_about_dates(load: Importer) -> None:
    for name, label, kind, example in (
        ("commitment_date", "Delivery Date", "datetime", "2012-12-31 23:59:59"),
        ("validity_date", "Expiration", "date", "2012-12-31"),
    ):
        message = f"'31/12/2025' does not seem to be a valid {kind} for field '{label}'"
        expected = error(name, label, message, moreinfo=f"Use the format '{example}'")
        assert load.messages(["partner_id/.id", name], [["1", "31/12/2025"]], model="sale.order") == [
            expected
        ]


def test_one_bad_row_and_nothing_is_saved(odoo: Client, load: Importer) -> None:
    name = unique()
    messages = load.messages(["name", "country_id"], [[name, ""], [name, "Nowhere"], [name, "Elsewhere"]])
    assert [message["record"] for message in messages] == [1, 2]
    messages = load.messages(["name", "ref"], [[name, "1"], ["", "2"]])
    text = "'Contacts require a name'"
    assert messages == [{"rows": {"from": 1, "to": 1}, "record": 1, "type": "error", "message": text}]
    assert odoo.found("res.partner", [("name", "=", name)]) == []


def test_a_value_that_cannot_be_read_hides_nothing_else_that_is_wrong(load: Importer) -> None:
    rows = [["a", ""], ["b", "Nowhere"], ["", ""]]
    said = load.messages(["name", "country_id"], rows)
    assert [(one["record"], one.get("field")) for one in said] == [(1, "country_id"), (2, None)]


@pytest.mark.parametrize("bad", [(2,), (0, 2)])
def test_that_all_at_once_failed_is_told_of_the_first_row(
    odoo: Client, load: Importer, bad: tuple[int, ...]
) -> None:
    taken = unique()
    odoo.make("res.partner", {"name": "has it", "barcode": taken})
    rows = [["a", taken if n in bad else ""] for n in range(4)]
    said = load.messages(["name", "barcode"], rows)
    assert [(one["record"], one.get("field")) for one in said] == [(0, None), (2, None)]
    assert {one["message"] for one in said} == {"Another partner already has this barcode"}


def test_what_can_be_saved_only_one_by_one_is_told_twice(odoo: Client, load: Importer) -> None:
    a, b = (odoo.make("res.country", {"name": unique(), "code": code}) for code in ("9A", "9B"))
    answer = odoo.call("res.country", "load", [".id", "code"], [[str(b), "9C"], [str(a), "9B"]])
    assert answer == {"ids": [b, a, b, a], "messages": [], "nextrow": 0}
    assert [odoo.values("res.country", one, "code")["code"] for one in (a, b)] == ["9B", "9C"]


def test_messages_about_the_constraints_of_the_database(load: Importer) -> None:
    place = {"rows": {"from": 0, "to": 0}, "record": 0, "type": "error"}
    assert load.messages(["client_order_ref"], [["x"]], model="sale.order") == [
        {
            **place,
            "field": "partner_id",
            "message": "Missing required value for the field 'Customer' (partner_id)",
        }
    ]
    taken = "The value for the field 'code' already exists (this is probably 'Country Code' in the current model)."
    assert load.messages(["name", "code"], [["Belgium again", "BE"]], model="res.country") == [
        {**place, "field": "code", "message": taken}
    ]


def test_what_is_no_message_but_a_fault(odoo: Client) -> None:
    assert odoo.fault("res.partner", "load", ["nope", "name"], [["x", "y"]]) == (
        1,
        "ValueError: Invalid field name 'nope'",
    )
    assert odoo.fault("res.partner", "load", ["country_id/nope"], [["x"]]) == (
        1,
        "ValueError: Invalid field name 'nope'",
    )


def test_messages_about_references(odoo: Client, load: Importer) -> None:
    place = {"rows": {"from": 0, "to": 0}, "record": 0, "type": "error", "field": "country_id"}
    text = "Invalid external ID base.main_company: expected model 'res.country', found 'res.company'"
    assert load.messages(["name", "country_id/id"], [["x", "base.main_company"]]) == [
        {**place, "message": text}
    ]
    text = "Ambiguous specification for field 'Country', only provide one of name, external id or database id"
    fields = ["name", "country_id/id", "country_id/.id"]
    assert load.messages(fields, [["x", "base.be", "1"]]) == [{**place, "message": text}]
    text = "Unknown database identifier '99999999'"
    assert load.messages([".id", "name"], [["99999999", "x"]]) == [{**place, "field": ".id", "message": text}]
