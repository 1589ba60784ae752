"""The services, logins and faults of `/xmlrpc/2`, as an Odoo 18 answered them."""

from typing import Any
from xmlrpc.client import Fault

import pytest

from tests.demo.client import Client, last_line, unique

IN_USE = "The operation cannot be completed: another model requires the record being deleted. If possible, archive it instead."
NOT_SET = (
    "The operation cannot be completed:\n- Create/update: a mandatory field is not set."
    "\n- Delete: another model requires the record being deleted. If possible, archive it instead."
)


def gone(model: str, record: int = 99999999) -> str:
    return f"Record does not exist or has been deleted.\n(Record: {model}({record},), User: 2)"


def test_version_tells_the_series(odoo: Client) -> None:
    version = odoo.common("version")
    assert version["server_serie"] == "18.0"
    assert version["server_version_info"] == [18, 0, 0, "final", 0, ""]
    assert version["protocol_version"] == 1


def test_authenticate_gives_the_user_id_or_false(odoo: Client) -> None:
    assert odoo.common("authenticate", odoo.database, odoo.login, odoo.password, {}) == odoo.uid
    assert odoo.common("authenticate", odoo.database, odoo.login, "wrong", {}) is False
    assert odoo.common("authenticate", odoo.database, "nobody", odoo.password, {}) is False
    assert odoo.common("login", odoo.database, odoo.login, odoo.password) == odoo.uid


def test_an_unknown_database_is_fault_1(odoo: Client) -> None:
    with pytest.raises(Fault) as caught:
        odoo.common("authenticate", "nodb", odoo.login, odoo.password, {})
    assert caught.value.faultCode == 1
    assert last_line(caught.value.faultString).endswith('FATAL:  database "nodb" does not exist')


def test_a_wrong_password_is_fault_3(odoo: Client) -> None:
    with pytest.raises(Fault) as caught:
        odoo.execute_kw(odoo.database, odoo.uid, "wrong", "res.partner", "search", [[]], {})
    assert (caught.value.faultCode, caught.value.faultString) == (3, "Access Denied")


def test_a_user_that_does_not_exist_is_fault_2(odoo: Client) -> None:
    with pytest.raises(Fault) as caught:
        odoo.execute_kw(odoo.database, 99999999, "wrong", "res.partner", "search", [[]], {})
    text = "Record does not exist or has been deleted.\n(Record: res.users(99999999,), User: 99999999)"
    assert (caught.value.faultCode, caught.value.faultString) == (2, text)


