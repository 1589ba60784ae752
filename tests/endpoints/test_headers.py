"""X-Request-ID, X-API-Version and Host."""

import json
import logging
from typing import Any

import pytest
from django.test import Client

from endpoints.models import Change
from tests.conftest import Hub
from tests.endpoints.conftest import Api


@pytest.fixture
def partners(desk: Hub) -> Any:
    return desk.partners()


def test_an_id_given_is_echoed_and_kept_with_the_change(partners: Any, api: Api):
    headers = {"X-Request-ID": "order-42:retry.1_a"}
    answer = api.ask("POST", "partners", {"customer_id": "A", "name": "Ann"}, headers=headers)
    assert answer["X-Request-ID"] == "order-42:retry.1_a"
    assert Change.objects.get().request_id == "order-42:retry.1_a"
    error = api.ask("GET", "partners/nobody", headers=headers)
    assert json.loads(error.content)["request_id"] == "order-42:retry.1_a"


def test_without_one_each_request_has_an_id_of_its_own(partners: Any, api: Api):
    made = {api.ask("GET", "partners")["X-Request-ID"] for _ in range(5)}
    assert len(made) == 5
    assert all(len(one) == 32 for one in made)


@pytest.mark.parametrize(
    "given",
    [
        "",
        " ",
        "a b",
        "a\r\nSet-Cookie: x=1",
        "x" * 65,
        "<script>",
        "é",
        "a,b",
        '"',
        "\x00",
        "%0d%0a",
        "../..",
        "$(id)",
    ],
)
def test_an_id_that_could_do_harm_is_replaced(partners: Any, api: Api, given: str):
    answer = api.ask("GET", "partners", HTTP_X_REQUEST_ID=given)
    assert answer.status_code == 200
    assert answer["X-Request-ID"] != given
    assert len(answer["X-Request-ID"]) == 32


def test_every_line_of_the_log_has_the_id(partners: Any, api: Api, caplog: pytest.LogCaptureFixture):
    from synchub.middleware import RequestIdFilter

    caplog.handler.addFilter(RequestIdFilter())
    from mappings.models import OdooModel

    OdooModel.objects.all().delete()
    from endpoints import registry

    registry.clear()
    with caplog.at_level(logging.WARNING):
        api.get("partners", status=503, headers={"X-Request-ID": "find-me"})
    assert {
        getattr(line, "request_id", None) for line in caplog.records if line.name.startswith("endpoints")
    } == {"find-me"}


def test_the_version_is_told_and_another_one_refused(partners: Any, api: Api):
    for method, path, body in (
        ("GET", "partners", None),
        ("POST", "partners", {"customer_id": "A", "name": "A"}),
    ):
        answer = api.ask(method, path, body, headers={"X-API-Version": "1.0"})
        assert answer.status_code in (200, 201)
        assert answer["X-API-Version"] == "1.0"
    for other in ("2.0", "1", "", "1.0.0", "latest", "1.0 "):
        answer = api.ask("DELETE", "partners/A", HTTP_X_API_VERSION=other)
        assert answer.status_code == 400, other
        assert "1.0" in json.loads(answer.content)["message"]
    api.get("partners/A")


def test_a_name_that_the_hub_does_not_answer_to_is_told_with_the_setting(partners: Any, api: Api):
    answer = api.ask("POST", "partners", {"customer_id": "A", "name": "Ann"}, HTTP_HOST="hub.example.com")
    assert answer.status_code == 400
    assert "HUB_ALLOWED_HOSTS" in answer.json()["message"]
    assert not Change.objects.exists()
    # A load balancer asks by the address of the machine.
    assert Client().get("/healthz", HTTP_HOST="10.0.0.5:8000").json()["status"] == "ok"
    assert Client().get("/admin/", HTTP_HOST="10.0.0.5:8000").status_code == 400
