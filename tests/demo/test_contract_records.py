"""create, read, write, unlink and search, as an Odoo 18 answers them."""

from typing import Any

import pytest

from tests.demo.client import Client, unique


def test_create_gives_an_id_for_a_dict_and_a_list_for_a_list(odoo: Client) -> None:
    one = odoo.make("res.partner", {"name": unique()})
    assert isinstance(one, int)
    first, second = odoo.make("res.partner", [{"name": unique("A")}, {"name": unique("B")}])
    assert first < second
    assert odoo.values("res.partner", first, "name")["name"].startswith("A")
    assert odoo.call("res.partner", "create", []) == []


def test_create_is_all_or_nothing(odoo: Client) -> None:
    name = unique()
    assert odoo.fault("res.partner", "create", [{"name": name}, {"email": "no name"}]) == (
        2,
        "The operation cannot be completed: Contacts require a name",
    )
    assert odoo.call("res.partner", "search_count", [("name", "=", name)]) == 0


def test_read_gives_every_type_in_its_own_shape(odoo: Client) -> None:
    country = odoo.found("res.country", [("code", "=", "BE")])[0]
    record = odoo.make("res.partner", {"name": unique(), "country_id": country, "phone": "+32 2 555"})
    names = [
        "email",
        "phone",
        "active",
        "is_company",
        "country_id",
        "category_id",
        "child_ids",
        "partner_latitude",
    ]
    assert odoo.values("res.partner", record, *names, "comment", "type", "lang", "tz", "color", "image_1920") == {
        "email": False, "phone": "+32 2 555", "active": True, "is_company": False,
        "country_id": [country, "Belgium"], "category_id": [], "child_ids": [], "partner_latitude": 0.0,
        "comment": False, "type": "contact", "lang": "en_US", "tz": False, "color": 0, "image_1920": False,
    }  # fmt: skip
    assert odoo.values("res.partner", record, "country_id", load="") == {"country_id": country}
    dates = odoo.values("res.partner", record, "create_date", "write_date")
    assert all(len(value) == 19 and value[10] == " " for value in dates.values())


def test_years_before_1000_come_without_zeros_in_front(odoo: Client) -> None:
    partner = odoo.make("res.partner", {"name": unique()})
    early = {"validity_date": "0999-12-31", "commitment_date": "0099-01-02 03:04:05"}
    order = odoo.make("sale.order", {"partner_id": partner, **early})
    assert odoo.values("sale.order", order, *early) == {
        "validity_date": "999-12-31", "commitment_date": "99-01-02 03:04:05",
    }  # fmt: skip
    assert odoo.found("sale.order", [("id", "=", order), ("validity_date", "<", "1000-01-01")]) == [order]


def test_read_leaves_out_what_does_not_exist_and_keeps_the_order_asked_for(odoo: Client) -> None:
    first, second = odoo.make("res.partner", [{"name": unique()}, {"name": unique()}])
    assert odoo.call("res.partner", "read", [99999999], ["name"]) == []
    found = odoo.call("res.partner", "read", [second, 99999999, first, first], ["name"])
    assert [row["id"] for row in found] == [second, first, first]
    # Nothing is looked up for the id alone, so nothing is missed.
    assert odoo.call("res.partner", "read", [99999999], ["id"]) == [{"id": 99999999}]
    assert odoo.call("res.partner", "exists", [first, 99999999]) == [first]


WRITTEN: list[tuple[str, Any, Any]] = [
    ("city", 5, "5"),
    ("city", " a ", " a "),
    ("city", True, "True"),
    ("ref", "", ""),
    ("ref", False, False),
    ("street", "Ré & <b> 😀", "Ré & <b> 😀"),
    ("is_company", "x", True),
    ("is_company", 0, False),
    ("color", "5", 5),
    ("color", 1.9, 1),
    ("color", 2147483647, 2147483647),
    ("color", False, 0),
    ("partner_latitude", 1.123456789, 1.1234568),
    ("partner_latitude", "5.5", 5.5),
    ("type", False, False),
    ("type", "other", "other"),
    ("country_id", [20, "x"], False),
    ("country_id", "20", False),
    ("country_id", 0, False),
    ("comment", "hello", "<p>hello</p>"),
    ("comment", "a & b", "<p>a &amp; b</p>"),
    ("comment", "<p>x</p>", "<p>x</p>"),
    ("comment", "<script>alert(1)</script>ok", "<p>ok</p>"),
    ("comment", "", ""),
    ("website", "example.com", "http://example.com"),
]


@pytest.mark.parametrize(("name", "value", "read_back"), WRITTEN)
def test_what_is_written_and_what_is_read_back(odoo: Client, name: str, value: Any, read_back: Any) -> None:
    record = odoo.make("res.partner", {"name": unique()})
    assert odoo.call("res.partner", "write", [record], {name: value}) is True
    assert odoo.values("res.partner", record, name) == {name: read_back}


