"""The preview's page: real records of the practice Odoo, and what a JSON would do there."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from demo.odoo import PracticeOdoo
from endpoints.models import Change, Endpoint, Record
from mappings.models import Connection, Line
from tests.admin.conftest import said
from tests.conftest import Hub

WRITING = ("create", "write", "load", "unlink")


@pytest.fixture
def orders(hub: Hub) -> Endpoint:
    endpoint: Endpoint = hub.orders()
    return endpoint


@pytest.fixture
def boss(hub: Hub, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("boss"))
    return client


def of_mapping(endpoint: Endpoint) -> str:
    return reverse("admin:endpoints_mapping_preview", args=[endpoint.mapping_id])


def of_endpoint(endpoint: Endpoint) -> str:
    return reverse("admin:endpoints_endpoint_preview", args=[endpoint.pk])


def newest(practice: PracticeOdoo) -> dict[str, Any]:
    [row] = practice.execute(
        "sale.order",
        "search_read",
        [],
        fields=["client_order_ref"],
        order="write_date desc, id desc",
        limit=1,
    )
    return dict(row)


@pytest.mark.parametrize("page", [of_mapping, of_endpoint])
def test_the_newest_record_is_shown_raw_and_as_json(
    boss: Client, orders: Endpoint, page: Any, practice: PracticeOdoo
):
    text = said(boss.post(page(orders), {"odoo_id": ""}))
    reference = newest(practice)["client_order_ref"]
    assert f"&quot;client_order_ref&quot;: &quot;{reference}&quot;" in text
    assert f"&quot;reference&quot;: &quot;{reference}&quot;" in text


def test_a_record_is_chosen_by_its_id(boss: Client, orders: Endpoint, practice: PracticeOdoo):
    found = practice.execute(
        "sale.order", "search_read", [], fields=["client_order_ref"], order="id", limit=1
    )
    text = said(boss.post(of_mapping(orders), {"odoo_id": found[0]["id"]}))
    assert f"&quot;reference&quot;: &quot;{found[0]['client_order_ref']}&quot;" in text
    text = said(boss.post(of_mapping(orders), {"odoo_id": 999_999}))
    assert "Odoo has no such record" in text


def test_what_was_shown_can_be_sent_back_and_changed(boss: Client, orders: Endpoint, practice: PracticeOdoo):
    form = boss.post(of_mapping(orders), {"odoo_id": ""}).context["try"].initial
    assert form["name"] == newest(practice)["client_order_ref"]
    told = boss.post(of_mapping(orders), form | {"payload": '{"note": "Ring twice"}'})
    assert told.context["told"].odoo_id == newest(practice)["id"]
    assert "sale.order.write" in said(told)
    assert "Ring twice" in said(told)


def test_nothing_is_written(boss: Client, orders: Endpoint, practice: PracticeOdoo):
    practice.calls.clear()
    payload = '{"reference": "NEW-1", "partner": {"customer_id": "NEW", "name": "New"}, "lines": []}'
    told = boss.post(of_endpoint(orders), {"payload": payload})
    assert "Creates a record" in said(told)
    assert [name for name, *_ in told.context["calls"]] == ["res.partner.load", "sale.order.load"]
    assert not [call for call in practice.calls if call[1] in WRITING]
    assert not Record.objects.exists()
    assert not Change.objects.exists()


def test_problems_lead_to_their_lines_also_inside_other_mappings(boss: Client, orders: Endpoint):
    payload = '{"reference": "X", "zzz": 1, "lines": [{"number": 1, "quantity": "many"}], "partner": "C-1"}'
    told = boss.post(of_mapping(orders), {"payload": payload})
    problems = {one["key"]: one["url"] for one in told.context["problems"]}
    line = Line.objects.get(key="quantity")
    assert problems["lines[0].quantity"].endswith(
        f"/mappings/mapping/{line.mapping_id}/change/#line-{line.pk}"
    )
    assert problems["zzz"] == ""
    assert f'id="line-{line.pk}"' in boss.get(problems["lines[0].quantity"]).content.decode()


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        ('{"a": 1,}', "This is no JSON: "),
        ("[1]", "One record is an object"),
        ('{"a": NaN}', "NaN is no JSON"),
        ("[" * 50_000, "This is no JSON"),
        ("", "This field is required"),
    ],
)
def test_what_is_no_json_object_is_said_at_the_input(boss: Client, orders: Endpoint, payload: str, text: str):
    assert text in said(boss.post(of_mapping(orders), {"payload": payload}))


def test_an_odoo_that_is_away_is_told_in_plain_words(boss: Client, orders: Endpoint):
    Connection.objects.update(url="http://127.0.0.1:9")
    for data in ({"odoo_id": ""}, {"payload": '{"reference": "X", "partner": "C-1"}'}):
        text = said(boss.post(of_mapping(orders), data))
        assert "cannot be reached" in text
        assert "whether Odoo is running" in text


def test_an_endpoint_that_is_off_shows_its_mapping(boss: Client, orders: Endpoint):
    Endpoint.objects.update(enabled=False)
    assert "client_order_ref" in said(boss.post(of_endpoint(orders), {"odoo_id": ""}))


def test_a_mapping_that_cannot_work_says_why(boss: Client, orders: Endpoint):
    Line.objects.filter(mapping=orders.mapping, identifier=True).delete()
    assert "exactly one line has to be the identifier" in said(boss.get(of_mapping(orders)))


def test_both_pages_lead_to_it_and_only_those_who_may_change_see_it(boss: Client, orders: Endpoint):
    change = reverse("admin:endpoints_endpoint_change", args=[orders.pk])
    assert of_endpoint(orders) in boss.get(change).content.decode()
    change = reverse("admin:mappings_mapping_change", args=[orders.mapping_id])
    assert of_mapping(orders) in boss.get(change).content.decode()
    boss.force_login(User.objects.create_user("clerk", is_staff=True))
    assert boss.get(of_mapping(orders)).status_code == 403
    assert boss.get(of_endpoint(orders)).status_code == 403
