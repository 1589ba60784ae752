"""Reading: one record, lists, pages, orders, chosen keys."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from endpoints import registry
from endpoints.api import paging
from endpoints.models import AccessKey, Record
from mappings.models import Line
from tests.conftest import Hub
from tests.endpoints.conftest import Api


@pytest.fixture
def five(desk: Hub, api: Api) -> Hub:
    desk.partners()
    api.post(
        "partners",
        [
            {"customer_id": "A", "name": "Zoë", "latitude": 10, "company": True, "address": {"city": "Gent"}},
            {"customer_id": "B", "name": "Adam", "latitude": 9.5, "company": False, "kind": "invoice"},
            {"customer_id": "C", "name": "Berta", "email": "b@example.com", "latitude": -100},
            {"customer_id": "D", "name": "adam", "latitude": 1e-7, "tags": [3, 1]},
            {"customer_id": "E", "name": "Émile", "address": {"zip": "9000"}},
        ],
    )
    return desk


def test_one_record_is_what_was_posted_with_its_state(five: Hub, api: Api):
    answer = api.ask("GET", "partners/A")
    assert json.loads(answer.content) == {
        "customer_id": "A",
        "name": "Zoë",
        "email": None,
        "address": {"city": "Gent", "zip": None},
        "latitude": 10.0,
        "company": True,
        "kind": None,
        "tags": None,
        "updated": None,
    }
    assert answer["X-Sync-State"] == "pending"
    assert answer["X-API-Version"] == "1.0"


def test_a_record_that_is_not_there_is_404(five: Hub, api: Api):
    assert "“nobody”" in api.get("partners/nobody", status=404)["message"]


def test_keys_come_in_the_order_of_the_mapping(five: Hub, api: Api):
    assert list(api.get("partners/A")) == [
        "customer_id", "name", "email", "address", "latitude", "company", "kind", "tags", "updated",
    ]  # fmt: skip


def test_a_list_has_count_links_and_results_in_the_order_of_arrival(five: Hub, api: Api):
    page = api.get("partners")
    assert list(page) == ["count", "next", "previous", "results"]
    assert (page["count"], page["next"], page["previous"]) == (5, None, None)
    assert [row["customer_id"] for row in page["results"]] == ["A", "B", "C", "D", "E"]


def test_an_empty_list_is_a_list(desk: Hub, api: Api):
    desk.partners()
    assert api.get("partners") == {"count": 0, "next": None, "previous": None, "results": []}


def test_following_next_visits_every_record_once_and_previous_leads_back(five: Hub, api: Api):
    seen, address, last = [], "/bj_api_sync/v1/partners?limit=2&ordering=name", ""
    while address:
        page, last = api.get(address), address
        assert page["count"] == 5
        seen += [row["customer_id"] for row in page["results"]]
        address = page["next"] and page["next"].removeprefix("http://testserver")
    assert sorted(seen) == ["A", "B", "C", "D", "E"]
    back: list[str] = []
    while last:
        page = api.get(last)
        back = [row["customer_id"] for row in page["results"]] + back
        last = page["previous"] and page["previous"].removeprefix("http://testserver")
    assert back == seen


def test_links_keep_filters_and_escape_what_needs_it(five: Hub, api: Api):
    for name in ("F", "G"):
        api.post("partners", {"customer_id": name, "name": "a & b=c/ü%"})
    page = api.get("partners", {"name": "a & b=c/ü%", "limit": 1})
    query = parse_qs(urlsplit(page["next"]).query)
    assert query == {"name": ["a & b=c/ü%"], "limit": ["1"], "offset": ["1"]}
    assert api.names(page["next"].removeprefix("http://testserver")) == ["G"]


def test_an_offset_beyond_the_end_is_an_empty_page(five: Hub, api: Api):
    page = api.get("partners", {"offset": 500, "limit": 2})
    assert (page["count"], page["results"], page["next"]) == (5, [], None)
    assert page["previous"] is not None


def test_the_endpoint_says_how_long_a_page_is_and_the_hub_how_long_at_most(
    desk: Hub, api: Api, settings: Any
):
    settings.API_MAX_LIMIT = 3
    desk.partners(limit=2)
    api.post("partners", [{"customer_id": str(n), "name": "N"} for n in range(9)])
    assert len(api.get("partners")["results"]) == 2
    assert len(api.get("partners", {"limit": 1000})["results"]) == 3


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"}, {"limit": "-1"}, {"limit": "x"}, {"limit": ""}, {"limit": "1.5"}, {"limit": "1" * 5000},
        {"limit": "٣"}, {"limit": "1_0"}, {"offset": "-1"}, {"offset": "99999999999"}, {"offset": "\x00"},
    ],
)  # fmt: skip
def test_a_page_that_is_none_is_refused(five: Hub, api: Api, query: dict[str, str]):
    assert "whole number" in api.get("partners", query, status=400)["message"]


def test_many_matches_are_not_counted_to_the_last(five: Hub, api: Api, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(paging, "COUNTED", 3)
    page = api.get("partners", {"updated": "", "limit": 2})
    assert (page["count"], page["count_at_least"]) == (None, 3)
    assert list(page) == ["count", "count_at_least", "next", "previous", "results"]
    assert page["next"] is not None
    end = api.get("partners", {"updated": "", "limit": 2, "offset": 4})
    assert (len(end["results"]), end["next"]) == (1, None)
    unfiltered = api.get("partners", {"limit": 2, "ordering": "name"})
    assert (unfiltered["count"], "count_at_least" in unfiltered) == (5, False)
    assert api.get("partners", {"company": "true"})["count"] == 1


def test_more_than_ten_thousand_matches_are_at_least_ten_thousand(desk: Hub, api: Api):
    endpoint = desk.partners()
    Record.objects.create(endpoint=endpoint, external_id="0", document="{}", values={"name": "same"})
    with connection.cursor() as cursor:
        columns = [
            field.column
            for field in Record._meta.local_concrete_fields
            if field.name not in ("id", "handle", "external_id")
        ]
        same = ", ".join(f'"{column}"' for column in columns)
        cursor.execute(
            f"""INSERT INTO endpoints_record (handle, external_id, {same})
                SELECT gen_random_uuid(), n::text, {same} FROM endpoints_record, generate_series(1, 10000) n"""
        )
    page = api.get("partners", {"name": "same", "limit": 1})
    assert (page["count"], page["count_at_least"]) == (None, 10_000)
    assert api.get("partners", {"limit": 1})["count"] == 10_001


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("latitude", "ECDBA"),
        ("-latitude", "ABDCE"),
        ("company", "CDEBA"),
        ("-company", "ABCDE"),
        ("email", "ABDEC"),
        ("-email", "CABDE"),
        ("kind,-customer_id", "EDCAB"),
        ("address.zip,customer_id", "ABCDE"),
        ("updated", "ABCDE"),
        (",", "ABCDE"),
        ("", "ABCDE"),
    ],
)
def test_an_order_puts_what_is_empty_before_everything(five: Hub, api: Api, ordering: str, expected: str):
    assert "".join(api.names("partners", {"ordering": ordering})) == expected


def test_a_key_of_an_order_that_comes_again_costs_nothing_more(five: Hub, api: Api):
    once = api.names("partners", {"ordering": "-name"})
    with CaptureQueriesContext(connection) as queries:
        assert api.names("partners", {"ordering": ",".join(["-name", "name"] * 400)}) == once
    assert max(len(query["sql"]) for query in queries) < 3000


def test_an_order_by_dates_and_references_is_by_value(desk: Hub, api: Api):
    desk.endpoint(
        "partners",
        "res.partner",
        {"customer_id": {"field": "ref", "identifier": True}, "name": "name", "country": "country_id"},
    )
    api.post(
        "partners",
        [{"customer_id": "A", "name": "a", "country": 20}, {"customer_id": "B", "name": "b", "country": 3}],
    )
    assert api.names("partners", {"ordering": "country"}) == ["B", "A"]


@pytest.mark.parametrize(
    "ordering", ["nobody", "--name", "name;", "name asc", "address", "__class__", "\x00"]
)
def test_an_order_by_no_key_is_refused_with_those_that_are(five: Hub, api: Api, ordering: str):
    text = api.get("partners", {"ordering": ordering}, status=400)["message"]
    assert "ordering" in text
    assert "address.city" in text


def test_a_list_of_ids_has_no_order(five: Hub, api: Api):
    assert "no order" in api.get("partners", {"ordering": "tags"}, status=400)["message"]


def test_chosen_keys_only_and_nested_ones_stay_nested(five: Hub, api: Api):
    query = {"fields": "address.city,name"}
    assert api.get("partners/A", query) == {"address": {"city": "Gent"}, "name": "Zoë"}
    assert api.get("partners", query)["results"][1] == {"address": {"city": None}, "name": "Adam"}


def test_a_key_that_is_asked_for_a_thousand_times_is_looked_up_once(five: Hub, api: Api):
    query = QueryDict(f"fields=name{',name' * 999},address.city")
    lines = paging.selected(registry.get("partners").mapping, query)
    assert [line.key for line in lines or ()] == ["name", "address.city"]
    assert api.get("partners/A", {"fields": "name,name"}) == api.get("partners/A", {"fields": "name"})


@pytest.mark.parametrize("fields", ["", "name,", "address", "secret", "customer_id,nope", "name name"])
def test_a_chosen_key_that_is_none_is_refused(five: Hub, api: Api, fields: str):
    assert "fields" in api.get("partners/A", {"fields": fields}, status=400)["message"]
    assert "fields" in api.get("partners", {"fields": fields}, status=400)["message"]


def test_a_key_added_to_the_mapping_is_null_until_the_next_pull(five: Hub, api: Api):
    line = Line.objects.get(key="address.zip")
    line.key = "address.code.post"
    line.save()
    registry.clear()
    assert api.get("partners/E", {"fields": "address.code.post"}) == {"address": {"code": {"post": None}}}


def test_one_record_knows_no_filters(five: Hub, api: Api):
    assert "fields" in api.get("partners/A", {"name": "Zoë"}, status=400)["message"]


def test_deleted_records_are_in_no_list(five: Hub, api: Api):
    api.delete("partners/B")
    assert api.names("partners") == ["A", "C", "D", "E"]
    assert api.get("partners")["count"] == 4


def test_another_endpoint_s_records_are_not_seen(five: Hub, api: Api):
    five.endpoint("others", "res.partner", {"customer_id": {"field": "ref", "identifier": True}})
    assert api.get("others")["count"] == 0
    api.get("others/A", status=404)


@pytest.mark.usefixtures("same_configuration")
def test_a_list_is_one_message_to_postgresql(five: Hub):
    from endpoints.models import Endpoint

    endpoint = Endpoint.objects.get()
    endpoint.auth = "bearer"
    endpoint.save()
    key = AccessKey(endpoint=endpoint, name="shop")
    key.set_token("secret-token")
    key.save()
    registry.clear()
    client, headers = Client(), {"Authorization": "Bearer secret-token"}
    assert client.get("/bj_api_sync/v1/partners", headers=headers).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/bj_api_sync/v1/partners?name=Adam&fields=name", headers=headers)
    assert answer.json()["count"] == 1
    statements = [q["sql"] for q in queries if "SAVEPOINT" not in q["sql"]]
    assert len(statements) == 1, statements
    assert "statement_timeout" in statements[0]


def test_what_is_asked_for_most_postgresql_plans_once_for_each_connection(five: Hub, api: Api):
    """To plan a look-up takes several times what the look-up does."""
    for name in "ABC":
        api.get("partners")
        api.get(f"partners/{name}")
        api.post("partners", {"customer_id": f"new {name}", "name": name})
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements")
        planned = cursor.fetchall()
    for part in ("UNION ALL (SELECT document", "AND external_id = ", "INSERT INTO endpoints_record"):
        [(once, anew)] = [(once, anew) for statement, once, anew in planned if part in statement]
        assert (once >= 3, anew) == (True, 0), part
