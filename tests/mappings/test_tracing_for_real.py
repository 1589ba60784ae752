"""The texts that an Odoo really gives, the practice one always and a real one where `ODOO_TEST_URL` names it.

Every call here is refused, so that nothing has to be cleaned up.
"""

import os
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from mappings import loading
from mappings.relations import plain_values
from mappings.spec import MappingSpec
from mappings.tracing import trace
from synchub.errors import OdooPermanent
from synchub.odoo import OdooAccess, OdooClient
from tests.mappings.specs import spec

REAL = os.environ.get("ODOO_TEST_URL", "")


@pytest.fixture(scope="module", params=["practice", *(["real"] if REAL else [])])
def client(request: pytest.FixtureRequest) -> Iterator[OdooClient]:
    if request.param == "real":
        access = OdooAccess(
            url=REAL,
            database=os.environ["ODOO_TEST_DB"],
            login=os.environ["ODOO_TEST_LOGIN"],
            secret=os.environ["ODOO_TEST_PASSWORD"],
        )
        with OdooClient(access) as client:
            yield client
        return
    from demo.odoo import PracticeOdoo

    with (
        PracticeOdoo(seed_records=20) as odoo,
        OdooClient(OdooAccess(odoo.url, odoo.database, odoo.login, odoo.password)) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def specs(client: OdooClient) -> dict[str, MappingSpec]:
    """Mappings over the fields as this Odoo tells them."""
    facts = {
        model: client.fields_get(model)
        for model in ("res.partner", "sale.order", "sale.order.line", "product.template", "product.product")
    }

    def made(model: str, lines: dict[str, str], inside: dict[str, MappingSpec] | None = None) -> MappingSpec:
        return spec(
            model,
            {
                key: (name, facts[model][name], inside[key])
                if inside and key in inside
                else (name, facts[model][name])
                for key, name in lines.items()
            },
        )

    contact = made("res.partner", {"number": "ref", "called": "name", "mail": "email"})
    line = made(
        "sale.order.line",
        {"number": "sequence", "text": "name", "product": "product_id", "quantity": "product_uom_qty"},
    )
    return {
        "partner": made(
            "res.partner",
            {
                "customer": "ref",
                "title": "name",
                "kind": "type",
                "land": "country_id",
                "above": "parent_id",
                "tags": "category_id",
                "latitude": "partner_latitude",
                "colour": "color",
                "active": "active",
                "mail": "email",
                "zone": "tz",
                "contacts": "child_ids",
            },
            {"contacts": contact},
        ),
        "template": made("product.template", {"sku": "default_code", "title": "name", "unit": "uom_id"}),
        "order": made(
            "sale.order",
            {
                "reference": "client_order_ref",
                "buyer": "partner_id",
                "at": "date_order",
                "until": "validity_date",
                "lines": "order_line",
            },
            {"lines": line},
        ),
    }


NOBODY = 99_999_999
NAMED = {"name": "PROBE"}


def _refusal(call: Any, *args: Any, **options: Any) -> OdooPermanent:
    with pytest.raises(OdooPermanent) as caught:
        call(*args, **options)
    return caught.value


@pytest.mark.parametrize(
    ("name", "values", "key", "says"),
    [
        ("partner", {"email": "a@b.c"}, "title", "is missing"),
        ("partner", NAMED | {"type": "nope"}, "kind", "Send one of contact"),
        ("partner", NAMED | {"tz": "Nowhere/X"}, "zone", "Send one of"),
        ("partner", NAMED | {"country_id": NOBODY}, "land", "does not have"),
        ("partner", NAMED | {"country_id": "abc"}, "land", "cannot take “abc”"),
        ("partner", NAMED | {"category_id": [NOBODY]}, "tags", "does not have"),
        ("partner", NAMED | {"partner_latitude": "abc"}, "latitude", "Send a number"),
        ("partner", NAMED | {"color": "abc"}, "colour", "a whole number"),
        ("template", {"default_code": "x"}, "title", "is missing"),
        ("order", {"client_order_ref": "x"}, "buyer", "is missing"),
        ("order", {"partner_id": NOBODY}, "buyer", "does not have"),
        ("order", {"partner_id": 1, "date_order": "31/12/2025"}, "at", "a date and time like"),
        ("order", {"partner_id": 1, "validity_date": "31/12/2025"}, "until", "a date like"),
    ],
)
def test_a_refused_create_names_its_line(
    client: OdooClient, specs: dict[str, MappingSpec], name: str, values: dict[str, Any], key: str, says: str
):
    mapping = specs[name]
    wire = {field: [[6, 0, value]] if isinstance(value, list) else value for field, value in values.items()}
    error = _refusal(client.create, mapping.model, [wire])
    traced = trace(mapping, error.message, values=values, code=error.code)
    assert traced.key == key, error.message
    assert says in traced.text


@pytest.mark.parametrize(
    ("name", "values", "key", "says"),
    [
        ("partner", {"email": "a@b.c"}, "title", "is missing"),
        ("partner", NAMED | {"type": "nope"}, "kind", "Send one of contact"),
        ("partner", NAMED | {"country_id": NOBODY}, "land", "does not have"),
        ("partner", NAMED | {"category_id": [NOBODY]}, "tags", "does not have"),
        ("partner", NAMED | {"partner_latitude": "abc"}, "latitude", "Send a number"),
        ("partner", NAMED | {"color": "abc"}, "colour", "a whole number"),
        ("partner", NAMED | {"active": "maybe"}, "active", "true or false"),
        ("template", {"default_code": "x"}, "title", "is missing"),
        ("order", {"client_order_ref": "x"}, "buyer", "is missing"),
        ("order", {"client_order_ref": "x", "validity_date": "31/12/2025"}, "until", "a date like"),
        ("order", {"client_order_ref": "x", "date_order": "31/12/2025"}, "at", "a date and time like"),
    ],
)
@pytest.mark.parametrize("told", [True, False], ids=["Odoo names the field", "by its text alone"])
def test_a_refused_load_names_its_line(
    client: OdooClient,
    specs: dict[str, MappingSpec],
    name: str,
    values: dict[str, Any],
    key: str,
    says: str,
    told: bool,
):
    mapping = specs[name]
    fields = sorted(values)
    result = client.load(
        mapping.model,
        ["id", *loading.columns(mapping, fields)],
        [[f"__synchub__.probe_{uuid.uuid4().hex}", *loading.cells(mapping, fields, values)]],
        context=loading.context(mapping.by_field[one] for one in fields),
    )
    assert result.ids is None
    message = result.messages[0]
    traced = trace(mapping, message.message, field=message.field if told else None, values=values)
    assert traced.key == key, message
    assert says in traced.text


@pytest.mark.parametrize(
    ("values", "key", "says"),
    [
        ([{"product_uom_qty": 1}], "lines[0].text", "is missing"),
        ([{"name": "a", "product_uom_qty": 1, "product_id": NOBODY}], "lines[0].product", "does not have"),
    ],
)
def test_a_refused_order_names_the_key_of_its_line(
    client: OdooClient, specs: dict[str, MappingSpec], values: list[dict[str, Any]], key: str, says: str
):
    written = {
        "partner_id": 1,
        "order_line": {"$children": [{"$ref": None, "$values": one} for one in values]},
    }
    wire = plain_values(written) | {"order_line": [[0, 0, one] for one in values]}
    error = _refusal(client.create, "sale.order", [wire])
    traced = trace(specs["order"], error.message, values=written, code=error.code)
    assert traced.key == key, error.message
    assert says in traced.text


def test_a_contact_without_a_name_is_named_inside_its_company(
    client: OdooClient, specs: dict[str, MappingSpec]
):
    children = [{"name": "PROBE a"}, {"email": "b@c.d"}]
    written = NAMED | {"child_ids": {"$children": [{"$ref": None, "$values": one} for one in children]}}
    error = _refusal(client.create, "res.partner", [NAMED | {"child_ids": [[0, 0, one] for one in children]}])
    traced = trace(specs["partner"], error.message, values=written, code=error.code)
    assert (traced.key, "is missing" in traced.text) == ("contacts[1].called", True)


def test_a_record_that_was_deleted_is_told_from_one_it_refers_to(
    client: OdooClient, specs: dict[str, MappingSpec]
):
    error = _refusal(client.write, "res.partner", [NOBODY], NAMED)
    traced = trace(specs["partner"], error.message, values=NAMED, code=error.code)
    assert traced.key == ""
    assert "does not have this record any more" in traced.text


def test_a_parent_below_itself_is_the_parents_line(client: OdooClient, specs: dict[str, MappingSpec]):
    [company] = client.search("res.partner", [("parent_id", "=", False)], limit=1, order="id")
    error = _refusal(client.write, "res.partner", [company], {"parent_id": company})
    assert trace(specs["partner"], error.message, values={"parent_id": company}).key == "above"


def test_a_partner_in_use_says_what_uses_it(client: OdooClient, specs: dict[str, MappingSpec]):
    partners = client.create("res.partner", [NAMED])
    orders = client.create("sale.order", [{"partner_id": partners[0]}])
    client.execute("sale.order", "action_confirm", orders)  # quotations go along with their partner
    try:
        error = _refusal(client.unlink, "res.partner", partners)
        assert "let the endpoint archive instead" in trace(specs["partner"], error.message).text
    finally:
        client.execute("sale.order", "action_cancel", orders, context={"disable_cancel_warning": True})
        client.unlink("sale.order", orders)
        client.unlink("res.partner", partners)


def test_an_unknown_field_of_odoo_is_told(client: OdooClient, specs: dict[str, MappingSpec]):
    error = _refusal(client.create, "res.partner", [NAMED | {"nope": 1}])
    assert "no field nope of res.partner" in trace(specs["partner"], error.message, values=NAMED).text


def test_a_language_that_odoo_lacks_is_told(client: OdooClient, specs: dict[str, MappingSpec]):
    error = _refusal(client.search, "res.partner", [], context={"lang": "xx_XX"}, limit=1, order="id")
    assert "language xx_XX is not installed" in trace(specs["partner"], error.message).text
