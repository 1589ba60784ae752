"""Parents before children: what names a record that is on its way to Odoo is accepted, and goes after it."""

from typing import Any

import pytest
from django.test import Client

from endpoints import decisions
from endpoints.models import Change, Record
from tests.conftest import Hub
from tests.sync.test_push import post, put
from tests.sync.test_relations import URL, order_in_odoo


def families(hub: Hub) -> None:
    """Contacts that may belong to one another."""
    parent = hub.mapping("parent", "res.partner", {"customer_id": {"field": "ref", "identifier": True}})
    hub.endpoint(
        "partners",
        "res.partner",
        {
            "customer_id": {"field": "ref", "identifier": True},
            "name": {"field": "name", "required": True},
            "company": {"field": "parent_id", "nested": parent},
        },
    )


def customers_and_orders(hub: Hub) -> None:
    hub.partners()
    customer = hub.mapping("customer", "res.partner", {"customer_id": {"field": "ref", "identifier": True}})
    hub.endpoint(
        "orders",
        "sale.order",
        {
            "reference": {"field": "client_order_ref", "identifier": True},
            "customer": {"field": "partner_id", "nested": customer},
        },
    )


def parents_in_odoo(hub: Hub, *refs: str) -> dict[str, Any]:
    rows = hub.in_odoo(*refs, fields=("ref", "parent_id"))
    names = {row["id"]: row["ref"] for row in rows}
    return {row["ref"]: names.get(row["parent_id"]) for row in rows}


def test_records_of_one_array_may_name_each_other_in_any_order(hub: Hub):
    families(hub)
    post(
        [
            {"customer_id": "C3", "name": "Her assistant", "company": "C2"},
            {"customer_id": "C2", "name": "Somebody", "company": "C1"},
            {"customer_id": "C1", "name": "A company"},
        ]
    )
    hub.push()
    assert parents_in_odoo(hub, "C1", "C2", "C3") == {"C1": None, "C2": "C1", "C3": "C2"}
    assert not Change.objects.exclude(state="applied").exists()


def test_an_order_posted_right_after_its_customer_waits_until_he_is_in_odoo(hub: Hub):
    customers_and_orders(hub)
    post({"customer_id": "C1", "name": "New here"})
    post({"reference": "R1", "customer": "C1"}, URL)
    hub.push("orders")
    waiting = Change.objects.get(endpoint__name="orders")
    assert (waiting.state, waiting.attempts) == ("pending", 0)
    assert "Waits for a record of “partners”" in waiting.error
    hub.push("partners")
    hub.push("orders")  # at once: it is due again
    [partner] = hub.in_odoo("C1")
    assert order_in_odoo(hub, "R1")["partner_id"] == partner["id"]
    assert Change.objects.get(endpoint__name="orders").state == "applied"


def test_an_order_may_name_its_customer_by_a_name_that_odoo_does_not_know_yet(hub: Hub):
    customers_and_orders(hub)
    post({"customer_id": "C1", "name": "A"})
    hub.push("partners")
    put("C1", {"customer_id": "C2"})
    post({"reference": "R1", "customer": "C2"}, URL)
    hub.push("orders")
    hub.push("partners")
    hub.push("orders")
    [partner] = hub.in_odoo("C2")
    assert order_in_odoo(hub, "R1")["partner_id"] == partner["id"]


def test_a_customer_whom_odoo_refused_is_named_by_what_waited_for_him(hub: Hub):
    customers_and_orders(hub)
    post({"customer_id": "C1", "name": "A", "tags": [4711]})
    post({"reference": "R1", "customer": "C1"}, URL)
    hub.push("orders")
    hub.push("partners")
    assert Record.objects.get(external_id="C1").state == "failed"
    hub.push("orders")
    refused = Change.objects.get(endpoint__name="orders")
    assert refused.state == "failed"
    assert "“C1” of “partners” is not in Odoo, since Odoo refused it" in refused.error


@pytest.mark.parametrize("pulled", [False, True])
def test_a_company_that_is_in_odoo_is_named_though_a_change_of_it_was_refused(hub: Hub, pulled: bool):
    families(hub)
    post({"customer_id": "C1", "name": "A company"})
    hub.push()
    put("C1", {"name": "Another name"})
    hub.odoo.faults.arm("no_right", method="write")
    hub.push()
    refused = Change.objects.get(operation="update")
    Change.objects.filter(pk=refused.pk).update(values={**refused.values, "ref": "C1"})  # as a person adds it
    if pulled:
        hub.pull()
    post({"customer_id": "C2", "name": "Somebody", "company": "C1"})
    hub.push()
    assert parents_in_odoo(hub, "C1", "C2") == {"C1": None, "C2": "C1"}


def test_a_name_given_up_is_given_up_in_odoo_before_another_record_takes_it(hub: Hub):
    """Countries may have each code but once."""
    hub.endpoint(
        "countries",
        "res.country",
        {"code": {"field": "code", "identifier": True}, "name": "name"},
        on_delete="unlink",
    )
    url = "/bj_api_sync/v1/countries"
    post([{"code": "QA", "name": "First"}, {"code": "QB", "name": "Second"}], url)
    hub.push("countries")
    Client().put(f"{url}/QA", {"code": "QC"}, content_type="application/json")
    post({"code": "QA", "name": "Third"}, url)
    Client().delete(f"{url}/QB")
    post({"code": "QB", "name": "Fourth"}, url)
    hub.push("countries")
    assert not Change.objects.exclude(state="applied").exists()
    rows = hub.odoo.execute(
        "res.country", "search_read", [("code", "in", ["QA", "QB", "QC"])], fields=["code", "name"]
    )
    assert {row["code"]: row["name"] for row in rows} == {"QA": "Third", "QB": "Fourth", "QC": "First"}


def test_a_name_whose_giving_up_was_refused_is_not_taken_by_a_new_record(hub: Hub):
    hub.partners()
    post({"customer_id": "A", "name": "Old"})
    hub.push()
    put("A", {"customer_id": "B", "tags": [4711]})
    hub.push()
    assert Change.objects.get(operation="update").state == "failed"
    post({"customer_id": "A", "name": "New"})
    hub.push()
    assert [row["name"] for row in hub.in_odoo("A", "B")] == ["Old"]
    new = Change.objects.get(record__external_id="A")
    assert (new.state, "is still called “A”" in new.error) == ("failed", True)
    renamed = Change.objects.get(operation="update")
    Change.objects.filter(pk=renamed.pk).update(values={"ref": "B"})  # as a person mends it
    decisions.retry([renamed.pk, new.pk])
    hub.push()
    assert [row["name"] for row in hub.in_odoo("A", "B")] == ["Old", "New"]
