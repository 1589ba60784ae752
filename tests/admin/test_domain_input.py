"""What a domain covers, asked of the practice Odoo before it is saved."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from demo.odoo import PracticeOdoo
from endpoints.models import Endpoint
from mappings.models import Connection
from tests.conftest import Hub

COUNT = "admin:endpoints_endpoint_count"


@pytest.fixture
def partners(hub: Hub, client: Client) -> Endpoint:
    client.force_login(User.objects.create_superuser("boss"))
    endpoint: Endpoint = hub.partners()
    return endpoint


def counted(client: Client, endpoint: Endpoint, domain: str) -> Any:
    return client.post(reverse(COUNT), {"mapping": endpoint.mapping_id, "domain": domain}).json()


def test_how_many_records_it_covers_and_a_few_by_name(
    client: Client, partners: Endpoint, practice: PracticeOdoo
):
    number = practice.execute("res.partner", "search_count", [("is_company", "=", True)])
    told = counted(client, partners, "[('is_company', '=', True)]")["text"]
    assert told.startswith(f"{number} records of res.partner: “")
    assert counted(client, partners, "[('ref', '=', 'NOBODY')]") == {
        "text": "No record of res.partner is covered now."
    }


def test_relative_dates_are_those_of_this_moment(client: Client, partners: Endpoint, practice: PracticeOdoo):
    practice.execute("res.partner", "create", {"name": "Brand new"})
    told = counted(client, partners, "[('create_date', '>=', 'now - 1 hour')]")["text"]
    assert "“Brand new”" in told


@pytest.mark.parametrize(
    ("domain", "text"),
    [
        ("[('nothing_such', '=', 1)]", "res.partner has no field nothing_such"),
        ("[('name', '=', ", "This is no list"),
    ],
)
def test_what_is_wrong_with_it_is_said(client: Client, partners: Endpoint, domain: str, text: str):
    assert text in counted(client, partners, domain)["problem"]


def test_an_odoo_that_is_away_and_a_mapping_not_chosen_yet(client: Client, partners: Endpoint):
    Connection.objects.update(url="http://127.0.0.1:9")
    assert "cannot be reached" in counted(client, partners, "[]")["problem"]
    assert "Choose a mapping first" in client.post(reverse(COUNT), {"domain": "[]"}).json()["problem"]


def test_the_builder_knows_the_fields_of_the_mapping(client: Client, partners: Endpoint):
    url = reverse("admin:mappings_mapping_suggestions")
    answer = client.get(url, {"mapping": partners.mapping_id}).json()
    fields = {one["name"]: one for one in answer["fields"]}
    assert fields["write_date"]["type"] == "datetime"
    assert ["delivery", "Delivery Address"] in fields["type"]["selection"]


def test_only_for_those_who_set_endpoints_up(client: Client, partners: Endpoint):
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.post(reverse(COUNT), {"mapping": partners.mapping_id}).status_code == 403
