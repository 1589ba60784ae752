"""Lines guessed from a sample: the fields of a contact, of an order and of a product as Odoo tells them."""

from typing import Any

import pytest

from demo.odoo import PracticeOdoo
from mappings.suggest import Inner, Suggestion, from_json, from_record


@pytest.fixture(scope="module")
def fields() -> Any:
    with PracticeOdoo(seed_records=1) as odoo:
        yield {
            model: odoo.execute(model, "fields_get")
            for model in ("res.partner", "sale.order", "product.template")
        }


NESTED = {
    "res.country": [Inner(1, frozenset({"code"}))],
    "res.partner": [Inner(2, frozenset({"customer_id", "name"})), Inner(3, frozenset({"vat"}))],
    "sale.order.line": [Inner(4, frozenset({"sku", "qty", "price"}))],
}


def pairs(found: Suggestion) -> dict[str, str]:
    return {line.key: line.field for line in found.lines}


@pytest.mark.parametrize(
    ("model", "sample", "expected"),
    [
        (
            "res.partner",
            {
                "name": "Deco", "email_address": "a@b.c", "telephone": "02 555", "isCompany": True, "vat_number": "BE1",
                "address": {"line1": "Kouter 1", "postcode": "9000", "town": "Ghent"},
            },
            {
                "name": "name", "email_address": "email", "telephone": "phone", "isCompany": "is_company",
                "vat_number": "vat", "address.line1": "street", "address.postcode": "zip", "address.town": "city",
            },
        ),
        (
            "product.template",
            {"sku": "A-1", "name": "Chair", "price": 12.5, "weight": 3, "ean": "541"},
            {"sku": "default_code", "name": "name", "price": "list_price", "weight": "weight", "ean": "barcode"},
        ),
        (
            "sale.order",
            {"customer": {"customer_id": "C-1"}, "orderDate": "2026-01-31", "lines": [{"sku": "A", "qty": 1}]},
            {"customer": "partner_id", "orderDate": "date_order", "lines": "order_line"},
        ),
    ],
)  # fmt: skip
def test_what_others_call_it_finds_its_field(fields: Any, model: str, sample: Any, expected: Any):
    found = from_json(sample, fields[model], NESTED)
    assert pairs(found) == expected
    assert found.left == []


def test_a_value_of_another_type_is_no_match(fields: Any):
    found = from_json({"email": 5, "active": "yes", "name": True}, fields["res.partner"], NESTED)
    assert found.lines == []
    assert [one.key for one in found.left] == ["email", "active", "name"]


def test_no_field_is_given_to_two_keys(fields: Any):
    found = from_json({"email": "a@b.c", "e_mail": "a@b.c", "mail": "a@b.c"}, fields["res.partner"], NESTED)
    assert list(pairs(found).values()).count("email") == 1


def test_a_relation_takes_the_mapping_whose_keys_it_has(fields: Any):
    found = from_json({"customer": {"vat": "BE1"}}, fields["sale.order"], NESTED)
    assert [(line.field, line.nested) for line in found.lines] == [("partner_id", 3)]
    plain = from_json({"country": "BE"}, fields["res.partner"], NESTED)
    assert [(line.field, line.nested) for line in plain.lines] == [("country_id", 1)]


def test_where_its_mapping_is_missing_it_says_which_to_add(fields: Any):
    [left] = from_json({"lines": [{"sku": "A", "qty": 1}]}, fields["sale.order"], {}).left
    assert "add a mapping over sale.order.line with the keys qty, sku first" in left.why
    [left] = from_json({"country": "BE"}, fields["res.partner"], {}).left
    assert "add a mapping over res.country whose only line is its identifier first" in left.why


def test_one_line_names_the_record(fields: Any):
    for key in ("customer_id", "customerNumber", "reference"):
        found = from_json({key: "C-1", "name": "x", "vat": "BE1"}, fields["res.partner"], NESTED)
        assert [line.key for line in found.lines if line.identifier] == [key]
    found = from_json({"name": "x"}, fields["res.partner"], NESTED)
    assert [line.key for line in found.lines if line.identifier] == ["name"]


def test_keys_and_fields_that_are_taken_are_left_alone(fields: Any):
    found = from_json(
        {"name": "x", "email": "a@b.c", "city": "Ghent"},
        fields["res.partner"],
        NESTED,
        [("name", "ref"), ("mail", "email")],
    )
    assert pairs(found) == {"city": "city"}
    assert {one.key: one.why for one in found.left}["name"] == "there is a line with this key"


@pytest.mark.parametrize(
    "sample", [{"limit": 5}, {"1": "x"}, {"a b": "x"}, {"": "x"}, {"é": 1}, {"a": {"": {"": 1}}}]
)
def test_a_key_that_no_line_can_have_is_listed_with_the_reason(fields: Any, sample: Any):
    found = from_json(sample, fields["res.partner"], NESTED)
    assert found.lines == []
    assert "no line can have this key" in found.left[0].why


def test_a_huge_sample_is_cut(fields: Any):
    found = from_json({f"key{n}": "x" for n in range(700)}, fields["res.partner"], NESTED)
    assert any("only the first 500 keys" in one.why for one in found.left)


def test_of_a_record_what_is_filled_and_ordinary(fields: Any):
    row = {
        "id": 7, "ref": "C-1", "name": "Deco", "email": False, "city": "Ghent", "is_company": True, "country_id": 20,
        "write_date": "2026-01-01 00:00:00", "create_uid": 2, "category_id": [1], "color": 0,
    }  # fmt: skip
    found = from_record(row, fields["res.partner"], NESTED)
    assert pairs(found) == {name: name for name in ("ref", "name", "city", "is_company", "country_id")}
    assert [line.key for line in found.lines if line.identifier] == ["ref"]
    assert [line.key for line in found.lines if line.nested] == ["country_id"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"readonly": True, "store": False}, True),
        ({"readonly": True, "store": True, "depends": ["order_line.price_total"]}, True),
        ({"readonly": False, "store": True, "depends": ["order_line.price_total"]}, False),
        ({"readonly": True, "store": True, "depends": []}, False),
    ],
)
def test_what_odoo_computes_only_comes_from_odoo(more: dict[str, Any], expected: bool):
    facts = {"type": "float", "string": "Total"} | more
    [line] = from_json({"total": 5.0}, {"amount_total": facts}, {}).lines
    assert line.from_odoo_only is expected
