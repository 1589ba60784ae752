"""A connection that made trouble: whoever works on others is not kept waiting by it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections
from django.test import Client

from endpoints import registry, touched
from mappings.models import Connection
from synchub.sync import locks
from synchub.sync import touched as targeted
from tests.conftest import Hub
from tests.sync.test_push import URL, post


@contextmanager
def another_process_tries(connection_id: int) -> Iterator[None]:
    """It is still waiting for an answer."""
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [locks._TRY, connection_id])
        yield
    finally:
        other.close()


def test_for_an_odoo_that_hangs_one_process_waits_and_no_other(hub: Hub):
    hub.partners()
    hub.pull()
    post({"customer_id": "X1", "name": "A"})
    there = hub.odoo.execute("res.partner", "create", {"ref": "X2", "name": "B"})
    endpoint = registry.get("partners")
    touched.look_at(endpoint.id, [there])
    Connection.objects.update(last_error="Odoo did not answer within 130 s.")
    before = len(hub.odoo.calls)
    with another_process_tries(Connection.objects.get().pk):
        hub.push()
        hub.pull()
        hub.sweep()
        targeted.read(endpoint)
        assert len(hub.odoo.calls) == before
    hub.push()
    targeted.read(endpoint)
    assert [one["name"] for one in hub.in_odoo("X1")] == ["A"]
    assert Client().get(f"{URL}/X2").json()["name"] == "B"
    assert Connection.objects.get().last_error == ""


def test_an_odoo_that_is_away_has_a_line_in_the_log_when_it_goes_and_one_when_it_is_back(
    hub: Hub, caplog: pytest.LogCaptureFixture
):
    hub.partners()
    hub.pull()
    caplog.clear()

    def told() -> list[str]:
        return [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]

    there = Connection.objects.get().url
    Connection.objects.update(url="http://127.0.0.1:9")  # the discard port: refused at once
    for _ in range(3):
        hub.pull()
    [gone] = told()
    assert "“practice” is in trouble, and is tried until it works: The Odoo server 127.0.0.1:9" in gone
    Connection.objects.update(url=there)
    for _ in range(2):
        hub.pull()
    assert told()[1:] == ["Odoo answers connection “practice” again."]
