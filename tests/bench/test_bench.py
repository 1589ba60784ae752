"""`hub_bench` completes, prints its table, and leaves nothing behind. How fast anything is, no test says."""

import json
import os
import re
from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import connection

from endpoints.models import Endpoint, Record
from mappings.models import Connection

pytestmark = [pytest.mark.processes, pytest.mark.usefixtures("transactional_db")]


@pytest.fixture(autouse=True)
def _processes_use_the_test_database(monkeypatch: pytest.MonkeyPatch) -> None:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path="/" + connection.settings_dict["NAME"])
    monkeypatch.setenv("DATABASE_URL", url.geturl())
    monkeypatch.setenv("ODOO_TEST_URL", "")


def bench(*arguments: str) -> str:
    out = StringIO()
    call_command("hub_bench", *arguments, "--rounds", "1", stdout=out, stderr=StringIO())
    return out.getvalue()


def test_sync_prints_each_thing_with_the_hub_beside_the_raw_calls() -> None:
    printed = bench("sync", "--records", "12", "--connections", "2")
    for title in ("create", "change, different values", "delete", "pull, all changed", "pull, none changed"):
        assert re.search(rf"^{title} .*hub is$", printed, re.M), printed
    assert re.search(r"^  create\(\[500\]\) .* \d[\d,]*\.\d\d ×$", printed, re.M), printed
    assert not Connection.objects.exists()
    assert not Endpoint.objects.exists()


def test_size_prints_the_large_mirror_beside_the_small_one_and_what_a_record_takes_on_disk() -> None:
    out, told = StringIO(), StringIO()
    call_command("hub_bench", "size", "--records", "10400", "--rounds", "1", stdout=out, stderr=told)
    for title in ("merge, new", "merge, changed", "merge, unchanged", "push of changes: claim and settle"):
        assert re.search(rf"^{title} ", out.getvalue(), re.M), out.getvalue()
    assert re.search(r"^  10,400 mirrored .*\n  10,000 mirrored .* \d\.\d\d ×$", out.getvalue(), re.M)
    assert re.search(r"^  record_values +\d+$", told.getvalue(), re.M), told.getvalue()
    assert not Record.objects.exists()
    assert not Connection.objects.exists()


def test_api_as_json_has_every_way_with_its_ratio() -> None:
    groups = json.loads(bench("api", "--records", "150", "--seconds", "0.1", "--json"))
    ways = {group["title"]: {way["way"]: way for way in group["ways"]} for group in groups}
    lists = ways["list of 100, first page"]
    assert next(iter(lists)) == "hub, with an access key"
    assert {"bare view, text from PostgreSQL", "DRF ModelViewSet", "bare WSGI, hello"} < set(lists)
    assert all(way["median"] > 0 and way["hub_is"] > 0 for group in ways.values() for way in group.values())
    assert not Connection.objects.exists()
    assert "bench_contact" not in connection.introspection.table_names()
