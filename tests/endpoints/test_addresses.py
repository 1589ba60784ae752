"""Every path and every method gets an answer in the API's own shapes; every identifier has an address."""

import json
import uuid
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from endpoints import registry
from endpoints.models import Endpoint, Record
from synchub.odoo.wire import unsendable_text
from tests.conftest import Hub
from tests.endpoints.conftest import BASE, Api, check_error

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "FOO")


@pytest.fixture
def partners(desk: Hub, api: Api) -> Any:
    endpoint = desk.partners()
    api.post("partners", {"customer_id": "A", "name": "Ann"})
    return endpoint


@pytest.mark.parametrize("method", METHODS)
def test_nothing_is_at_any_other_address(partners: Any, api: Api, method: str):
    for path in (
        f"{BASE}//", f"{BASE}//partners", f"{BASE}/Partners", f"{BASE}/nobody", f"{BASE}/nobody/A",
        f"{BASE}/7", f"{BASE}/partners%00", f"{BASE}/%FF", f"{BASE}/..%2Fadmin", f"{BASE}/partners%0A", f"{BASE}/é",
        f"{BASE}/" + "x" * 5000, "/bj_api_sync/v2/partners", "/bj_api_sync", "/partners", "/favicon.ico", "/x.php",
    ):  # fmt: skip
        answer = api.ask(method, path)
        assert answer.status_code == 404, (path, answer.content)


LIST, RECORD = "GET, POST", "GET, PUT, DELETE"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("partners", LIST), ("partners/", LIST), ("partners/A", RECORD), ("partners/A/", RECORD)],
)
def test_a_method_that_is_not_offered_is_405_and_says_which_are(
    partners: Any, api: Api, path: str, allowed: str
):
    for method in METHODS:
        answer = api.ask(method, path, {} if method in ("POST", "PUT") else None)
        if method in ("HEAD", "OPTIONS") or method in allowed:
            assert answer.status_code != 405
        else:
            assert (answer.status_code, answer["Allow"]) == (405, allowed), method


def test_options_tells_what_is_offered(partners: Any, api: Api):
    answer = api.ask("OPTIONS", "partners")
    assert (answer.status_code, answer["Allow"], answer.content) == (204, LIST, b"")
    assert api.ask("OPTIONS", "partners/A")["Allow"] == RECORD


def test_head_is_get_without_the_body(partners: Any, api: Api):
    for path in ("partners", "partners/A"):
        head, get = api.ask("HEAD", path), api.ask("GET", path)
        assert (head.status_code, head.content) == (200, b"")
        assert head["Content-Length"] == str(len(get.content)) if head.has_header("Content-Length") else True


def test_an_endpoint_offers_only_the_methods_chosen(partners: Any, api: Api):
    Endpoint.objects.update(methods=["GET"])
    registry.clear()
    answer = api.ask("POST", "partners", {})
    assert (answer.status_code, answer["Allow"]) == (405, "GET")
    assert api.ask("DELETE", "partners/A")["Allow"] == "GET"
    Endpoint.objects.update(methods=["POST"])
    registry.clear()
    assert api.ask("GET", "partners/A")["Allow"] == ""
    assert api.ask("HEAD", "partners").status_code == 405
    assert api.ask("OPTIONS", "partners")["Allow"] == "POST"


def test_a_disabled_endpoint_is_not_there(partners: Any, api: Api):
    Endpoint.objects.update(enabled=False)
    registry.clear()
    api.get("partners/A", status=404)


def test_a_slash_at_the_end_is_accepted(partners: Any, api: Api):
    assert api.get("partners/")["count"] == 1
    assert api.get("partners/A/") == api.get("partners/A")
    api.put("partners/A/", {"name": "Bob"})
    api.post("partners/", {"customer_id": "B", "name": "B"})
    api.delete("partners/A/")


IDENTIFIERS = [
    "a b", "a/b", "/a", "a/", "a//b", ".", "..", "...", "./a", "../admin", "a?b=c", "a#b", "a%2Fb", "a%b", "%00", "a+b",
    "é/ü", "日本", "😀", "a\nb", "\n", "\t", " ", "a;b", "a&b", "a=b", "~", "~a", "~/", "'", '"', "<script>", "{}", "\\",
    "a:b", "@", "*", "\u202e", "\u200b", "x" * 255, "😀" * 255, "limit", "partners",
]  # fmt: skip


