"""The description of the API, made from the live configuration."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from jsonschema_rs import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from demo.odoo import PracticeOdoo
from endpoints.models import AccessKey, Action, Endpoint, Record
from mappings.models import Line, Mapping, OdooModel
from tests.conftest import Hub
from tests.endpoints.conftest import BASE, Api
from tests.sync.test_lines import table

COUNTRIES: dict[str, Any] = {"code": {"field": "code", "identifier": True}, "name": "name"}


@pytest.fixture
def described(api: Api) -> Any:
    """A valid document from an address."""

    def get(path: str = "openapi.json", **options: Any) -> dict[str, Any]:
        found: dict[str, Any] = api.get(path, **options)
        OpenAPIV31SpecValidator(found).validate()
        return found

    return get


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"][name]
    return found


def valid(document: dict[str, Any], part: dict[str, Any], value: Any) -> bool:
    """Is the value what this part of the document says?"""
    whole = {**part, "components": document["components"]}  # where its references lead
    return Draft202012Validator(whole, validate_formats=True).is_valid(value)


def with_key(endpoint: Endpoint, token: str = "", login: str = "", password: str = "") -> AccessKey:
    key = AccessKey(endpoint=endpoint, name=f"key {token or login}")
    if token:
        key.set_token(token)
    else:
        key.set_password(login, password)
    key.save()
    return key


def names(answer: Any) -> list[str]:
    return [one["name"] for one in answer["endpoints"]]


def test_types_choices_and_groups_of_keys_are_described_as_they_are(desk: Hub, described: Any):
    desk.partners()
    found = described("partners.openapi.json")
    record, new = schema(found, "Partners")["properties"], schema(found, "NewPartners")

    assert record["email"] == {"description": "Email.", "type": ["string", "null"]}
    assert record["latitude"]["type"] == ["number", "null"]
    assert record["updated"]["format"] == "date-time"
    assert set(record["address"]["properties"]) == {"city", "zip"}
    assert record["kind"]["enum"][:2] == ["contact", "invoice"]
    assert record["tags"]["items"] == {
        "type": "integer",
        "format": "int32",
        "minimum": 1,
        "maximum": 2**31 - 1,
    }

    assert new["required"] == ["customer_id", "name"]
    assert new["additionalProperties"] is False
    assert "updated" not in new["properties"]
    assert "required" not in schema(found, "PartnersChange")


def test_nested_records_are_described_at_every_level(desk: Hub, described: Any):
    desk.orders()
    found = described("orders.openapi.json")
    assert schema(found, "Orders")["properties"]["lines"]["items"] == {
        "$ref": "#/components/schemas/OrderLine"
    }
    assert schema(found, "OrderLine")["properties"]["product"]["anyOf"][0] == {
        "$ref": "#/components/schemas/OrderProduct"
    }
    new = schema(found, "NewOrders")
    for value, fits in (
        ({"reference": "A", "partner": "C-1"}, True),
        ({"reference": "A", "partner": {"customer_id": "C-1", "name": "Ann"}}, True),
        ({"reference": "A", "partner": {"name": "Ann"}}, False),
        ({"reference": "A", "lines": [{"number": 1, "product": {"sku": "X"}, "quantity": 2.5}]}, True),
        ({"reference": "A", "lines": [{"quantity": 2.5}]}, False),
        ({"reference": "A", "total": 5}, False),
        ({"partner": None}, False),
    ):
        assert valid(found, new, value) is fits, value


def test_lists_of_related_records_are_set_added_to_or_taken_from(desk: Hub, described: Any):
    tag = desk.mapping("tag", "res.partner.category", {"name": {"field": "name", "identifier": True}})
    desk.endpoint(
        "partners",
        "res.partner",
        {
            "customer_id": {"field": "ref", "identifier": True},
            "tags": {"field": "category_id", "nested": tag},
        },
    )
    found = described("partners.openapi.json")
    tags = schema(found, "NewPartners")["properties"]["tags"]
    for value, fits in (
        (["vip"], True), ([{"name": "vip"}], True), ({"add": ["vip"]}, True), ({"add": ["a"], "remove": ["b"]}, True),
        ([], True), (None, True), ({}, False), ({"set": []}, False), ("vip", False), ([1], False),
    ):  # fmt: skip
        assert valid(found, tags, value) is fits, value


def test_an_endpoint_has_the_operations_statuses_and_security_that_it_offers(desk: Hub, described: Any):
    desk.endpoint("countries", "res.country", COUNTRIES, methods=["GET"], auth="bearer", mode="live")
    with_key(Endpoint.objects.get(), token="secret")
    found = described("countries.openapi.json", headers={"Authorization": "Bearer secret"})
    assert {path: set(one) - {"parameters"} for path, one in found["paths"].items()} == {
        "/countries": {"get"},
        "/countries/{id}": {"get"},
    }
    reading = found["paths"]["/countries"]["get"]
    assert reading["security"] == [{"bearer": []}]
    assert {"200", "400", "401", "404", "500", "502", "503", "504"} <= set(reading["responses"])
    assert set(found["components"]["securitySchemes"]) == {"bearer"}
    assert found["servers"] == [{"url": "http://testserver/bj_api_sync/v1"}]


def test_what_an_endpoint_insists_on_and_allows_is_described(desk: Hub, described: Any, api: Api):
    desk.partners(require_if_match=True, put_creates=True, post_updates=True, rate_per_address="1000/minute")
    found = described()["paths"]
    answers = {
        method: set(found["/partners/{id}"][method]["responses"]) for method in ("get", "put", "delete")
    }
    assert {"304", "412", "429"} <= answers["get"]
    assert {"201", "412", "428", "429"} <= answers["put"]
    assert {"412", "428", "429"} <= answers["delete"]
    assert {"200", "409", "412", "422", "429"} <= set(found["/partners"]["post"]["responses"])
    headers = [one.get("name") for one in found["/partners"]["post"]["parameters"]]
    assert {"Idempotency-Key", "Prefer", "If-None-Match"} <= set(headers)
    [deletion] = [
        one for one in api.get("postman.json")["item"][0]["item"] if one["request"]["method"] == "DELETE"
    ]
    assert {"key": "If-Match", "value": "*"} in deletion["request"]["header"]


@pytest.mark.parametrize("insisting", [True, False])
@pytest.mark.parametrize("creating", [True, False])
def test_a_header_that_an_endpoint_insists_on_is_described_as_required(
    desk: Hub, described: Any, insisting: bool, creating: bool
):
    desk.partners(require_if_match=insisting, put_creates=creating)
    operations = described()["paths"]["/partners/{id}"]
    required = {
        method: [
            one["name"] for one in operations[method]["parameters"] if one.get("required") and "name" in one
        ]
        for method in ("get", "put", "delete")
    }
    assert required == {
        "get": [],
        "put": ["If-Match"] if insisting and not creating else [],
        "delete": ["If-Match"] if insisting else [],
    }


def test_actions_are_described_to_those_who_may_act(desk: Hub, api: Api, described: Any):
    endpoint = desk.endpoint("countries", "res.country", COUNTRIES, auth="bearer", methods=["GET"])
    Action.objects.create(endpoint=endpoint, name="mark", method="action_mark", parameters=["why"])
    with_key(endpoint, token="may")
    with_key(endpoint, token="reads").grants.update(methods=["GET"])
    path = "/countries/{id}/actions/mark"
    found = described(headers={"Authorization": "Bearer may"})["paths"][path]
    assert {"200", "202", "409", "412"} <= set(found["post"]["responses"])
    assert found["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"] == {"why": {}}
    assert path not in described(headers={"Authorization": "Bearer reads"})["paths"]


def test_endpoints_whose_names_programs_write_alike_have_operations_that_can_be_told_apart(
    desk: Hub, described: Any
):
    for name in ("a_b", "a-b", "a"):  # the oldest first
        desk.endpoint(name, "res.country", COUNTRIES, auth="none", methods=["GET", "POST", "PUT"])
    for endpoint, name in (("a", "b_c"), ("a_b", "c")):
        row = Endpoint.objects.get(name=endpoint)
        Action.objects.create(endpoint=row, name=name, method="action_mark")
    paths = described()["paths"]
    ids = [
        one["operationId"]
        for path in paths.values()
        for method, one in path.items()
        if method != "parameters"
    ]
    assert len({re.sub(r"\W", "_", one) for one in ids}) == len(ids)
    assert [paths[f"/{name}"]["get"]["operationId"] for name in ("a_b", "a-b")] == ["list_a_b", "list_a-b_2"]
    links = paths["/a-b"]["post"]["responses"]["201"]["links"]
    assert links["read_it"]["operationId"] == paths["/a-b/{id}"]["get"]["operationId"] == "read_a-b_2"


def test_a_list_that_odoo_is_asked_for_a_tree_of_may_fail_as_odoo_does(desk: Hub, described: Any):
    desk.endpoint("plain", "res.country", COUNTRIES)
    desk.endpoint("trees", "res.country", COUNTRIES, parameters={"below": ("id", "child_of")})
    found = described()["paths"]
    assert not {"502", "504"} & set(found["/plain"]["get"]["responses"])
    assert {"502", "504"} <= set(found["/trees"]["get"]["responses"])


def test_parameters_of_an_endpoint_and_its_own_keys_filter(desk: Hub, described: Any):
    desk.endpoint(
        "countries",
        "res.country",
        COUNTRIES,
        parameters={"name_like": ("name", "ilike"), "codes": ("code", "in"), "from_id": ("id", ">=")},
        limit=25,
    )
    found = described("countries.openapi.json")
    told = {one["name"]: one for one in found["paths"]["/countries"]["get"]["parameters"] if "name" in one}
    assert list(told) == [
        "limit",
        "offset",
        "cursor",
        "ordering",
        "fields",
        "code",
        "name",
        "name_like",
        "codes",
        "from_id",
    ]
    assert told["limit"]["schema"]["default"] == 25
    assert told["ordering"]["schema"]["items"]["enum"] == ["code", "-code", "name", "-name"]
    assert (told["codes"]["explode"], told["codes"]["schema"]["type"]) == (False, "array")
    assert told["from_id"]["schema"]["type"] == "integer"
    assert told["name_like"]["description"] == "Country Name contains this."


def test_a_client_can_be_generated_where_values_are_of_several_types_or_nearly_alike(
    desk: Hub, api: Api, described: Any, tmp_path: Path
):
    kinds = table("kinds", [("person", "contact"), (1, "invoice"), (True, "delivery")], "pass")
    rates = table("rates", [(6.5, 1), (21, 2)])
    desk.endpoint(
        "partners", "res.partner",
        {
            "customer_id": {"field": "ref", "identifier": True},
            "kind": {"field": "type", "table": kinds},
            "rate": {"field": "color", "table": rates},
            "ours": {"field": "is_company", "constant": True, "direction": "from_odoo"},
            "zone": "tz",
        },
    )  # fmt: skip
    found = described()
    record = schema(found, "Partners")
    for kind, rate in (("person", 6.5), (1, 21), (True, None), ("other", 6.5)):
        sent = {"customer_id": f"{kind}", "kind": kind, "rate": rate, "zone": "Etc/GMT-0"}
        made = api.post("partners", sent)
        assert (made["kind"], made["rate"]) == (kind, rate)
        assert valid(found, record, made)
    for wrong in ({"kind": 2}, {"kind": False}, {"rate": 6}, {"rate": "21"}, {"ours": False}):
        assert not valid(found, record, made | wrong)
    document = tmp_path / "openapi.json"
    document.write_text(json.dumps(found))
    command = [
        "generate",
        "--path",
        str(document),
        "--meta",
        "none",
        "--output-path",
        str(tmp_path / "client"),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", *command, "--fail-on-warning"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_examples_are_real_and_tell_of_no_person(hub: Hub, practice: PracticeOdoo, described: Any):
    practice.execute(
        "res.partner", "create",
        [{"ref": "C-77", "name": "Griselda Unlikely", "email": "griselda@unlikely.test", "city": "Zwolle",
          "type": "invoice", "is_company": False, "partner_latitude": 51.2194}],
    )  # fmt: skip
    hub.partners(domain="[('ref', '=', 'C-77')]")
    before = described()["paths"]["/partners/{id}"]["get"]["responses"]["200"]
    hub.pull()
    found = described()

    read = found["paths"]["/partners/{id}"]["get"]["responses"]["200"]["content"]["application/json"]
    assert read["example"] != before["content"]["application/json"]["example"]
    assert (read["example"]["customer_id"], read["example"]["kind"]) == ("C-77", "invoice")
    assert read["example"]["name"] == "Alex Example"
    text = json.dumps(found)
    assert not [word for word in ("Griselda", "Unlikely", "unlikely", "Zwolle", "51.2194") if word in text]

    for path, operations in found["paths"].items():
        for method in {"get", "post", "put"} & set(operations):
            answer = operations[method]["responses"].get("200" if method != "post" else "201")
            content = answer["content"]["application/json"]
            if "example" not in content:
                continue  # how an endpoint stands, and what has changed
            assert valid(found, content["schema"], content["example"]), (path, method)
            if "requestBody" in operations[method]:
                content = operations[method]["requestBody"]["content"]["application/json"]
                assert valid(found, content["schema"], content["example"]), (path, method)


def test_what_the_description_offers_to_send_writes_nothing_made_up_over_a_real_record(
    hub: Hub, api: Api, described: Any
):
    """Whoever tries it as it stands, on an endpoint where a POST changes records as well."""
    hub.odoo.execute("res.partner", "create", {"ref": "C-77", "name": "Griselda", "type": "invoice"})
    hub.partners(domain="[('ref', '=', 'C-77')]", post_updates=True)
    hub.pull()
    found = described()["paths"]
    sent, changed = (
        found[path][method]["requestBody"]["content"]["application/json"]["example"]
        for path, method in (("/partners", "post"), ("/partners/{id}", "put"))
    )
    assert sent["customer_id"] == "EX-1"
    api.post("partners", sent)
    assert changed
    api.put("partners/C-77", changed)
    assert api.ask("GET", "partners/C-77")["X-Sync-State"] == "synced"
    assert api.get("partners/C-77")["name"] == "Griselda"


def test_what_the_description_offers_to_send_is_taken(hub: Hub, api: Api, described: Any):
    hub.orders()
    hub.pull("orders")
    found = described()["paths"]
    sent = found["/orders"]["post"]["requestBody"]["content"]["application/json"]["example"]
    changed = found["/orders/{id}"]["put"]["requestBody"]["content"]["application/json"]["example"]
    name = sent["reference"] = "NEW-1"
    assert sent["lines"][0]["product"]
    api.post("orders", sent)
    assert api.put(f"orders/{name}", changed)["note"] == changed["note"]


def test_what_is_offered_to_send_is_taken_by_odoo_itself_too(hub: Hub, api: Api, described: Any):
    """A live endpoint has no records to show: all of it is made up."""
    lines = {"ref": {"field": "ref", "identifier": True}, "name": "name", "picture": "image_1920"}
    lines |= {"parent": "parent_id", "tags": "category_id"}
    hub.endpoint("partners", "res.partner", lines, mode="live")
    sent = described()["paths"]["/partners"]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert set(sent) == {"ref", "name", "picture"}  # the others name records, and this one may be anybody's
    assert api.post("partners", sent)["picture"]


def test_a_change_of_the_configuration_is_in_the_next_description(desk: Hub, api: Api, described: Any):
    desk.endpoint("countries", "res.country", COUNTRIES)
    assert "iso" not in schema(described(), "Countries")["properties"]
    Line.objects.create(
        mapping=Mapping.objects.get(name="countries"), key="phone_code", field="phone_code", position=9
    )
    # A process looks once a second whether it is current.
    from endpoints import registry

    registry.clear()
    assert schema(described(), "Countries")["properties"]["phone_code"]["type"] == ["integer", "null"]


def test_who_was_told_already_gets_304_until_something_changes(desk: Hub, api: Api):
    desk.endpoint("countries", "res.country", COUNTRIES)
    first = api.ask("GET", "openapi.json")
    assert api.ask("GET", "openapi.json", headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert api.ask("GET", "openapi.json", headers={"If-None-Match": '"x"'}).status_code == 200
    assert api.ask("GET", "openapi.json", headers={"If-Match": '"x"'}).status_code == 412


class TestWhoSeesWhat:
    @pytest.fixture(autouse=True)
    def endpoints(self, desk: Hub) -> None:
        desk.endpoint("open", "res.country", COUNTRIES, methods=["GET"])
        for name, auth in (("tokens", "bearer"), ("others", "bearer"), ("logins", "basic")):
            desk.endpoint(name, "res.country", COUNTRIES, auth=auth)
        with_key(Endpoint.objects.get(name="tokens"), token="secret")
        with_key(Endpoint.objects.get(name="others"), token="another")
        with_key(Endpoint.objects.get(name="logins"), login="ann", password="pass")

    @pytest.mark.parametrize("path", ["", "/", "/openapi.json"])
    def test_everybody_sees_what_is_open_and_a_key_what_it_may_use(self, path: str):
        for headers, expected in (
            ({}, {"open"}),
            ({"Authorization": "Bearer secret"}, {"open", "tokens"}),
            ({"Authorization": "Basic YW5uOnBhc3M="}, {"open", "logins"}),
        ):
            answer = Api(**headers).get(BASE + path)
            shown = names(answer) if "endpoints" in answer else [one["name"] for one in answer["tags"]]
            assert set(shown) == expected

    @pytest.mark.parametrize("value", ["Bearer wrong", "Basic YW5uOndyb25n", "Bearer", "x"])
    def test_a_key_that_is_none_is_401(self, value: str):
        for path in ("", "/openapi.json", "/tokens.openapi.json", "/others.openapi.json"):
            answer = Api(Authorization=value).ask("GET", BASE + path)
            assert answer.status_code == 401
            assert answer["WWW-Authenticate"]

    def test_another_endpoints_key_opens_no_description(self, api: Api):
        assert api.ask("GET", "tokens.openapi.json").status_code == 401
        ann = Api(Authorization="Bearer another")
        assert ann.ask("GET", "tokens.openapi.json").status_code == 401
        assert list(ann.get("others.openapi.json")["paths"]) == [
            "/others",
            "/others/{id}",
            "/others/changes",
            "/others/sync-state",
        ]
        assert api.ask("GET", "nobody.openapi.json").status_code == 404

    def test_who_is_in_admin_and_may_see_endpoints_sees_all(self):
        client = Client()
        user = User.objects.create_user("eve", is_staff=True)
        client.force_login(user)
        assert names(client.get(BASE).json()) == ["open"]
        user.user_permissions.add(Permission.objects.get(codename="view_endpoint"))
        assert names(client.get(BASE).json()) == ["logins", "open", "others", "tokens"]
        assert client.get(f"{BASE}/tokens.openapi.json").status_code == 200

    def test_what_is_off_or_not_ready_is_left_out_and_hides_nothing_else(self, api: Api):
        Endpoint.objects.filter(name="open").update(enabled=False)
        OdooModel.objects.all().delete()
        assert names(api.get("")) == []


def test_the_index_says_what_may_be_done_and_where_it_is_described(desk: Hub, api: Api):
    desk.endpoint("countries", "res.country", COUNTRIES, methods=["DELETE", "GET"])
    [told] = api.get(BASE)["endpoints"]
    assert told["url"] == "http://testserver/bj_api_sync/v1/countries"
    assert told["methods"] == ["GET", "DELETE"]
    assert "paths" in api.get(told["openapi"].removeprefix("http://testserver"))


def test_a_collection_and_a_file_of_requests_can_be_saved(desk: Hub, api: Api):
    desk.endpoint("countries", "res.country", COUNTRIES, auth="bearer")
    with_key(Endpoint.objects.get(), token="secret")
    ann = Api(Authorization="Bearer secret")
    told = ann.get(BASE)
    for place, expected in ((told, "hub"), (told["endpoints"][0], "countries")):
        collection = ann.ask("GET", place["postman"].removeprefix("http://testserver"))
        assert f'"{expected}.postman_collection.json"' in collection["Content-Disposition"]
        requests = json.loads(collection.content)["item"][0]["item"]
        assert [one["request"]["method"] for one in requests] == [
            "GET",
            "GET",
            "POST",
            "POST",
            "GET",
            "PUT",
            "DELETE",
        ]
        assert json.loads(requests[3]["request"]["body"]["raw"])["code"] == "{{newName}}"

        file = ann.ask("GET", place["http"].removeprefix("http://testserver"))
        assert f'"{expected}.requests.http"' in file["Content-Disposition"]
        assert (
            "POST {{baseUrl}}/countries\nAuthorization: Bearer {{token}}\nContent-Type"
            in file.content.decode()
        )
        assert "secret" not in file.content.decode()
    for path in ("countries.postman.json", "countries.requests.http"):
        assert api.ask("GET", path).status_code == 401


def test_the_reference_page_shows_itself_to_anybody_and_gets_nothing_from_elsewhere(desk: Hub, api: Api):
    page = api.ask("GET", "docs.html")
    assert page["Content-Type"].startswith("text/html")
    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert not re.findall(r'(?:src|href)="(?:https?:)?//(?!testserver)', page.content.decode())
    assert "countries.openapi.json" in api.ask("GET", "countries.docs.html").content.decode()


def test_only_reading_is_possible(api: Api, db: None):
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = api.ask(method, "openapi.json")
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert api.ask("OPTIONS", "").status_code == 204
    assert api.ask("HEAD", "openapi.json").content == b""


def test_no_record_is_hidden_by_a_description(desk: Hub, api: Api):
    desk.partners()
    for name in ("openapi.json", "partners.openapi.json"):
        api.post("partners", {"customer_id": name, "name": "N"})
        assert api.get(f"partners/{name}")["customer_id"] == name
    assert Record.objects.count() == 2