DATES = [
    ("commitment_date", "2026-01-02", "2026-01-02 00:00:00"),
    ("commitment_date", "2026-01-02 03:04", "2026-01-02 03:04:00"),
    ("commitment_date", "2026-01-02 03:04:05", "2026-01-02 03:04:05"),
    ("commitment_date", "", False),
    ("validity_date", "2026-01-02 03:04:05", "2026-01-02"),
    ("validity_date", "2026-1-2", "2026-01-02"),
    ("validity_date", False, False),
]


@pytest.mark.parametrize(("name", "value", "read_back"), DATES)
def test_dates_that_are_taken(odoo: Client, name: str, value: Any, read_back: Any) -> None:
    partner = odoo.make("res.partner", {"name": unique()})
    order = odoo.make("sale.order", {"partner_id": partner})
    odoo.call("sale.order", "write", [order], {name: value})
    assert odoo.values("sale.order", order, name) == {name: read_back}


def test_write_takes_one_set_of_values_for_all_the_ids(odoo: Client) -> None:
    ids = odoo.make("res.partner", [{"name": unique()}, {"name": unique()}])
    assert (
        odoo.call("res.partner", "write", ids, {"city": "Ghent", "id": 1, "create_date": "2020-01-01"})
        is True
    )
    assert [row["city"] for row in odoo.call("res.partner", "read", ids, ["city"])] == ["Ghent", "Ghent"]
    assert odoo.call("res.partner", "write", [], {"city": "x"}) is True
    assert odoo.call("res.partner", "write", ids[0], {"city": "Bruges"}) is True


def test_unlink_once(odoo: Client) -> None:
    record = odoo.make("res.partner", {"name": unique()})
    assert odoo.call("res.partner", "unlink", []) is True
    assert odoo.call("res.partner", "unlink", [record]) is True
    text = f"Record does not exist or has been deleted.\n(Record: res.partner({record},), User: 2)"
    assert odoo.fault("res.partner", "unlink", [record]) == (2, text)


def test_a_record_in_use_stays(odoo: Client) -> None:
    partner = odoo.make("res.partner", {"name": unique()})
    odoo.make("sale.order", {"partner_id": partner})
    code, text = odoo.fault("res.partner", "unlink", [partner])
    assert code == 2
    assert text.endswith("\n\nModel: Sales Order (sale.order)\nConstraint: sale_order_partner_id_fkey\n")
    country = odoo.found("res.country", [("code", "=", "US")])
    code, text = odoo.fault("res.country", "unlink", country)
    assert text.endswith(
        "Model: Country state (res.country.state)\nConstraint: res_country_state_country_id_fkey\n"
    )


def test_archived_records_are_hidden_unless_asked_for(odoo: Client) -> None:
    name = unique()
    record = odoo.make("res.partner", {"name": name, "active": False})
    assert odoo.found("res.partner", [("name", "=", name)]) == []
    assert odoo.found("res.partner", [("name", "=", name)], context={"active_test": False}) == [record]
    assert odoo.found("res.partner", [("name", "=", name), ("active", "in", [True, False])]) == [record]


def test_search_read_pages_in_the_order_asked_for(odoo: Client) -> None:
    name = unique()
    ids = odoo.make("res.partner", [{"name": f"{name} {letter}"} for letter in "abcd"])
    domain = [("name", "like", name)]
    rows = odoo.call("res.partner", "search_read", domain, ["name"], order="name desc", limit=2, offset=1)
    assert [row["id"] for row in rows] == [ids[2], ids[1]]
    assert sorted(rows[0]) == ["id", "name"]
    assert odoo.call("res.partner", "search_count", domain) == 4
    assert odoo.call("res.partner", "search_count", domain, limit=3) == 3
    assert odoo.found("res.partner", domain, order="id desc", limit=1) == [ids[3]]


def test_empty_values_come_last_going_up_and_first_going_down(odoo: Client) -> None:
    name = unique()
    ids = odoo.make("res.partner", [{"name": name, "ref": ref} for ref in ("b", False, "a")])
    domain = [("name", "=", name)]
    assert odoo.found("res.partner", domain, order="ref, id") == [ids[2], ids[0], ids[1]]
    assert odoo.found("res.partner", domain, order="ref desc, id") == [ids[1], ids[0], ids[2]]


def test_write_date_is_seconds_outside_and_microseconds_inside(odoo: Client) -> None:
    record = odoo.make("res.partner", {"name": unique()})
    moment = odoo.values("res.partner", record, "write_date")["write_date"]
    for operator in (">=", ">"):
        assert odoo.found("res.partner", [("id", "=", record), ("write_date", operator, moment)]) == [record]
    assert odoo.found("res.partner", [("id", "=", record), ("write_date", "=", moment)]) == []


