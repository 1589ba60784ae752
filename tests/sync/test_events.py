"""Odoo's webhook names a record, and it is read at once."""

import hashlib
import hmac
import json
import threading
from typing import Any

import pytest
from django.db import connections, transaction
from django.test import Client

from endpoints import registry
from endpoints.models import Record, Touched
from synchub.sync import touched
from tests.conftest import Hub
from tests.sync.test_pauses import while_odoo_is_slow


class Odoo:
    """An automation rule of Odoo's, as far as the hub sees it."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.path = f"/odoo_events/{hub.connection.new_webhook()}"

    def tells(self, odoo_id: Any, model: Any = "res.partner", **fields: Any) -> int:
        return self.posts(json.dumps({"_action": "a rule(#1)", "_id": odoo_id, "_model": model} | fields))

    def posts(self, body: str | bytes, **headers: str) -> int:
        return Client().post(self.path, body, content_type="application/json", headers=headers).status_code


def due_now() -> None:
    Touched.objects.update(next_at="2020-01-01T00:00Z")


def read() -> None:
    touched.read(registry.get("partners"))


def partner(hub: Hub, ref: str, name: str) -> int:
    [made] = hub.odoo.execute("res.partner", "create", [{"name": name, "ref": ref}])
    return int(made)


def test_a_record_that_odoo_tells_of_is_read_without_a_pull(hub: Hub):
    hub.partners()
    odoo = Odoo(hub)
    made = partner(hub, "E1", "Ada")
    assert odoo.tells(made, name="what a stranger may have put here") == 202
    read()
    assert Record.objects.get(external_id="E1").values["name"] == "Ada"
    assert not Touched.objects.exists()


def test_what_odoo_tells_while_the_record_is_read_has_it_read_once_more(hub: Hub):
    hub.partners()
    odoo = Odoo(hub)
    made = partner(hub, "E1", "Ada")
    odoo.tells(made)
    while_odoo_is_slow(hub, read, "res.partner", "search_read", lambda: odoo.tells(made))
    assert Record.objects.get(external_id="E1").values["name"] == "Ada"
    assert Touched.objects.exists()
    due_now()
    hub.odoo.execute("res.partner", "write", [made], {"name": "Grace"})
    read()
    assert Record.objects.get(external_id="E1").values["name"] == "Grace"


@pytest.mark.parametrize("known", [{"write_date": "2001-01-01 00:00:00"}, {"create_date": ""}])
def test_what_is_read_and_unchanged_waits_for_nobody_who_writes_it_meanwhile(hub: Hub, known: dict[str, str]):
    """Who waits for a record while it holds others is waited for in turn, some day, by a write of many."""
    hub.partners()
    odoo = Odoo(hub)
    made = partner(hub, "E1", "Ada")
    hub.pull()
    was = Record.objects.filter(external_id="E1").values(*known).get()
    Record.objects.update(**known)

    def read_on_its_own() -> None:
        try:
            read()
        finally:
            connections.close_all()

    odoo.tells(made)
    with transaction.atomic():
        Record.objects.select_for_update().get(external_id="E1")
        reads = threading.Thread(target=read_on_its_own)
        reads.start()
        reads.join(60)
        waited = reads.is_alive()
    reads.join()
    assert not waited
    assert Record.objects.filter(external_id="E1").values(*known).get() == known
    odoo.tells(made)
    read()
    assert Record.objects.filter(external_id="E1").values(*known).get() == was


def test_a_record_is_read_though_odoo_s_clock_was_set_back(hub: Hub):
    hub.partners()
    odoo = Odoo(hub)
    made = partner(hub, "E1", "Ada")
    hub.pull()
    Record.objects.filter(external_id="E1").update(write_date="2998-12-31 00:00:00")
    hub.odoo.execute("res.partner", "write", [made], {"name": "Grace"})
    odoo.tells(made)
    read()
    assert Record.objects.get(external_id="E1").values["name"] == "Grace"


def test_a_change_told_before_it_was_committed_is_read_again_soon(hub: Hub):
    hub.partners()
    odoo = Odoo(hub)
    made = partner(hub, "E1", "Ada")
    hub.pull()
    odoo.tells(made)
    read()  # Odoo has not committed it yet
    hub.odoo.execute("res.partner", "write", [made], {"name": "Eva"})
    assert Touched.objects.count() == 1
    due_now()
    read()
    assert Record.objects.get(external_id="E1").values["name"] == "Eva"
    assert not Touched.objects.exists()


def test_what_stays_unchanged_is_forgotten_after_a_few_looks(hub: Hub):
    hub.partners()
    odoo = Odoo(hub)
    made = partner(hub, "E1", "Ada")
    hub.pull()
    for _ in range(10):
        odoo.tells(made)
    assert Touched.objects.count() == 1
    for _ in range(4):
        assert Touched.objects.exists()
        due_now()
        read()
    assert not Touched.objects.exists()


def test_a_deletion_that_odoo_tells_of_is_seen_at_once(hub: Hub):
    hub.partners()
    odoo = Odoo(hub)
    made = partner(hub, "E1", "Ada")
    hub.pull()
    odoo.tells(made)
    hub.odoo.execute("res.partner", "unlink", [made])
    read()
    assert Record.objects.get(external_id="E1").deleted_at is not None


def test_a_record_outside_of_the_endpoint_s_domain_is_not_taken_in(hub: Hub):
    hub.partners(domain="[('is_company', '=', True)]")
    odoo = Odoo(hub)
    odoo.tells(partner(hub, "E1", "Ada"))
    read()
    assert not Record.objects.filter(external_id="E1").exists()


def test_models_that_no_endpoint_keeps_are_acknowledged_and_left(hub: Hub):
    hub.partners()
    assert Odoo(hub).tells(1, model="res.users") == 200
    assert not Touched.objects.exists()


def test_only_the_newest_address_is_good(hub: Hub):
    hub.partners()
    old, new = Odoo(hub), Odoo(hub)
    assert old.tells(1) == 404
    assert Client().post("/odoo_events/guessed", "{}", content_type="application/json").status_code == 404
    assert new.tells(1) == 202
    assert Client().get(new.path).status_code == 405


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{", "null", "[" * 100_000, b"\xff", '{"_model": "res.partner"}', '{"_id": 1}',
     '{"_model": 7, "_id": 1}', '{"_model": "a\\u0000b", "_id": 1}', '{"_model": "\\ud800", "_id": 1}',
     '{"_model": "res.partner", "_id": "1"}',
     '{"_model": "res.partner", "_id": true}', '{"_model": "res.partner", "_id": 0}',
     '{"_model": "res.partner", "_id": 99999999999}'],
)  # fmt: skip
def test_what_is_no_event_is_refused(hub: Hub, body: str | bytes):
    hub.partners()
    assert Odoo(hub).posts(body) == 400
    assert not Touched.objects.exists()


@pytest.mark.parametrize(("length", "status"), [("x", 400), ("-1", 400), ("9" * 5000, 413)])
def test_an_event_whose_length_is_none_is_refused(hub: Hub, length: str, status: int):
    hub.partners()
    answer = Client().post(Odoo(hub).path, "{}", content_type="application/json", CONTENT_LENGTH=length)
    assert answer.status_code == status


def test_a_signature_has_to_be_right_where_there_is_one(hub: Hub):
    hub.partners()
    odoo = Odoo(hub)
    body = json.dumps({"_model": "res.partner", "_id": 1}).encode()
    token = odoo.path.rpartition("/")[2].encode()
    right = "sha256=" + hmac.new(token, body, hashlib.sha256).hexdigest()
    assert odoo.posts(body, **{"X-Hub-Signature-256": right}) == 202
    assert odoo.posts(body + b" ", **{"X-Hub-Signature-256": right}) == 401
