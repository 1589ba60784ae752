"""What lines do to values without code, from a request to Odoo and back."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from endpoints.models import Change, Endpoint, Record
from mappings.compile import compile_mapping
from mappings.models import Line, LookupRow, LookupTable
from synchub.errors import ConfigurationError
from tests.conftest import Hub

URL = "/bj_api_sync/v1/partners"
IDENTIFIER = {"field": "ref", "identifier": True}


def call(method: str, body: Any, status: int, name: str = "") -> Any:
    send = getattr(Client(), method)
    response = send(f"{URL}/{name}" if name else URL, body, content_type="application/json")
    assert response.status_code == status, response.content
    return response.json()


def post(body: Any, status: int = 201) -> Any:
    return call("post", body, status)


def put(name: str, body: Any, status: int = 200) -> Any:
    return call("put", body, status, name)


def get(name: str = "") -> Any:
    response = Client().get(f"{URL}/{name}" if name and not name.startswith("?") else f"{URL}{name}")
    assert response.status_code == 200, response.content
    return response.json()


def found(query: dict[str, str]) -> str:
    """The names, of one letter, of the records that a filter finds."""
    results = get(f"?{urlencode({**query, 'limit': '1000'})}")["results"]
    return "".join(sorted(one["id"] for one in results if one["id"] and len(one["id"]) == 1))


def partners(hub: Hub, **lines: Any) -> Any:
    return hub.endpoint("partners", "res.partner", {"id": IDENTIFIER, "name": "name", **lines})


def in_odoo(hub: Hub, ref: str, *fields: str) -> dict[str, Any]:
    [found] = hub.in_odoo(ref, fields=fields)
    return found


def table(name: str, rows: list[tuple[Any, Any]], on_unknown: str = "error") -> LookupTable:
    made = LookupTable.objects.create(name=name, on_unknown=on_unknown)
    for position, (external, odoo) in enumerate(rows):
        LookupRow.objects.create(table=made, external=external, odoo=odoo, position=position)
    return made


@pytest.mark.parametrize("mode", ["mirror", "live"])
def test_null_for_a_number_that_is_0_is_written_once(hub: Hub, mode: str):
    inside = {"id": IDENTIFIER, "name": "name", "rank": "color"}
    partners(
        hub, latitude="partner_latitude", contacts={"field": "child_ids", "nested": hub.mapping("inside", "res.partner", inside)}
    )  # fmt: skip
    Endpoint.objects.update(mode=mode)
    post({"id": "A", "name": "A", "latitude": 7.5, "contacts": [{"id": "B", "name": "B", "rank": 3}]})
    hub.push()
    nulls = {"latitude": None, "contacts": [{"id": "B", "name": "B", "rank": None}]}
    put("A", nulls)
    hub.push()
    assert (
        in_odoo(hub, "A", "partner_latitude")["partner_latitude"],
        in_odoo(hub, "B", "color")["color"],
    ) == (0, 0)
    hub.odoo.calls.clear()
    put("A", nulls)
    hub.push()
    assert not [call for call in hub.odoo.calls if call[1] in ("write", "create", "load")]
    assert get("A")["latitude"] == 0


# Lookup tables -------------------------------------------------------------------------------------------------------

KINDS = [("invoice-address", "invoice"), ("ship-to", "delivery"), (1, "contact")]


def test_a_table_translates_both_ways(hub: Hub):
    partners(hub, kind={"field": "type", "table": table("kinds", KINDS)})
    assert post({"id": "A", "name": "A", "kind": "ship-to"})["kind"] == "ship-to"
    hub.push()
    assert in_odoo(hub, "A", "type")["type"] == "delivery"
    assert get("A")["kind"] == "ship-to"
    put("A", {"kind": 1})
    hub.push()
    assert in_odoo(hub, "A", "type")["type"] == "contact"
    assert get("A")["kind"] == 1


def test_a_value_that_a_table_does_not_know_is_refused_with_those_it_knows(hub: Hub):
    partners(hub, kind={"field": "type", "table": table("kinds", KINDS)})
    error = post({"id": "A", "name": "A", "kind": "delivery"}, 400)
    assert error["status_code"] == "SELECTION"
    assert error["error"] == "“kind”: “delivery” is none of invoice-address, ship-to, 1."
    assert error["line_id"] == Line.objects.get(key="kind").pk


def test_a_value_that_is_in_no_row_is_shown_as_null_or_passed_on(hub: Hub):
    partners(
        hub,
        strict={"field": "type", "table": table("strict", KINDS[:1]), "direction": "from_odoo"},
        open={"field": "type", "table": table("open", KINDS[:1], "pass")},
    )
    post({"id": "A", "name": "A", "open": "other"})
    hub.push()
    assert get("A") == {"id": "A", "name": "A", "strict": None, "open": "other"}


def test_what_a_table_cannot_show_stays_in_odoo_when_it_is_sent_back(hub: Hub):
    partners(hub, kind={"field": "type", "table": table("kinds", KINDS[:1])})
    post({"id": "A", "name": "A", "kind": "invoice-address"})
    hub.push()
    hub.odoo.execute("res.partner", "write", [in_odoo(hub, "A", "ref")["id"]], {"type": "other"})
    hub.pull()
    document = get("A")
    assert document["kind"] is None
    put("A", document)
    hub.push()
    assert in_odoo(hub, "A", "type")["type"] == "other"


def test_null_in_a_table_is_what_odoo_has_instead_of_it(hub: Hub):
    partners(
        hub,
        rank={"field": "color", "table": table("ranks", [("none", None), ("first", 1)])},
        company={"field": "is_company", "table": table("yes-or-no", [("Y", True), ("-", None)])},
    )
    post({"id": "A", "name": "A", "rank": "first", "company": "Y"})
    hub.push()
    put("A", {"rank": "none", "company": "-"})
    hub.push()
    assert get("A") == {"id": "A", "name": "A", "rank": "none", "company": "-"}
    assert in_odoo(hub, "A", "color", "is_company").items() >= {"color": 0, "is_company": False}.items()


def test_records_are_filtered_by_the_values_of_the_table(hub: Hub):
    partners(hub, kind={"field": "type", "table": table("kinds", KINDS)})
    post([{"id": "A", "name": "A", "kind": "ship-to"}, {"id": "B", "name": "B", "kind": 1}])
    assert [one["id"] for one in get("?kind=ship-to")["results"]] == ["A"]
    assert [one["id"] for one in get("?kind=1")["results"]] == ["B"]
    refused = Client().get(f"{URL}?kind=delivery")
    assert (refused.status_code, "none of invoice-address" in refused.json()["message"]) == (400, True)


def test_a_row_that_is_changed_is_used_at_once(hub: Hub):
    kinds = table("kinds", KINDS)
    partners(hub, kind={"field": "type", "table": kinds})
    post({"id": "A", "name": "A", "kind": "ship-to"})
    hub.push()
    row = kinds.rows.get(odoo="delivery")
    row.external = "goods"
    row.save()
    from endpoints import registry

    registry.clear()
    hub.pull()
    assert get("A")["kind"] == "goods"


@pytest.mark.parametrize(
    ("rows", "direction", "words"),
    [
        (
            [("a", "contact"), ("b", "contact")],
            "both",
            "two values outside for “contact” of Odoo, “a” and “b”",
        ),
        ([("a", "contact"), ("b", "contact")], "to_odoo", None),
        ([("a", "contact"), ("a", "other")], "both", "two values of Odoo for “a”"),
        ([("a", "contact"), ("a", "other")], "from_odoo", None),
        ([("a", "contract")], "both", "table “t” has “contract” for “a”: “contract” is none of"),
    ],
)
def test_a_table_that_means_two_things_is_refused_where_that_matters(
    hub: Hub, rows: Any, direction: str, words: str | None
):
    lines = {"id": IDENTIFIER, "kind": {"field": "type", "table": table("t", rows), "direction": direction}}
    mapping = hub.mapping("m", "res.partner", lines)
    if words is None:
        compile_mapping(mapping)
        return
    with pytest.raises(ConfigurationError) as raised:
        compile_mapping(mapping)
    assert words in str(raised.value)


# Constants, defaults, required -----------------------------------------------------------------------------------------


def test_a_constant_is_written_to_each_record_and_cannot_be_sent(hub: Hub):
    partners(hub, origin={"field": "comment", "constant": "from the shop"})
    error = post({"id": "A", "name": "A", "origin": "x"}, 400)
    assert (error["status_code"], error["key"]) == ("READONLY", "origin")
    assert post({"id": "A", "name": "A"})["origin"] == "from the shop"
    hub.push()
    assert "from the shop" in in_odoo(hub, "A", "comment")["comment"]


def test_a_constant_that_was_changed_in_odoo_is_put_right_with_the_next_write(hub: Hub):
    partners(hub, town={"field": "city", "constant": "Ghent"})
    post({"id": "A", "name": "A"})
    hub.push()
    hub.odoo.execute("res.partner", "write", [in_odoo(hub, "A", "ref")["id"]], {"city": "Liège"})
    hub.pull()
    assert get("A")["town"] == "Liège"
    put("A", {"name": "B"})
    hub.push()
    assert in_odoo(hub, "A", "city")["city"] == "Ghent"
    put("A", {"name": "B"})
    assert not Change.objects.filter(state="pending").exists()


def test_a_constant_from_odoo_is_shown_and_never_written(hub: Hub):
    partners(hub, source={"field": "city", "constant": "erp", "direction": "from_odoo"})
    assert post({"id": "A", "name": "A"})["source"] == "erp"
    hub.push()
    assert not in_odoo(hub, "A", "city")["city"]
    assert get("A")["source"] == "erp"


def test_defaults_and_constants_hold_for_records_inside_others(hub: Hub):
    child = hub.mapping(
        "child",
        "res.partner",
        {
            "id": IDENTIFIER,
            "name": {"field": "name", "required": True},
            "town": {"field": "city", "default": "Ghent"},
            "kind": {"field": "type", "constant": "delivery"},
        },
    )
    partners(hub, contacts={"field": "child_ids", "nested": child})
    post(
        {
            "id": "A",
            "name": "A",
            "contacts": [{"id": "A1", "name": "one"}, {"id": "A2", "name": "two", "town": "Liège"}],
        }
    )
    hub.push()
    assert [(one["city"], one["type"]) for one in hub.in_odoo("A1", "A2", fields=("city", "type"))] == [
        ("Ghent", "delivery"),
        ("Liège", "delivery"),
    ]  # fmt: skip
    put("A", {"contacts": [{"id": "A1"}, {"id": "A2"}, {"id": "A3"}]})
    hub.push()
    assert "“contacts[2].name” is required" in Record.objects.get().problem


def test_a_new_line_under_the_identifier_of_a_record_elsewhere_makes_no_second_one(hub: Hub):
    child = hub.mapping("contact", "res.partner", {"id": IDENTIFIER, "name": "name"})
    partners(hub, contacts={"field": "child_ids", "nested": child})
    post([{"id": "A", "name": "A", "contacts": [{"id": "A1", "name": "one"}]}, {"id": "B", "name": "B"}])
    hub.push()
    hub.odoo.execute("res.partner", "create", {"ref": "X", "name": "Elsewhere"})
    put("B", {"contacts": [{"id": "B1", "name": "new"}, {"id": "X", "name": "Second"}]})
    post({"id": "C", "name": "C", "contacts": [{"id": "A1", "name": "Second"}]})
    hub.push()
    for name, place in (("B", 1), ("C", 0)):
        refused = Change.objects.get(state="failed", record__external_id=name)
        told = f"“contacts[{place}].id”: Odoo has another record with Reference"
        assert (told in refused.error, refused.code) == (True, "DUPLICATE")
    assert [one["name"] for one in hub.in_odoo("X", "A1", "B1")] == ["one", "Elsewhere"]
    # One that its own record gives up goes to the other one.
    put("A", {"contacts": []})
    put("B", {"contacts": [{"id": "A1", "name": "moved"}]})
    hub.push()
    [moved] = hub.in_odoo("A1", fields=("name", "parent_id"))
    assert (moved["name"], moved["parent_id"]) == ("moved", in_odoo(hub, "B", "id")["id"])


def test_lines_that_are_numbered_anew_in_each_record_may_have_the_numbers_of_another_s(hub: Hub):
    """They have no endpoint of their own into which anybody posts."""
    child = hub.mapping("contact", "res.partner", {"nr": IDENTIFIER, "name": "name"})
    lines = {"id": {"field": "email", "identifier": True}, "name": "name"}
    hub.endpoint("partners", "res.partner", {**lines, "contacts": {"field": "child_ids", "nested": child}})
    post([{"id": name, "name": name, "contacts": [{"nr": "1", "name": name}]} for name in "AB"])
    hub.push()
    assert sorted(one["name"] for one in hub.in_odoo("1")) == ["A", "B"]


# Formats -----------------------------------------------------------------------------------------------------------------


def test_formats_are_read_and_shown_alike(hub: Hub):
    partners(
        hub,
        latitude={"field": "partner_latitude", "decimal_sign": ",", "decimals": 2},
        town={"field": "city", "trim": True, "case": "upper"},
    )
    shown = post({"id": "A", "name": "A", "latitude": "51,056", "town": " Gent "})
    assert shown == {"id": "A", "name": "A", "latitude": "51,06", "town": "GENT"}
    hub.push()
    there = in_odoo(hub, "A", "partner_latitude", "city")
    assert (there["partner_latitude"], there["city"]) == (51.06, "GENT")
    assert get("A") == shown


def test_dates_are_read_and_shown_in_their_pattern_and_time_zone(hub: Hub):
    hub.endpoint(
        "partners",
        "sale.order",
        {
            "id": {"field": "client_order_ref", "identifier": True},
            "partner": "partner_id",
            "ordered": {"field": "date_order", "pattern": "%d/%m/%Y %H:%M", "time_zone": "Europe/Brussels"},
        },
        on_delete="ignore",
    )
    partner = hub.odoo.execute("res.partner", "search", [], limit=1)[0]
    post({"id": "A", "partner": partner, "ordered": "31/07/2026 10:00"})
    hub.push()
    [order] = hub.odoo.execute(
        "sale.order", "search_read", [("client_order_ref", "=", "A")], fields=["date_order"]
    )
    assert str(order["date_order"]) == "2026-07-31 08:00:00"
    assert get("A")["ordered"] == "31/07/2026 10:00"
    assert [one["id"] for one in get("?ordered=31/07/2026 10:00")["results"]] == ["A"]
    error = put("A", {"ordered": "2026-07-31"}, 400)
    assert (
        error["error"] == "“ordered”: a date and time like “23/11/2026 15:05” is expected, not “2026-07-31”."
    )


def test_what_is_shown_rounded_stays_exact_in_odoo_when_it_is_sent_back(hub: Hub):
    partners(hub, latitude={"field": "partner_latitude", "decimals": 1})
    post({"id": "A", "name": "A"})
    hub.push()
    hub.odoo.execute("res.partner", "write", [in_odoo(hub, "A", "ref")["id"]], {"partner_latitude": 51.0567})
    hub.pull()
    document = get("A")
    assert document["latitude"] == 51.1
    put("A", {**document, "name": "B"})
    hub.push()
    assert in_odoo(hub, "A", "partner_latitude")["partner_latitude"] == 51.0567


SHOWN_ALIKE: dict[str, list[tuple[dict[str, Any], dict[str, str]]]] = {
    # What the line does; what is asked for, and which records are found.
    "name": [
        ({"case": "upper"}, {"ADA": "A", "ada": "A", "STRASSE 5": "BC", "straße 5": "BC", "C:\\TEMP 100%": "D", "AD": ""}),
        ({"case": "lower"}, {"ada": "A", "straße 5": "B", "strasse 5": "C", "οδος": "E"}),
        ({"case": "title", "trim": True}, {"Ada": "A", "Straße 5": "B", " Strasse 5 ": "C", "   ": ""}),
    ],
    "city": [({"trim": True}, {"Gent": "AB", " Gent": "AB", "GENT": "C", "Gent Gent": "", "": "DE"})],
    "partner_latitude": [
        ({"decimals": 1}, {"1.3": "AB", "1.25": "AB", "-1.3": "C", "0": "DE", "1.2": "", "1.4": ""}),
        ({"decimal_sign": ",", "decimals": 1}, {"1,3": "AB", "-1,3": "C", "0": "DE"}),
        ({"decimals": 0}, {"1": "AB", "-1": "C", "-1.0": "C"}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("mode", ["mirror", "live"])
@pytest.mark.parametrize("field", SHOWN_ALIKE)
def test_a_filter_finds_all_that_is_shown_as_it_says(hub: Hub, field: str, mode: str):
    hub.endpoint(
        "partners",
        "res.partner",
        {"id": IDENTIFIER}
        | {
            f"formatted.way{number}": {"field": field, **facts}
            for number, (facts, _) in enumerate(SHOWN_ALIKE[field])
        },
        mode=mode,
    )
    hub.odoo.execute(
        "res.partner", "create",
        [
            {"ref": "A", "name": "Ada", "city": "Gent", "partner_latitude": 1.25},
            {"ref": "B", "name": "Straße 5", "city": " Gent\n", "partner_latitude": 1.3499},
            {"ref": "C", "name": "Strasse 5", "city": "GENT", "partner_latitude": -1.25},
            {"ref": "D", "name": "c:\\temp 100%", "partner_latitude": 0.04},
            {"ref": "E", "name": "ΟΔΟΣ"},
        ],
    )  # fmt: skip
    if mode == "mirror":
        hub.pull()
    for number, (_, asked) in enumerate(SHOWN_ALIKE[field]):
        for text, expected in asked.items():
            assert found({f"formatted.way{number}": text}) == expected, (number, text)


@pytest.mark.parametrize("mode", ["mirror", "live"])
def test_a_filter_by_a_moment_finds_it_whatever_its_pattern_leaves_out(hub: Hub, mode: str):
    lines = {
        "id": {"field": "client_order_ref", "identifier": True},
        "minute": {"field": "date_order", "pattern": "%d/%m/%Y %H:%M", "time_zone": "Europe/Brussels"},
        "day": {"field": "date_order", "pattern": "%Y-%m-%d", "time_zone": "Europe/Brussels"},
        "exact": {"field": "date_order", "time_zone": "Europe/Brussels"},
    }
    hub.endpoint("partners", "sale.order", lines, mode=mode)
    [partner] = hub.odoo.execute("res.partner", "search", [], limit=1)
    times = {"A": "2026-07-31 08:00:07", "B": "2026-07-31 08:00:59", "C": "2026-07-31 22:00:00",
             "D": "2026-10-25 00:30:00", "E": "2026-10-25 01:30:00"}  # fmt: skip
    hub.odoo.execute(
        "sale.order", "create",
        [{"client_order_ref": ref, "partner_id": partner, "date_order": at} for ref, at in times.items()],
    )  # fmt: skip
    if mode == "mirror":
        hub.pull()
    for query, expected in {
        ("minute", "31/07/2026 10:00"): "AB",
        ("minute", "25/10/2026 02:30"): "DE",
        ("day", "2026-07-31"): "AB",
        ("day", "2026-08-01"): "C",
        ("exact", "2026-07-31T10:00:07+02:00"): "A",
        ("minute", "31/07/2026 10:01"): "",
    }.items():
        assert found(dict([query])) == expected, query


@pytest.mark.parametrize("mode", ["mirror", "live"])
def test_a_filter_finds_all_values_that_a_table_shows_alike(hub: Hub, mode: str):
    rows = [("elsewhere", "invoice"), ("elsewhere", "delivery"), (None, "other")]
    lines = {
        unknown: {"field": "type", "table": table(unknown, rows, unknown), "direction": "from_odoo"}
        for unknown in ("error", "empty", "pass")
    }
    hub.endpoint("partners", "res.partner", {"id": IDENTIFIER, **lines}, mode=mode)
    kinds = {"A": "invoice", "B": "delivery", "C": "other", "D": "contact", "E": False}
    hub.odoo.execute(
        "res.partner", "create", [{"name": ref, "ref": ref, "type": kind} for ref, kind in kinds.items()]
    )
    if mode == "mirror":
        hub.pull()
    for query, expected in {
        ("error", "elsewhere"): "AB", ("empty", "elsewhere"): "AB", ("pass", "elsewhere"): "AB",
        ("pass", "contact"): "D", ("error", ""): "CDE", ("empty", ""): "CDE", ("pass", ""): "CE",
    }.items():  # fmt: skip
        assert found(dict([query])) == expected, query
    for unknown in lines:
        refused = Client().get(f"{URL}?{unknown}=delivery")
        assert (refused.status_code, "none of elsewhere" in refused.json()["message"]) == (400, True)


def test_an_identifier_is_tidied_on_its_way_in(hub: Hub):
    hub.endpoint(
        "partners", "res.partner", {"id": {**IDENTIFIER, "trim": True, "case": "upper"}, "name": "name"}
    )
    post({"id": " a-1 ", "name": "A"})
    hub.push()
    assert in_odoo(hub, "A-1", "ref")["ref"] == "A-1"
    assert get("A-1")["name"] == "A"
    assert post({"id": "A-1", "name": "B"}, 409)["status_code"] == "DUPLICATE"


# When a line writes ------------------------------------------------------------------------------------------------------


def test_a_line_for_new_records_leaves_those_that_exist_alone(hub: Hub):
    partners(hub, town={"field": "city", "write_when": "on_create"})
    post({"id": "A", "name": "A", "town": "Ghent"})
    hub.push()
    assert put("A", {"town": "Liège"})["town"] == "Ghent"
    put("A", {"town": "Liège", "name": "B"})
    hub.push()
    assert in_odoo(hub, "A", "city", "name") | {"id": 0} == {"id": 0, "city": "Ghent", "name": "B"}


def test_a_line_for_empty_fields_fills_them_once(hub: Hub):
    partners(hub, town={"field": "city", "write_when": "if_empty"})
    post({"id": "A", "name": "A"})
    hub.push()
    put("A", {"town": "Ghent"})
    hub.push()
    assert in_odoo(hub, "A", "city")["city"] == "Ghent"
    put("A", {"town": "Liège"})
    hub.push()
    assert in_odoo(hub, "A", "city")["city"] == "Ghent"


def test_a_new_record_that_odoo_has_already_keeps_what_it_has_there(hub: Hub):
    partners(
        hub,
        town={"field": "city", "write_when": "if_empty"},
        street={"field": "street", "write_when": "if_empty"},
        phone={"field": "phone", "write_when": "on_create"},
    )
    hub.odoo.execute("res.partner", "create", [{"name": "there", "ref": "A", "city": "Ghent"}])
    post({"id": "A", "name": "A", "town": "Liège", "street": "Main", "phone": "1"})
    hub.push()
    there = in_odoo(hub, "A", "name", "city", "street", "phone")
    assert {**there, "id": 0} == {"id": 0, "name": "A", "city": "Ghent", "street": "Main", "phone": False}
    assert get("A") == {"id": "A", "name": "A", "town": "Ghent", "street": "Main", "phone": None}


def test_several_writes_before_the_push_all_go_into_the_new_record(hub: Hub):
    partners(hub, town={"field": "city", "write_when": "on_create"})
    post({"id": "A", "name": "A", "town": "Ghent"})
    assert put("A", {"town": "Liège"})["town"] == "Liège"
    hub.push()
    assert in_odoo(hub, "A", "city")["city"] == "Liège"


# One field, two keys; one key, two fields ------------------------------------------------------------------------------------


def test_a_field_may_have_two_keys(hub: Hub):
    partners(
        hub, label="name", latitude="partner_latitude", about={"field": "partner_latitude", "decimals": 0}
    )
    assert post({"id": "A", "name": "A"})["label"] == "A"
    hub.push()
    put("A", {"label": "B"})
    put("A", {"latitude": 51.6})
    hub.push()
    document = get("A")
    assert document == {"id": "A", "name": "B", "label": "B", "latitude": 51.6, "about": 52.0}
    put("A", document)
    assert not Change.objects.filter(state="pending").exists()
    put("A", {"latitude": 51.7, "about": 52.0})
    assert get("A")["latitude"] == 51.7


def test_two_keys_of_one_field_with_different_values_are_refused(hub: Hub):
    partners(hub, label="name")
    error = post({"id": "A", "name": "A", "label": "B"}, 400)
    assert (error["status_code"], error["key"]) == ("TYPE", "label")
    assert error["line_id"] == Line.objects.get(key="label").pk
    assert "“label” and “name” are the same field of Odoo (name)" in error["error"]


def test_a_key_may_write_one_field_and_show_another(hub: Hub):
    endpoint = partners(hub, town={"field": "city", "direction": "to_odoo"})
    Line.objects.create(
        mapping=endpoint.mapping, key="town", field="street", direction="from_odoo", position=9
    )
    post({"id": "A", "name": "A", "town": "Ghent"})
    hub.push()
    hub.odoo.execute("res.partner", "write", [in_odoo(hub, "A", "ref")["id"]], {"street": "Main"})
    hub.pull()
    assert get("A")["town"] == "Main"
    put("A", {"town": "Liège"})
    hub.push()
    there = in_odoo(hub, "A", "city", "street")
    assert (there["city"], there["street"]) == ("Liège", "Main")
    assert [one["id"] for one in get("?town=Main")["results"]] == ["A"]


@pytest.mark.parametrize("mode", ["mirror", "live"])
def test_a_relation_is_written_by_one_identifier_and_shown_by_another_as_well(hub: Hub, mode: str):
    code = hub.mapping("code", "res.country", {"code": {"field": "code", "identifier": True}})
    name = hub.mapping("name", "res.country", {"name": {"field": "name", "identifier": True}})
    lines = {
        "country.code": {"field": "country_id", "nested": code},
        "country.name": {"field": "country_id", "nested": name, "direction": "from_odoo"},
    }
    kind = {"field": "type", "constant": "other"}  # with an address of its own
    inside = hub.mapping("inside", "res.partner", {"id": IDENTIFIER, "name": "name", "kind": kind, **lines})
    partners(hub, **lines, contacts={"field": "child_ids", "nested": inside})
    Endpoint.objects.update(mode=mode)
    contact = {"id": "B", "name": "B", "country": {"code": "NL"}}
    post({"id": "A", "name": "A", "country": {"code": "BE"}, "contacts": [contact]})
    hub.push()
    shown = get("A")
    assert shown["country"] == {"code": "BE", "name": "Belgium"}
    assert shown["contacts"][0]["country"] == {"code": "NL", "name": "Netherlands"}
    put("A", {"country": {"code": "FR"}})
    hub.push()
    assert get("A")["country"] == {"code": "FR", "name": "France"}


def test_a_relation_that_is_only_written_is_not_shown_under_the_key_of_another(hub: Hub):
    other = hub.mapping("other", "res.partner", {"ref": IDENTIFIER})
    endpoint = partners(
        hub, boss={"field": "parent_id", "nested": other, "direction": "to_odoo", "on_missing": "create"}
    )
    Line.objects.create(
        mapping=endpoint.mapping, key="boss", field="commercial_partner_id", kind="relation", nested=other,
        direction="from_odoo", position=9,
    )  # fmt: skip
    hub.odoo.execute("res.partner", "create", [{"name": "boss", "ref": "B", "is_company": True}])
    assert post({"id": "A", "name": "A", "boss": "B"})["boss"] is None
    hub.push()
    assert get("A")["boss"] == "B"
    assert put("A", {"boss": None})["boss"] == "B"
    hub.push()
    assert get("A")["boss"] == "A"


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ({"key": "a", "field": "city"}, {"key": "a", "field": "street", "direction": "to_odoo"}, "two lines have the key “a”"),
        ({"key": "a", "field": "city"}, {"key": "b", "field": "city", "constant": "x"}, "both write city"),
        ({"key": "a", "field": "city"}, {"key": "b", "field": "city", "write_when": "on_create"}, "both write city"),
        ({"key": "a", "field": "city"}, {"key": "b", "field": "city", "kind": "script", "script": "1"}, "both write city"),
        ({"key": "a", "field": "city", "direction": "from_odoo"}, {"key": "id", "field": "street", "direction": "to_odoo"},
         "which is the identifier's"),
    ],
)  # fmt: skip
def test_lines_at_odds_are_refused(hub: Hub, first: Any, second: Any, words: str):
    mapping = hub.mapping("m", "res.partner", {"id": IDENTIFIER})
    for facts in (first, second):
        Line.objects.create(mapping=mapping, **facts)
    with pytest.raises(ConfigurationError) as raised:
        compile_mapping(mapping)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"field": "city", "pattern": "%d/%m/%Y"}, "city (char) is no date"),
        ({"field": "city", "time_zone": "Europe/Brussels"}, "city (char) is no date and time"),
        ({"field": "city", "decimal_sign": ","}, "city (char) is no number"),
        ({"field": "color", "decimals": 2}, "color (integer) has no decimals"),
        ({"field": "partner_latitude", "trim": True}, "is no plain text"),
        ({"field": "is_company", "write_when": "if_empty"}, "is true or false and never empty"),
        ({"field": "type", "default": "nope"}, "its default: “nope” is none of"),
        ({"field": "partner_latitude", "constant": "x"}, "its constant: a number is expected"),
    ],
)  # fmt: skip
def test_a_format_that_does_not_fit_the_field_is_refused(hub: Hub, facts: Any, words: str):
    mapping = hub.mapping("m", "res.partner", {"id": IDENTIFIER})
    Line.objects.create(mapping=mapping, key="a", **facts)
    with pytest.raises(ConfigurationError) as raised:
        compile_mapping(mapping)
    assert words in str(raised.value)


# Live mode, and records inside others ------------------------------------------------------------------------------------


def order_line(hub: Hub, mode: str = "mirror", **options: Any) -> str:
    """The address of a line of an order in Odoo, two pieces at 10.5 each: more of them would get the product's price."""
    [product] = hub.odoo.execute("product.product", "search", [("list_price", "not in", [0, 10.5])], limit=1)
    [partner] = hub.odoo.execute("res.partner", "search", [], limit=1)
    line = {"product_id": product, "product_uom_qty": 2, "price_unit": 10.5}
    order = hub.odoo.execute("sale.order", "create", {"partner_id": partner, "order_line": [[0, 0, line]]})
    [made] = hub.odoo.execute("sale.order.line", "search", [("order_id", "=", order)])
    hub.endpoint(
        "order-lines",
        "sale.order.line",
        {"id": {"field": "id", "identifier": True}, "quantity": "product_uom_qty", "price": "price_unit"},
        mode=mode,
        domain=f"[('order_id', '=', {order})]",
        on_delete="unlink",
        **options,
    )
    if mode == "mirror":
        hub.pull("order-lines")
    return f"/bj_api_sync/v1/order-lines/{made}"


