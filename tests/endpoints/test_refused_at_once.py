"""A record named by Odoo's own id is created while its consumer waits, and so is a refusal heard."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections
from django.test import Client

from endpoints.models import Change, Record
from tests.conftest import Hub

URL = "/bj_api_sync/v1/contacts"


def post_while_pushed(hub: Hub, body: Any) -> Any:
    def post() -> Any:
        try:
            return Client().post(URL, body, content_type="application/json")
        finally:
            connections.close_all()

    with ThreadPoolExecutor() as pool:
        answer = pool.submit(post)
        while not answer.done():
            hub.push("contacts")
        return answer.result()


def test_what_odoo_refuses_is_told_with_its_line_and_leaves_nothing(hub: Hub):
    hub.endpoint(
        "contacts",
        "res.partner",
        {"id": {"field": "id", "identifier": True}, "name": "name", "country": "country_id"},
    )
    answer = post_while_pushed(hub, {"name": "A", "country": 999_999})
    assert (answer.status_code, answer.json()["status_code"]) == (400, "ODOO")
    assert answer.json()["key"] == "country"
    assert not Record.objects.filter(deleted_at=None).exists()
    assert Change.objects.get().state == "discarded"
    assert post_while_pushed(hub, {"name": "A"}).status_code == 201
