"""Live endpoints over records of which Odoo does not tell everything: what is shown, what it costs, what sending it back does."""

from typing import Any

import pytest
from django.test import Client

from tests.conftest import Hub
from tests.endpoints.test_live import ask

URL = "/bj_api_sync/v1/numbers"


def numbers(hub: Hub, count: int, **options: Any) -> list[int]:
    """A live endpoint over new partners N-000 and so on, each with a colour, called by their reference."""
    lines = {
        "id": {"field": "ref", "identifier": True},
        "name": "name",
        "colour": "color",
        "email": "email",
        "latitude": "partner_latitude",
        "shown": {"field": "color", "direction": "from_odoo"},
    }
    lines |= options.pop("lines", {})
    hub.endpoint(
        "numbers", "res.partner", lines, **{"mode": "live", "domain": "[('ref', '=like', 'N-%')]"} | options
    )
    made = [{"ref": f"N-{n:03}", "name": f"A{n}", "color": n % 7 + 1} for n in range(count)]
    return list(hub.odoo.execute("res.partner", "create", made))


def listed(**query: Any) -> list[dict[str, Any]]:
    answer = Client().get(URL, query)
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def test_a_record_whose_own_name_odoo_does_not_tell_is_found_by_it_or_refused_in_words(hub: Hub):
    """Where two names would be meant, which of them it has is not known."""
    [one] = numbers(hub, 1, lines={"id": {"field": "ref", "identifier": True, "case": "upper"}})
    hub.odoo.odd.swell("res.partner", one, "ref")
    shown = Client().get(f"{URL}/N-000")
    assert (shown.status_code, shown.json()["id"], shown.json()["name"]) == (200, "N-000", "A0")
    answer = ask("put", f"{URL}/N-000", {"id": "N-000", "name": "B", "email": None})
    assert (answer.status_code, answer.json()["name"]) == (200, "B")
    assert [one["name"] for one in hub.in_odoo("N-000")] == ["B"]
    refused = Client().get(f"{URL}/n-000")
    assert (refused.status_code, "what “id” of this record is" in refused.json()["message"]) == (403, True)


@pytest.mark.parametrize(
    ("count", "odd"), [(100, [37]), (100, range(0, 100, 3)), (300, [5]), (300, range(0, 300, 10))]
)
def test_a_list_costs_few_calls_however_many_values_odoo_does_not_tell(hub: Hub, count: int, odd: Any):
    """Of one record the value is null. Where there are too many to be told apart it is null for all, or left out where it can be
    written: as null, sent back, it would empty those that Odoo has."""
    made = numbers(hub, count, limit=500)
    listed()  # logs in
    for one in odd:
        hub.odoo.odd.swell("res.partner", made[one], "color")
    for query in ({"limit": count}, {"limit": count, "cursor": ""}):
        hub.odoo.calls.clear()
        rows = listed(**query)
        assert len(hub.odoo.calls) <= 30
        assert [row["name"] for row in rows] == [f"A{n}" for n in range(count)]
        if len(odd) == 1:
            assert [n for n, row in enumerate(rows) if row["colour"] is None] == list(odd)
        else:
            assert [row["shown"] for row in rows] == [None] * count
            assert not any("colour" in row for row in rows)
            assert listed(**query, fields="id,colour")[1]["id"] == "N-001"
    answer = ask(
        "put",
        f"{URL}/N-001",
        {key: value for key, value in rows[1].items() if key != "shown"} | {"name": "B"},
    )
    assert (answer.status_code, answer.json()["colour"]) == (200, 2)


def test_what_is_shown_as_null_for_want_of_a_yes_or_no_or_of_what_is_required_may_be_sent_back(hub: Hub):
    lines = {"company": "is_company", "colour": {"field": "color", "required": True}}
    [one] = numbers(hub, 1, lines=lines, put_creates=True)
    hub.odoo.execute("res.partner", "write", [one], {"is_company": True})
    # Null is no yes-or-no where Odoo tells it.
    refused = ask("put", f"{URL}/N-000", {"company": None})
    assert (refused.status_code, refused.json()["status_code"]) == (400, "TYPE")
    for field in ("is_company", "color"):
        hub.odoo.odd.swell("res.partner", one, field)
    shown = Client().get(f"{URL}/N-000").json()
    assert (shown["company"], shown["colour"]) == (None, None)
    sent = {key: value for key, value in shown.items() if key != "shown"} | {"name": "B"}
    tried = ask("put", f"{URL}/N-000?dry_run=true", sent)
    assert (tried.status_code, tried.json()["problems"]) == (200, [])
    assert tried.json()["values"] == {"name": "B"}
    answer = ask("put", f"{URL}/N-000", sent)
    assert (answer.status_code, answer.json()["name"]) == (200, "B")
    # A record that is made has to say it.
    assert ask("put", f"{URL}/N-001", sent | {"id": "N-001"}).json()["status_code"] in ("TYPE", "REQUIRED")
    hub.odoo.odd.clear()
    assert Client().get(f"{URL}/N-000").json()["company"] is True


def test_a_value_that_odoo_tells_of_no_record_is_empty_whatever_the_size_of_the_page(hub: Hub):
    for one in numbers(hub, 30):
        hub.odoo.odd.swell("res.partner", one, "color")
    for limit in (1, 10, 21, 30):
        rows = listed(limit=limit)
        assert [(row["shown"], row.get("colour")) for row in rows] == [(None, None)] * limit


def test_lists_of_related_records_cost_few_calls_as_well(hub: Hub):
    lines = {"number": {"field": "ref", "identifier": True}, "colour": "color"}
    contact = hub.mapping("contact", "res.partner", lines)
    made = numbers(hub, 60, lines={"colour": "ref", "parent": {"field": "parent_id", "nested": contact}})
    parents = hub.odoo.execute("res.partner", "create", [{"ref": f"P-{n}", "name": "P"} for n in range(60)])
    for one, parent in zip(made, parents, strict=True):
        hub.odoo.execute("res.partner", "write", [one], {"parent_id": parent})
        if parent % 3:
            hub.odoo.odd.swell("res.partner", parent, "color")
    listed(limit=1)
    hub.odoo.calls.clear()
    rows = listed()
    assert len(hub.odoo.calls) <= 35
    assert {tuple(row["parent"]) for row in rows} == {("number",)}


def test_a_filter_by_a_value_that_is_shown_rounded_passes_over_what_odoo_does_not_tell(hub: Hub):
    lines = {"latitude": {"field": "partner_latitude", "decimals": 1}}
    made = numbers(hub, 3, lines=lines)
    hub.odoo.execute("res.partner", "write", made, {"partner_latitude": 1.52})
    hub.odoo.odd.swell("res.partner", made[1], "partner_latitude")
    assert [row["id"] for row in listed(latitude="1.5")] == ["N-000", "N-002"]