def change_line(url: str, **keys: Any) -> str:
    answer = Client().put(url, keys, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return str(answer["X-Sync-State"])


@pytest.mark.parametrize("mode", ["mirror", "live"])
def test_what_is_sent_stays_where_odoo_works_it_out_from_what_else_is_sent(hub: Hub, mode: str):
    url = order_line(hub, mode)

    def quantity_and_price() -> tuple[float, float]:
        if mode == "mirror":
            hub.push("order-lines")
        line = Client().get(url).json()
        [there] = hub.odoo.execute("sale.order.line", "read", [line["id"]], ["product_uom_qty", "price_unit"])
        assert (line["quantity"], line["price"]) == (there["product_uom_qty"], there["price_unit"])
        return line["quantity"], line["price"]

    change_line(url, quantity=5, price=10.5)
    assert quantity_and_price() == (5, 10.5)
    change_line(url, quantity=6)
    quantity, price = quantity_and_price()
    assert (quantity, price == 10.5) == (6, False)  # nobody has said what it is to be
    assert change_line(url, price=price) == "synced"


def test_what_is_sent_stays_where_odoo_works_it_out_from_what_is_on_its_way(hub: Hub):
    url = order_line(hub)
    change_line(url, quantity=5)
    change_line(url, price=10.5)
    change_line(url, quantity=5, price=10.5)
    assert Change.objects.count() == 2  # what was said already is no third one
    hub.push("order-lines")
    line = Client().get(url).json()
    assert (line["quantity"], line["price"]) == (5, 10.5)


@pytest.mark.parametrize("conflicts", ["odoo", "hub", "ask"])
def test_what_is_only_sent_again_does_not_go_over_what_somebody_changed_in_odoo(hub: Hub, conflicts: str):
    url = order_line(hub, conflicts=conflicts)
    hub.odoo.execute("sale.order.line", "write", [int(url.rpartition("/")[2])], {"price_unit": 12})
    change_line(url, quantity=5, price=10.5)
    hub.push("order-lines")
    answer = Client().get(url)
    assert answer["X-Sync-State"] == "synced"
    assert (answer.json()["quantity"], answer.json()["price"]) == (5, 12)


def test_live_mode_does_the_same_to_values(hub: Hub):
    hub.endpoint(
        "partners",
        "res.partner",
        {
            "id": {**IDENTIFIER, "trim": True, "case": "upper"},
            "name": "name",
            "kind": {"field": "type", "table": table("kinds", KINDS)},
            "latitude": {"field": "partner_latitude", "decimals": 1},
            "town": {"field": "city", "write_when": "on_create"},
            "source": {"field": "street", "constant": "shop"},
        },
        mode="live",
    )
    hub.odoo.execute("res.partner", "create", [{"name": "x", "ref": "A", "partner_latitude": 51.0567}])
    document = get("a")
    assert document == {"id": "A", "name": "x", "kind": 1, "latitude": 51.1, "town": None, "source": None}
    del document["source"]
    put("A", {**document, "kind": "ship-to", "town": "Ghent"})
    there = in_odoo(hub, "A", "type", "partner_latitude", "city", "street")
    assert {**there, "id": 0} == {
        "id": 0, "type": "delivery", "partner_latitude": 51.0567, "city": False, "street": "shop",
    }  # fmt: skip
    assert [one["id"] for one in get("?kind=ship-to")["results"]] == ["A"]


@pytest.mark.parametrize("mode", ["mirror", "live"])
def test_a_record_of_odoo_is_reached_by_the_name_that_is_shown_be_it_tidied_or_not(hub: Hub, mode: str):
    hub.endpoint(
        "partners",
        "res.partner",
        {"id": {**IDENTIFIER, "trim": True, "case": "upper"}, "name": "name"},
        mode=mode,
    )
    hub.odoo.execute(
        "res.partner", "create", [{"ref": ref, "name": ref} for ref in ("A-1", "a-1", "b-1", "C", "C/")]
    )
    if mode == "mirror":
        hub.pull()
    for ref in ("a-1", "A-1", "b-1", "C"):
        assert get(ref)["name"] == ref
        put(ref, {"id": ref, "name": f"{ref} changed"})
    assert get("C/")["name"] == "C/"
    rehearsed = Client().put(f"{URL}/b-1?dry_run=true", {"name": "N"}, content_type="application/json").json()
    assert rehearsed["calls"][0]["method"] == "write"
    if mode == "mirror":
        hub.push()
    for ref in ("a-1", "A-1", "b-1", "C"):
        assert in_odoo(hub, ref, "name")["name"] == f"{ref} changed"
    assert [one["id"] for one in get("?id=b-1")["results"]] == ["b-1"]


@pytest.mark.parametrize("mode", ["mirror", "live"])
def test_a_post_of_what_was_read_changes_that_record_be_its_name_tidied_or_not(hub: Hub, mode: str):
    lines = {"id": {**IDENTIFIER, "trim": True, "case": "upper"}, "name": "name"}
    hub.endpoint("partners", "res.partner", lines, mode=mode, post_updates=True)
    hub.odoo.execute("res.partner", "create", [{"ref": ref, "name": ref} for ref in ("a-1", "A-1", "b-1")])
    if mode == "mirror":
        hub.pull()
    for ref in ("a-1", "A-1", "b-1"):
        body = {"id": ref, "name": f"{ref} changed"}
        rehearsed = Client().post(f"{URL}?dry_run=true", body, content_type="application/json").json()
        assert rehearsed["values"] == {"name": body["name"]}
        assert [call["method"] for call in rehearsed["calls"]] == ["write"]
        post(body, 200)
    post({"id": "new", "name": "N"})
    if mode == "mirror":
        hub.push()
    for ref in ("a-1", "A-1", "b-1"):
        assert in_odoo(hub, ref, "name")["name"] == f"{ref} changed"
    assert in_odoo(hub, "NEW", "name")["name"] == "N"
    assert hub.in_odoo("B-1") == []


def test_lines_of_an_order_keep_exact_prices_that_are_shown_rounded(hub: Hub):
    product = hub.mapping(
        "p", "product.product", {"sku": {"field": "default_code", "identifier": True, "case": "upper"}}
    )
    line = hub.mapping(
        "l",
        "sale.order.line",
        {
            "number": {"field": "sequence", "identifier": True},
            "product": {"field": "product_id", "nested": product},
            "quantity": {"field": "product_uom_qty", "decimal_sign": ","},
            "price": {"field": "price_unit", "decimals": 1},
        },
    )
    hub.endpoint(
        "partners",
        "sale.order",
        {
            "id": {"field": "client_order_ref", "identifier": True},
            "partner": "partner_id",
            "lines": {"field": "order_line", "nested": line},
        },
        on_delete="ignore",
    )
    partner = hub.odoo.execute("res.partner", "search", [], limit=1)[0]
    [one] = hub.odoo.execute(
        "product.product", "search_read", [("default_code", "!=", False)], fields=["default_code"], limit=1
    )
    sku = one["default_code"]
    post(
        {
            "id": "A",
            "partner": partner,
            "lines": [{"number": 1, "product": sku.lower(), "quantity": "2,5", "price": 9.9}],
        }
    )
    hub.push()
    [row] = hub.odoo.execute("sale.order.line", "search", [("order_id.client_order_ref", "=", "A")])
    hub.odoo.execute("sale.order.line", "write", [row], {"price_unit": 9.87})
    hub.pull()
    document = get("A")
    assert document["lines"] == [{"number": 1, "product": sku, "quantity": "2,5", "price": 9.9}]
    document["lines"][0]["quantity"] = "4"
    put("A", document)
    hub.push()
    [there] = hub.odoo.execute("sale.order.line", "read", [row], ["price_unit", "product_uom_qty"])
    assert (there["price_unit"], there["product_uom_qty"]) == (9.87, 4.0)