def test_a_write_that_changes_nothing_moves_write_date(practice: Any, client: Client) -> None:
    record = client.make("res.partner", {"name": unique()})
    statement = f"SELECT write_date FROM res_partner WHERE id = {record}"
    with practice._store.transaction(writes=False) as db:
        before = db.execute(statement).fetchone()
    client.call(
        "res.partner", "write", [record], {"name": client.values("res.partner", record, "name")["name"]}
    )
    with practice._store.transaction(writes=False) as db:
        assert db.execute(statement).fetchone() > before


def test_names(odoo: Client) -> None:
    name = unique()
    made = odoo.call("res.partner.category", "name_create", name)
    odoo.remember("res.partner.category", [made[0]])
    assert made[1] == name
    assert odoo.call("res.partner.category", "name_search", name) == [made]
    assert odoo.call("res.partner.category", "name_search", name, [("id", "<", 0)]) == []
    belgium = odoo.found("res.country", [("code", "=", "BE")])[0]
    assert odoo.call("res.country", "name_search", "belgium") == [[belgium, "Belgium"]]
    assert odoo.call("res.country", "name_search", "BE", limit=1) == [[belgium, "Belgium"]]


def test_defaults(odoo: Client) -> None:
    names = ["type", "lang", "is_company", "active", "color", "name", "country_id"]
    assert odoo.call("res.partner", "default_get", names) == {
        "type": "contact", "lang": "en_US", "is_company": False, "active": True, "color": 0,
    }  # fmt: skip
    given = odoo.call("res.partner", "default_get", ["city"], context={"default_city": "Ghent"})
    assert given == {"city": "Ghent"}


def test_copy_gives_ids(odoo: Client) -> None:
    record = odoo.make("res.partner", {"name": unique(), "city": "Ghent"})
    copies = odoo.call("res.partner", "copy", [record])
    odoo.remember("res.partner", copies)
    values = odoo.values("res.partner", copies[0], "name", "city")
    assert values["city"] == "Ghent"
    assert values["name"].endswith(" (copy)")


def test_fields_get_names_the_asked_fields_and_attributes(odoo: Client) -> None:
    assert odoo.call(
        "res.partner", "fields_get", ["name", "country_id", "no_such"], ["type", "relation"]
    ) == {
        "name": {"type": "char"},
        "country_id": {"type": "many2one", "relation": "res.country"},
    }
    facts = odoo.call("res.partner", "fields_get", ["type"], ["selection", "required", "store", "string"])
    assert facts["type"]["string"] == "Address Type"
    assert facts["type"]["selection"][0] == ["contact", "Contact"]
    assert facts["type"]["required"] is False
    every = odoo.call("res.partner", "fields_get", [], ["type"])
    assert {"id", "write_date", "child_ids", "category_id", "image_1920", "comment"} <= set(every)


def test_the_models_that_a_user_may_use_are_told_by_name(odoo: Client):
    found = odoo.call("ir.model", "get_available_models")
    assert {"model": "res.partner", "display_name": "Contact"} in found
    assert "get_available_models" in odoo.fault("res.partner", "get_available_models")[1]


def test_models_and_fields_are_records_too(odoo: Client) -> None:
    model = odoo.call("ir.model", "search_read", [("model", "=", "res.partner")], ["name", "state"])[0]
    assert (model["name"], model["state"]) == ("Contact", "base")
    names = [
        "name",
        "ttype",
        "relation",
        "required",
        "readonly",
        "store",
        "field_description",
        "display_name",
    ]
    domain = [("model", "=", "res.partner"), ("name", "=", "country_id")]
    field = odoo.call("ir.model.fields", "search_read", domain, names)[0]
    field.pop("id")
    assert field == {
        "name": "country_id", "ttype": "many2one", "relation": "res.country", "required": False, "readonly": False,
        "store": True, "field_description": "Country", "display_name": "Country (Contact)",
    }  # fmt: skip


def test_groups_are_counted_and_summed(odoo: Client) -> None:
    name = unique()
    odoo.make(
        "res.partner", [{"name": name, "color": 2, "is_company": flag} for flag in (True, False, False)]
    )
    domain = [["name", "=", name]]
    rows = odoo.call("res.partner", "read_group", domain, ["color:sum"], ["is_company"])
    assert [(row["is_company"], row["is_company_count"], row["color"]) for row in rows] == [
        (False, 2, 4),
        (True, 1, 2),
    ]
    assert odoo.call("res.partner", "search_count", rows[0]["__domain"]) == 2
    rows = odoo.call("res.partner", "read_group", domain, [], ["is_company", "type"], lazy=False)
    assert [row["__count"] for row in rows] == [2, 1]
