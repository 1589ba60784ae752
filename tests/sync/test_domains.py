"""An endpoint's domain at work: what pulls bring, and what becomes of records outside of it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from endpoints import registry
from endpoints.models import Endpoint, PullState, Record
from synchub.sync import ready
from tests.conftest import Hub
from tests.sync.test_push import get, post, put

WIRE = "%Y-%m-%d %H:%M:%S"


def names() -> set[str]:
    return {one.external_id for one in Record.objects.filter(deleted_at=None) if one.external_id}


def order(hub: Hub, reference: str, **ago: float) -> None:
    [partner] = hub.odoo.execute("res.partner", "search", [], limit=1, order="id")
    at = (timezone.now() - timedelta(**ago)).strftime(WIRE)
    values = {"partner_id": partner, "client_order_ref": reference, "date_order": at}
    hub.odoo.execute("sale.order", "create", values)


def test_a_pull_brings_the_last_days_only(hub: Hub):
    order(hub, "NEW", days=2)
    order(hub, "OLD", days=9)
    hub.orders(domain="[('date_order', '>=', 'today - 7 days'), ('client_order_ref', '!=', False)]")
    hub.pull("orders")
    assert "NEW" in names()
    assert "OLD" not in names()


def test_a_record_that_only_time_brings_into_the_domain_is_pulled(hub: Hub):
    order(hub, "DUE", hours=1)
    order(hub, "FUTURE", hours=-5)
    hub.orders(domain="[('date_order', '<=', 'now'), ('client_order_ref', '!=', False)]")
    hub.pull("orders")
    # As if the last walk had been two hours ago, when DUE was still to come, and nothing had changed since.
    Record.objects.all().delete()
    later = (timezone.now() + timedelta(minutes=1)).strftime(WIRE)
    PullState.objects.update(cursor=later, domain_at=timezone.now() - timedelta(hours=2))
    hub.pull("orders")
    assert names() == {"DUE"}


def test_days_begin_in_the_connections_time_zone(hub: Hub):
    hub.connection.time_zone = "Pacific/Kiritimati"  # UTC+14
    hub.connection.save()
    hub.orders(domain="[('date_order', '>=', 'today')]")
    [term] = registry.get("orders").domain
    assert term[2].endswith(" 10:00:00")


def test_a_written_record_outside_of_the_domain_is_kept_and_says_so(hub: Hub):
    hub.partners(domain="[('city', '=', 'Gent')]")
    post({"customer_id": "IN", "name": "Ada", "address": {"city": "Gent"}})
    post({"customer_id": "OUT", "name": "Bob", "address": {"city": "Aalst"}})
    hub.push()
    assert get("OUT").json()["name"] == "Bob"
    assert Record.objects.get(external_id="IN").problem == ""
    out = Record.objects.get(external_id="OUT")
    assert out.state == "synced"
    assert "domain does not cover it" in out.problem
    put("OUT", {"address": {"city": "Gent"}})
    hub.push()
    assert Record.objects.get(external_id="OUT").problem == ""


def test_what_the_domain_covers_is_told_by_what_is_read_back(hub: Hub):
    hub.partners(domain="[('city', '=', 'Gent')]")
    names = [f"X{n}" for n in range(10)]
    post([{"customer_id": name, "name": name, "address": {"city": "Gent"}} for name in names])
    hub.odoo.calls.clear()
    hub.push()
    assert [call.method for call in hub.odoo.calls if call.method != "authenticate"] == [
        "search_read",  # has Odoo one of them already?
        "load",
        "search_read",
    ]
    assert {get(name).json()["kind"] for name in names} == {"contact"}


def test_a_domain_that_does_not_fit_is_refused_with_its_item(hub: Hub):
    endpoint = hub.partners()
    endpoint.domain = "[('name', '!=', False), ('type', '=', 'nope')]"
    with pytest.raises(ValidationError) as caught:
        endpoint.full_clean()
    assert caught.value.message_dict["domain"][0].startswith("Item 2 (type = …): 'nope' is none of 'contact'")


def test_the_models_that_a_domain_leads_through_are_read_with_the_others(hub: Hub):
    endpoint = hub.partners(domain="[('country_id.code', '=', 'BE')]")
    assert ready.read_fields("partners")
    endpoint.domain = "[('country_id.nope', '=', 'BE')]"
    with pytest.raises(ValidationError, match=r"res\.country has no field nope"):
        endpoint.full_clean()
    assert Client().get("/bj_api_sync/v1/partners").status_code == 200
    assert Endpoint.objects.count() == 1
