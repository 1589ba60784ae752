"""`?cursor=`: a walk through a list, page by page, that neither skips nor repeats."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from endpoints import registry
from mappings.models import Line
from tests.conftest import Hub
from tests.endpoints.conftest import Api

NAMES = ["Cas", "ann", "Bob", "Ann", "", "Éva", "bob", "Dirk"]


@pytest.fixture
def partners(desk: Hub, api: Api) -> Any:
    endpoint = desk.partners(parameters={"city_in": ("city", "in")})
    api.post(
        "partners",
        [
            {
                "customer_id": f"{n:02}",
                "name": f"N{n % 4}",
                "email": NAMES[n % len(NAMES)] or None,
                "latitude": [1.5, -2, 0, 1e-7][n % 4],
                "company": n % 3 == 0,
                "address": {"city": ["Gent", "Leuven", None][n % 3]},
            }
            for n in range(23)
        ],
    )
    return endpoint


def walked(api: Api, path: str, query: dict[str, Any]) -> list[dict[str, Any]]:
    """All records, over all pages; no page but the last is short."""
    found: list[dict[str, Any]] = []
    page = api.get(path, query | {"cursor": ""})
    while True:
        assert (page["count"], page["previous"]) == (None, None)
        found += page["results"]
        if page["next"] is None:
            assert 0 < len(page["results"]) <= query["limit"] or not found
            return found
        assert len(page["results"]) == query["limit"]
        page = api.get(page["next"].removeprefix("http://testserver"))


ORDERS = ["email", "-email", "latitude,-email", "-company,name", "company,-latitude,customer_id", ""]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("limit", [1, 4, 22, 23, 24])
def test_a_walk_brings_what_one_page_brings_in_its_order(partners: Any, api: Api, order: str, limit: int):
    query = {"ordering": order} if order else {}
    whole = api.get("partners", query | {"limit": 100})["results"]
    assert walked(api, "partners", query | {"limit": limit}) == whole
    assert len(whole) == 23


def test_a_walk_in_the_order_of_long_texts_has_addresses_that_work(partners: Any, api: Api):
    for n in range(3):
        api.put(f"partners/{n:02}", {"name": f"{'😀' * 20_000}{n}"})
    query = {"ordering": "-name,email", "limit": 1, "fields": "customer_id"}
    page = api.get("partners", query | {"cursor": ""})
    found = page["results"]
    while page["next"]:
        assert len(page["next"]) < 4_000
        page = api.get(page["next"].removeprefix("http://testserver"))
        found += page["results"]
    assert sorted(one["customer_id"] for one in found) == [f"{n:02}" for n in range(23)]
    assert {one["customer_id"] for one in found[:3]} == {"00", "01", "02"}


def test_a_cursor_tells_nothing_of_a_value_that_is_shown_otherwise(partners: Any, api: Api):
    api.put("partners/00", {"latitude": 47.654321})
    line = Line.objects.get(key="latitude")
    line.decimals = 0
    line.save()
    registry.clear()
    address = api.get("partners", {"cursor": "", "limit": 1, "ordering": "-latitude"})["next"]
    [token] = parse_qs(urlsplit(address).query)["cursor"]
    parts = [part + "=" * (-len(part) % 4) for part in token.split(":")]
    assert not any(b"47.65" in base64.urlsafe_b64decode(part) for part in parts)


def test_with_filters_and_chosen_keys(partners: Any, api: Api):
    query = {"city_in": "Gent,Leuven", "name": "N1", "ordering": "-email", "fields": "customer_id,email"}
    whole = api.get("partners", query)["results"]
    assert len(whole) == 4
    assert walked(api, "partners", query | {"limit": 3}) == whole
    assert walked(api, "partners", {"name": "nobody", "limit": 3}) == []


def test_a_walk_goes_on_from_a_query_that_came_as_bare_utf8(partners: Any, api: Api):
    for name in ("98", "99"):
        api.post("partners", {"customer_id": name, "name": "Liège"})
    query = "cursor=&limit=1&name=Liège".encode().decode("latin-1")  # as a server hands it over
    page = api.ask("GET", "partners", QUERY_STRING=query).json()
    found = page["results"] + walked_on(api, page["next"])
    assert [one["customer_id"] for one in found] == ["98", "99"]


def test_what_comes_and_goes_meanwhile_disturbs_nobody_else(partners: Any, api: Api):
    page = api.get("partners", {"cursor": "", "limit": 10})
    api.delete("partners/09")
    api.delete("partners/12")
    api.post("partners", {"customer_id": "99", "name": "New"})
    rest = walked_on(api, page["next"])
    assert [one["customer_id"] for one in rest] == [f"{n:02}" for n in range(10, 23) if n != 12] + ["99"]


def walked_on(api: Api, address: str | None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while address:
        page = api.get(address.removeprefix("http://testserver"))
        found, address = found + page["results"], page["next"]
    return found


def test_a_cursor_is_good_for_its_own_query_only_but_for_the_pages_size_and_keys(
    partners: Any, desk: Hub, api: Api
):
    address = api.get("partners", {"cursor": "", "limit": 5, "company": "true"})["next"]
    token = parse_qs(urlsplit(address).query)["cursor"][0]
    assert len(api.get("partners", {"cursor": token, "company": "true", "fields": "name"})["results"]) == 3
    desk.endpoint(
        "others", "res.partner", {"id": {"field": "ref", "identifier": True}, "company": "is_company"}
    )
    for path, query in (
        ("partners", {}),
        ("partners", {"company": "false"}),
        ("partners", {"company": "true", "ordering": "name"}),
        ("others", {"company": "true"}),
    ):
        assert "another query" in api.get(path, query | {"cursor": token}, status=400)["message"]


@pytest.mark.parametrize("field", ["partner_latitude", "zip"])
def test_a_cursor_from_before_its_key_got_another_field_is_400(partners: Any, api: Api, field: str):
    address = api.get("partners", {"cursor": "", "limit": 1, "ordering": "address.city"})["next"]
    line = Line.objects.get(key="address.city")
    line.field = field
    line.save()
    registry.clear()
    told = api.get(address.removeprefix("http://testserver"), status=400)["message"]
    assert "another query" in told


@pytest.mark.parametrize("token", ["x", "x:y", "WzFd:x", "%", "é", "\x00", "a" * 5000])
def test_what_is_no_cursor_is_400(partners: Any, api: Api, token: str):
    assert "cursor" in api.get("partners", {"cursor": token}, status=400)["message"]


def test_cursor_and_offset_do_not_go_together(partners: Any, api: Api):
    api.get("partners", {"cursor": "", "offset": 0}, status=400)


def test_live_a_walk_goes_by_odoos_ids(hub: Hub, api: Api):
    hub.partners(mode="live", parameters={"name_like": ("name", "ilike")})
    hub.odoo.execute("res.partner", "create", [{"ref": f"P{n}", "name": f"Pager {n}"} for n in range(7)])
    found = walked(api, "partners", {"name_like": "pager", "limit": 3})
    assert [one["customer_id"] for one in found] == [f"P{n}" for n in range(7)]
    api.get("partners", {"cursor": "", "ordering": "name"}, status=400)


def test_a_page_in_the_middle_costs_what_the_first_one_costs(desk: Hub, api: Api):
    """By PostgreSQL's own count of the rows that it looks at."""
    desk.endpoint("before", "res.partner", {"customer_id": {"field": "ref", "identifier": True}})
    desk.partners()
    for name in ("before", "partners"):
        for start in range(0, 5000, 1000):
            sent: list[dict[str, str]] = [{"customer_id": f"{start + n}"} for n in range(1000)]
            api.post(name, [one | {"name": "N"} for one in sent] if name == "partners" else sent)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE endpoints_record")
    address, looked_at = "/bj_api_sync/v1/partners?cursor=&limit=100", []
    for _ in range(30):
        with CaptureQueriesContext(connection) as queries:
            address = api.get(address)["next"].removeprefix("http://testserver")
        [statement] = [one["sql"] for one in queries if "endpoints_record" in one["sql"]]
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.split(';', 1)[1]}")
            (plan,) = cursor.fetchone()
        looked_at.append(most_rows((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))
    assert max(looked_at) <= 101


def test_a_walk_with_a_filter_that_lets_few_through_looks_them_up(desk: Hub, api: Api):
    desk.partners()
    for start in range(0, 5000, 1000):
        rows = [{"customer_id": f"{start + n}", "name": f"N{n % 500}"} for n in range(1000)]
        api.post("partners", rows)
    found = walked(api, "partners", {"name": "N7", "limit": 3})
    assert [one["customer_id"] for one in found] == [f"{1000 * k + n}" for k in range(5) for n in (7, 507)]
    many = walked(api, "partners", {"company": "", "limit": 900, "fields": "customer_id"})
    assert [one["customer_id"] for one in many] == [f"{n}" for n in range(5000)]


def most_rows(node: dict[str, Any]) -> float:
    """The most rows that any part of a plan returned or threw away."""
    own = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
    return float(max(own, *(most_rows(child) for child in node.get("Plans", [])), 0))