def test_every_identifier_has_an_address_that_works(partners: Any, api: Api):
    for name in IDENTIFIERS:
        answer = api.ask("POST", "partners", {"customer_id": name, "name": "N"})
        assert answer.status_code == 201, (name, answer.content)
        address = answer["Location"].removeprefix("http://testserver")
        assert address.isascii()
        assert api.get(address)["customer_id"] == name
        assert api.put(address, {"name": "changed"})["name"] == "changed"
        assert [row["name"] for row in api.get("partners", {"customer_id": name})["results"]] == ["changed"]
        api.delete(address)
        api.get(address, status=404)


@given(name=st.text(min_size=1, max_size=30).filter(lambda text: not unsendable_text(text)))
@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_identifier_has_an_address_that_works(partners: Any, api: Api, name: str):
    answer = api.ask("POST", "partners", {"customer_id": name, "name": "N"})
    if answer.status_code == 409:
        return
    assert api.get(answer["Location"].removeprefix("http://testserver"))["customer_id"] == name


def test_with_a_slash_comes_first_what_is_called_so(partners: Any, api: Api):
    for name in ("B", "B/"):
        api.post("partners", {"customer_id": name, "name": f"called {name}"})
    assert api.get("partners/B")["name"] == "called B"
    assert api.get("partners/B/")["name"] == "called B/"
    assert api.get("partners/A/")["name"] == "Ann"


def test_a_handle_is_as_good_as_a_name(partners: Any, api: Api):
    handle = Record.objects.get().handle
    for written in (f"~{handle}", f"~{handle.hex}", f"~{str(handle).upper()}", f"~{handle}/"):
        assert api.get(f"partners/{written}")["customer_id"] == "A"


def test_a_handle_stays_its_record_s_though_another_is_called_so(partners: Any, api: Api):
    handle = f"~{Record.objects.get().handle}"
    made = api.ask("POST", "partners", {"customer_id": handle, "name": "Shadow"})
    api.put(f"partners/{handle}", {"email": "ann@example.com"})
    for written in (handle, f"{handle}/"):
        assert api.get(f"partners/{written}")["customer_id"] == "A"
    address = made["Location"].removeprefix("http://testserver")
    assert api.get(address) == {**made.json(), "customer_id": handle, "name": "Shadow"}
    api.delete("partners/A")
    for method in ("GET", "PUT", "DELETE"):
        assert api.ask(method, f"partners/{handle}", {} if method == "PUT" else None).status_code == 404
    assert api.get(address)["name"] == "Shadow"
    api.delete(address)


def test_what_is_put_to_the_handle_of_a_deleted_record_makes_none_that_is_called_so(desk: Hub, api: Api):
    desk.partners(put_creates=True)
    api.post("partners", {"customer_id": "A", "name": "Ann"})
    handle = f"~{Record.objects.get().handle}"
    api.delete("partners/A")
    for query in ("", "?dry_run=true"):
        api.put(f"partners/{handle}{query}", {"name": "Ann"}, status=404)
    assert api.get("partners")["count"] == 0
    like_one = f"~{uuid.uuid4()}"
    api.put(f"partners/{like_one}", {"name": "Bob"}, status=201)
    assert api.get(f"partners/{like_one}")["name"] == "Bob"


@pytest.mark.parametrize("name", ["changes", "~5f1d2c9e-0b7a-4c55-9d39-2f1f6a7b8c90"])
def test_live_a_record_is_reached_by_whatever_name_it_has(hub: Hub, api: Api, name: str):
    hub.partners(mode="live")
    made = api.ask("POST", "partners", {"customer_id": name, "name": "N"})
    assert api.get(made["Location"].removeprefix("http://testserver"))["customer_id"] == name