PARTNER = "res.partner"
FAULTS: list[tuple[str, str, list[Any], dict[str, Any], int, str]] = [
    ("no.such.model", "search", [[]], {}, 2, "Object no.such.model doesn't exist"),
    (PARTNER, "no_such_method", [], {}, 1,
     "AttributeError: The method 'res.partner.no_such_method' does not exist"),
    (PARTNER, "_write", [[1], {}], {}, 4,
     "Private methods (such as 'res.partner._write') cannot be called remotely."),
    (PARTNER, "search", [[("no_such_field", "=", 1)]], {}, 1,
     "ValueError: Invalid field res.partner.no_such_field in leaf ('no_such_field', '=', 1)"),
    (PARTNER, "search", [[("country_id.nope", "=", 1)]], {}, 1,
     "ValueError: Invalid field res.country.nope in leaf ('nope', '=', 1)"),
    (PARTNER, "search", [["bad"]], {}, 1, "ValueError: Invalid field res.partner.b in leaf ('b', 'a', 'd')"),
    (PARTNER, "search", [["&", ("name", "=", "x")]], {}, 1,
     "ValueError: Domain ['&', ['name', '=', 'x']] is syntactically not correct."),
    (PARTNER, "search", [[("name", "=")]], {}, 1,
     "ValueError: not enough values to unpack (expected 3, got 2)"),
    (PARTNER, "search", [[5]], {}, 1, "TypeError: 'int' object is not subscriptable"),
    (PARTNER, "search", [[("name", "~~", "x")]], {}, 1, "ValueError: Invalid leaf ('name', '~~', 'x')"),
    ("res.country", "search", [[("code", "in", "BE")]], {}, 1,
     "ValueError: Invalid domain term ('code', 'in', 'BE')"),
    (PARTNER, "search", [[]], {"order": "name ascc"}, 2,
     'Invalid "order" specified (name ascc). A valid "order" specification is a comma-separated list of valid'
     " field names (optionally followed by asc/desc for the direction)"),
    (PARTNER, "search", [[]], {"order": "nope"}, 1, "ValueError: Invalid field 'nope' on model 'res.partner'"),
    (PARTNER, "search", [[]], {"context": {"lang": "xx_XX"}}, 2, "Invalid language code: xx_XX"),
    (PARTNER, "read", [[1], ["nope"]], {}, 1, "ValueError: Invalid field 'nope' on model 'res.partner'"),
    (PARTNER, "create", [{"name": "x", "no_such_field": 1}], {}, 1,
     "ValueError: Invalid field 'no_such_field' on model 'res.partner'"),
    (PARTNER, "create", [{"email": "x"}], {}, 2, "The operation cannot be completed: Contacts require a name"),
    (PARTNER, "create", [{"name": "x", "type": "nope"}], {}, 1,
     "ValueError: Wrong value for res.partner.type: 'nope'"),
    (PARTNER, "create", [{"name": "x", "country_id": 99999}], {}, 2,
     f"{IN_USE}\n\nModel: Contact (res.partner)\nConstraint: res_partner_country_id_fkey\n"),
    (PARTNER, "create", [{"name": "x", "parent_id": 99999999}], {}, 2, gone(PARTNER)),
    (PARTNER, "create", [{"name": "x", "category_id": [(4, 99999999)]}], {}, 2, gone("res.partner.category")),
    (PARTNER, "create", [{"name": "x", "category_id": "abc"}], {}, 1,
     "ValueError: Wrong value for res.partner.category_id: abc"),
    (PARTNER, "create", [{"name": "x", "partner_latitude": "abc"}], {}, 1,
     "ValueError: could not convert string to float: 'abc'"),
    (PARTNER, "create", [{"name": "x", "partner_latitude": float("nan")}], {}, 1,
     "ValueError: cannot convert float NaN to integer"),
    (PARTNER, "create", [{"name": "x", "color": "abc"}], {}, 1,
     "ValueError: invalid literal for int() with base 10: 'abc'"),
    (PARTNER, "create", [{"name": "x", "color": float("inf")}], {}, 1,
     "OverflowError: cannot convert float infinity to integer"),
    (PARTNER, "create", [{"name": "x", "image_1920": "aGVsbG8="}], {}, 2,
     "This file could not be decoded as an image file."),
    (PARTNER, "create", [{"name": "x", "image_1920": "a"}], {}, 2, "Image is not encoded in base64."),
    (PARTNER, "create", [], {}, 1, "TypeError: create() missing 1 required positional argument: 'vals_list'"),
    ("product.template", "create", [{}], {}, 2,
     f"{NOT_SET}\n\nModel: Product (product.template)\nField: Name (name)\n"),
    ("product.product", "create", [{}], {}, 2,
     f"{NOT_SET}\n\nModel: Product (product.template)\nField: Name (name)\n"),
    ("sale.order", "create", [{}], {}, 2,
     f"{NOT_SET}\n\nModel: Sales Order (sale.order)\nField: Customer (partner_id)\n"),
    ("sale.order", "create", [{"partner_id": 99999999}], {}, 2, gone(PARTNER)),
    ("sale.order", "create", [{"partner_id": 1, "validity_date": "31/12/2025"}], {}, 1,
     "ValueError: time data '31/12/2025' does not match format '%Y-%m-%d'"),
    ("sale.order", "create", [{"partner_id": 1, "commitment_date": "2025-01-01T10:00:00Z"}], {}, 1,
     "ValueError: time data '2025-01-01T10:00:00Z' does not match format '%Y-%m-%d %H:%M:%S'"),
    ("sale.order.line", "create", [{"name": "x"}], {}, 2,
     f"{NOT_SET}\n\nModel: Sales Order Line (sale.order.line)\nField: Order Reference (order_id)\n"),
    ("res.country", "create", [{"name": "Belgium again", "code": "BE"}], {}, 2,
     "The operation cannot be completed: The code of the country must be unique!"),
    (PARTNER, "write", [[99999999], {"name": "x"}], {}, 2, gone(PARTNER)),
    (PARTNER, "write", [[1], {"nope": 1}], {}, 1, "ValueError: Invalid field 'nope' on model 'res.partner'"),
    (PARTNER, "unlink", [[99999999]], {}, 2, gone(PARTNER)),
    # A truth value or a fault is asked for; what comes without either cannot be carried.
    (PARTNER, "check_access_rights", ["read"], {}, 1,
     "TypeError: cannot marshal None unless allow_none is enabled"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "method", "args", "kwargs", "code", "text"), FAULTS)
def test_faults(
    odoo: Client, model: str, method: str, args: list[Any], kwargs: dict[str, Any], code: int, text: str
) -> None:
    assert odoo.fault(model, method, *args, **kwargs) == (code, text)


def test_a_text_where_an_id_belongs_is_an_error_of_the_database(odoo: Client) -> None:
    for method, args in (("search", [[("id", "=", "abc")]]), ("read", [["abc"], ["name"]])):
        code, text = odoo.fault("res.partner", method, *args)
        assert code == 1
        assert text.startswith(
            'psycopg2.errors.InvalidTextRepresentation: invalid input syntax for type integer: "abc"\nLINE 1: '
        )


def test_rights_are_answered(odoo: Client) -> None:
    assert odoo.call("res.partner", "check_access_rights", "unlink", False) is True
    assert odoo.call("res.partner", "has_access", [], "write") is True


def test_a_button_without_a_result_is_a_fault_after_the_work_is_done(odoo: Client) -> None:
    partner = odoo.make("res.partner", {"name": unique()})
    cannot = (1, "TypeError: cannot marshal None unless allow_none is enabled")
    assert odoo.fault("res.partner", "action_archive", [partner]) == cannot
    assert odoo.values("res.partner", partner, "active") == {"active": False}
    assert odoo.fault("res.partner", "action_unarchive", [partner]) == cannot
    assert odoo.fault("res.partner", "toggle_active", [partner]) == cannot
    assert odoo.values("res.partner", partner, "active") == {"active": False}


def test_a_control_character_is_no_xml(odoo: Client) -> None:
    with pytest.raises(Fault) as caught:
        odoo.call("res.partner", "search", [("name", "=", "\x01")])
    assert caught.value.faultCode == 1
    assert "xml.parsers.expat.ExpatError: not well-formed (invalid token): line " in caught.value.faultString


def test_an_integer_over_32_bits_is_stopped_by_the_client(odoo: Client) -> None:
    with pytest.raises(OverflowError, match="int exceeds XML-RPC limits"):
        odoo.call("res.partner", "search", [("id", "=", 2**31)])
