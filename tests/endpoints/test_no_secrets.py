"""After a walk through the API no secret stands anywhere in the database, in a log line or in an export."""

import base64
import json
import logging
from io import StringIO

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client

from endpoints.models import AccessKey
from mappings.models import Connection
from synchub.audit.buffer import BUFFER
from synchub.audit.models import Exchange
from tests.conftest import Hub

BASE = "/bj_api_sync/v1"
TOKEN, PASSWORD, IN_BODY = "t0ken-of-the-shop", "passw0rd-of-the-shop", "hunter22-in-a-body"


def everywhere(text: str) -> list[str]:
    """The tables in which the text stands, in whatever column."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE strpos(t::text, %s) > 0', [text])
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def test_no_secret_is_kept_anywhere(hub: Hub, caplog):
    caplog.set_level(logging.DEBUG)
    bearer = hub.partners(auth="bearer")
    basic = hub.endpoint(
        "people", "res.partner", {"id_": {"field": "ref", "identifier": True}, "name": "name"}, auth="basic"
    )
    token_key, login_key = AccessKey(endpoint=bearer, name="a"), AccessKey(endpoint=basic, name="b")
    token_key.set_token(TOKEN)
    login_key.set_password("shop", PASSWORD)
    token_key.save()
    login_key.save()
    webhook = Connection.objects.get().new_webhook()
    credentials = base64.b64encode(f"shop:{PASSWORD}".encode()).decode()
    client = Client(raise_request_exception=False)

    def ask(method: str, path: str, authorization: str, body: object = None) -> int:
        data = b"" if body is None else json.dumps(body).encode()
        headers = {"Authorization": authorization, "User-Agent": f"x {authorization}"}
        return client.generic(
            method, path, data, content_type="application/json", headers=headers
        ).status_code

    with_token, with_password = f"Bearer {TOKEN}", f"Basic {credentials}"
    ok = {"customer_id": "X1", "name": "A"}
    assert ask("POST", f"{BASE}/partners", with_token, ok) == 201
    assert ask("POST", f"{BASE}/partners", with_token, ok | {"password": IN_BODY}) == 400
    assert ask("POST", f"{BASE}/partners", with_token, ok | {"kind": IN_BODY, "secret": IN_BODY}) == 400
    assert ask("PUT", f"{BASE}/partners/X1?token={IN_BODY}", with_token, {"name": "B"}) == 400
    assert ask("GET", f"{BASE}/partners/{TOKEN}", with_token) == 404
    assert ask("GET", f"{BASE}/partners?api_key={IN_BODY}", with_token) == 400
    assert ask("GET", f"{BASE}/partners", f"Bearer wrong-{TOKEN}") == 401
    assert ask("POST", f"{BASE}/people", with_password, {"id_": "Y", "name": "B"}) == 201
    assert ask("GET", f"{BASE}/people?name={PASSWORD}", with_password) == 200
    assert ask("POST", f"{BASE}/nothing", with_password, {"password": IN_BODY}) == 404
    event = {"_model": "res.partner", "_id": 3, "token": webhook}
    assert ask("POST", f"/odoo_events/{webhook}", "", event) == 202
    assert ask("POST", f"/odoo_events/{webhook}x", "", event) == 404
    assert ask("GET", f"/odoo_events/{webhook}", "") == 405
    hub.push()
    hub.pull()
    BUFFER.flush()
    assert Exchange.objects.filter(direction="in").count() == 13
    out = StringIO()
    call_command("hub_export", stdout=out)
    secrets = [
        TOKEN, PASSWORD, credentials, IN_BODY, webhook, hub.odoo.password * (len(hub.odoo.password) > 7),
        settings.SECRET_KEY, *settings.HUB_ENCRYPTION_KEYS,
    ]  # fmt: skip
    for secret in filter(None, secrets):
        assert everywhere(secret) == [], secret
        assert secret not in caplog.text, secret
        assert secret not in out.getvalue(), secret


def test_what_odoo_says_is_an_exchange_without_the_token_and_with_its_connection(hub: Hub):
    hub.partners()
    webhook = Connection.objects.get().new_webhook()
    event = {"_model": "res.partner", "_id": 3}
    answer = Client().post(f"/odoo_events/{webhook}", event, content_type="application/json")
    assert answer.status_code == 202
    BUFFER.flush()
    found = Exchange.objects.get(direction="in")
    assert (found.target, found.connection, found.status) == ("/odoo_events/•••", "practice", "202")
    assert json.loads(found.request) == event