@pytest.mark.parametrize("mode", ["mirror", "live"])
@pytest.mark.parametrize(
    ("field", "name", "others"),
    [("color", "7", ["07", "+7", "7.0"]), ("type", "invoice", ["Invoice Address", "INVOICE", "invoice%20"])],
)
def test_a_record_has_one_address(hub: Hub, api: Api, mode: str, field: str, name: str, others: list[str]):
    lines = {"called": {"field": field, "identifier": True}, "name": "name"}
    hub.endpoint("partners", "res.partner", lines, mode=mode, domain="[('ref', '=', 'X1')]")
    hub.odoo.execute("res.partner", "create", {"ref": "X1", "name": "A", "color": 7, "type": "invoice"})
    if mode == "mirror":
        hub.pull()
    assert api.get(f"partners/{name}")["name"] == "A"
    for other in others:
        for method in ("GET", "PUT", "DELETE"):
            body = {"name": "B"} if method == "PUT" else None
            assert api.ask(method, f"partners/{other}", body).status_code == 404, (method, other)
        assert api.ask("PUT", f"partners/{other}?dry_run=true", {"name": "B"}).status_code == 404
    assert api.get(f"partners/{name}")["name"] == "A"


def test_names_of_nobody_are_404_however_odd(partners: Any, api: Api):
    for name in (
        "~", f"~{uuid.uuid4()}", "~x", "~" + "f" * 31, "%00", "a%00b", "%EF%BF%BE", "x" * 7000, "%20",
        "%0A", "A%20", "a", "A/B", "A//", "//", "%2e%2e", "'%20OR%201=1", "%5C", "*", "%25",
    ):  # fmt: skip
        for method in ("GET", "PUT", "DELETE"):
            answer = api.ask(method, f"partners/{name}", {} if method == "PUT" else None)
            assert answer.status_code == 404, (method, name)
            assert len(answer.content) < 500


@pytest.mark.parametrize(
    ("path", "query", "at_fault"),
    [("%FF", "", "path"), ("%ED%A0%80", "", "path"), ("a/%C3", "", "path"), ("", "name=%ff", "query"),
     ("", "%C3=1", "query"), ("", "name=%C3&limit=%A9", "query"), ("", "name=\xff", "query")],
)  # fmt: skip
def test_an_address_that_is_no_utf8_is_refused_and_says_where(
    desk: Hub, api: Api, path: str, query: str, at_fault: str
):
    desk.partners(put_creates=True)
    for method in ("GET", "PUT", "DELETE") if path else ("GET", "POST"):
        address = f"partners/{path}" if path else "partners"
        body = None if method == "GET" else {"name": "x"}
        answer = api.ask(method, address, body, QUERY_STRING=query)
        assert answer.status_code == 400, (method, answer.content)
        assert answer.json()["message"].startswith(f"The {at_fault} of this address is not UTF-8")
    assert api.get("partners")["count"] == 0


def test_a_name_with_percent_signs_of_its_own_has_an_address(desk: Hub, api: Api):
    desk.partners(put_creates=True)
    api.put("partners/%25FF", {"name": "x"}, status=201)
    assert api.get("partners", {"customer_id": "%FF"})["count"] == 1


def test_an_endpoint_s_records_have_no_address_in_another(partners: Any, desk: Hub, api: Api):
    desk.endpoint("others", "res.partner", {"customer_id": {"field": "ref", "identifier": True}})
    api.get(f"others/~{Record.objects.get().handle}", status=404)


def test_a_host_that_is_not_ours_is_refused_in_json(partners: Any, api: Api):
    answer = api.ask("GET", "partners", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert json.loads(answer.content)["message"]


@pytest.mark.parametrize("path", ["/", "/healthz"])
def test_beside_the_api_nothing_is_posted_and_the_refusal_is_json(db: None, path: str):
    client = Client(enforce_csrf_checks=True)
    for method in ("POST", "PUT", "DELETE", "FOO"):
        answer = client.generic(method, path, b"{}", content_type="application/json")
        assert (answer.status_code, answer["Allow"]) == (405, "GET")
        check_error(answer)
    for method in ("GET", "HEAD"):
        assert client.generic(method, path).status_code in (200, 302)


def test_admin_speaks_html(db: None):
    answer = Client(raise_request_exception=False).get("/admin/nothing/here/")
    assert answer["Content-Type"].startswith("text/html")


@given(path=st.text(max_size=20))
@hypothesis_settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_path_whatever_makes_the_hub_fail(partners: Any, api: Api, path: str):
    for method in ("GET", "DELETE"):
        answer = api.ask(method, f"{BASE}/partners/{quote(path, errors='surrogatepass', safe='/')}")
        assert answer.status_code in (200, 400, 404, 405)
        if answer.status_code == 200 and method == "DELETE":
            api.post("partners", {"customer_id": "A", "name": "Ann"})
