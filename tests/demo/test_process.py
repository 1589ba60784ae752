"""The practice Odoo as a program: its line when it is ready, its data file, its page, its end."""

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault

import pytest

from demo.odoo import PracticeOdoo
from tests.demo.client import Client, unique

ROOT = Path(__file__).parents[2]


@contextmanager
def program(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "demo.odoo", "--port", "0", "--seed-records", "30", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(timeout=120)
        process.stdout.close()


def fetch(url: str, body: bytes | None = None, method: str | None = None) -> str:
    request = urllib.request.Request(url, body, method=method)
    with urllib.request.urlopen(request, timeout=120) as answer:
        text: str = answer.read().decode()
        return text


def test_it_says_when_it_is_ready_and_ends_when_told(tmp_path: Path) -> None:
    with program("--data", str(tmp_path / "odoo.sqlite")) as (process, line):
        pattern = r"practice Odoo ready at (http://127\.0\.0\.1:\d+) \(database practice, login admin\)"
        found = re.fullmatch(pattern, line)
        assert found
        client = Client(found[1], "practice", "admin", "admin")
        partner = client.make("res.partner", {"name": "kept"})
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=120) == 0
    with program("--data", str(tmp_path / "odoo.sqlite"), "--login", "me", "--password", "secret") as (
        _process,
        line,
    ):
        url = line.split()[4]
        client = Client(url, "practice", "me", "secret")
        assert client.values("res.partner", partner, "name") == {"name": "kept"}
        assert Client(url, "practice", "me", "admin").uid is False
        assert "/practice" not in line
        with pytest.raises(urllib.error.HTTPError) as caught:
            fetch(f"{url}/practice/faults")
        caught.value.close()


def test_faults_over_http() -> None:
    with program("--faults") as (_process, line):
        url = line.split()[4]
        client = Client(url, "practice", "admin", "admin")
        fetch(f"{url}/practice/faults", json.dumps({"kind": "access_denied", "method": "read"}).encode())
        assert [fault["kind"] for fault in json.loads(fetch(f"{url}/practice/faults"))] == ["access_denied"]
        assert client.fault("res.partner", "read", [1], ["name"]) == (3, "Access Denied")
        fetch(f"{url}/practice/faults", json.dumps({"kind": "http_500", "times": 5}).encode())
        fetch(f"{url}/practice/faults", method="DELETE")
        assert json.loads(fetch(f"{url}/practice/faults")) == []
        assert json.loads(fetch(f"{url}/practice/calls")) == {"authenticate": 1, "res.partner.read": 1}
        with pytest.raises(urllib.error.HTTPError) as caught:
            fetch(f"{url}/practice/faults", b'{"kind": "nope"}')
        with caught.value as answer:
            assert b"Unknown kind of fault" in answer.read()


class TestData:
    def test_records_are_kept_in_the_file(self, tmp_path: Path) -> None:
        path = tmp_path / "odoo.sqlite"
        with PracticeOdoo(seed_records=30, data=path) as odoo:
            record = odoo.execute("res.partner", "create", {"name": "kept", "category_id": [(4, 1)]})
        with PracticeOdoo(seed_records=99, data=path) as odoo:
            assert odoo.execute("res.partner", "read", [record], ["name", "category_id"]) == [
                {"id": record, "name": "kept", "category_id": [1]}
            ]
            assert odoo.execute("res.partner", "search_count", [("ref", "=like", "C%")]) == 30

    def test_two_of_the_same_size_hold_the_same(self) -> None:
        held: list[Any] = []
        for _ in range(2):
            with PracticeOdoo(seed_records=40) as odoo:
                names = ["name", "ref", "email", "country_id", "child_ids", "category_id"]
                orders = odoo.execute(
                    "sale.order", "search_read", [], ["name", "client_order_ref", "amount_total"]
                )
                held.append((odoo.execute("res.partner", "search_read", [], names), orders))
        assert held[0] == held[1]

    def test_an_id_is_never_given_twice(self, practice: PracticeOdoo) -> None:
        first = practice.execute("res.partner", "create", {"name": "x"})
        practice.execute("res.partner", "unlink", [first])
        assert practice.execute("res.partner", "create", {"name": "x"}) > first

    def test_a_call_is_a_transaction(self, practice: PracticeOdoo, client: Client) -> None:
        name = unique()
        with pytest.raises(Fault):
            client.call(
                "res.partner",
                "create",
                {"name": name, "child_ids": [(0, 0, {"name": "a"}), (0, 0, {"type": "x"})]},
            )
        assert practice.execute("res.partner", "search_count", [("name", "in", [name, "a"])]) == 0


class TestPage:
    def test_the_last_changed_contact_comes_first(self, practice: PracticeOdoo) -> None:
        record = practice.execute("res.partner", "create", {"name": "<b>Ré", "city": "Ghent"})
        text = fetch(practice.url)
        assert "<title>Practice Odoo</title>" in text
        first = text.index(f'href="/practice/partner/{record}"')
        assert first == text.index('href="/practice/partner/')
        assert "&lt;b&gt;Ré" in text

    def test_a_person_changes_a_contact(self, practice: PracticeOdoo) -> None:
        record = practice.execute("res.partner", "create", {"name": "Before", "phone": "1"})
        url = f"{practice.url}/practice/partner/{record}"
        assert 'value="Before"' in fetch(url)
        form = urllib.parse.urlencode(
            {"name": "After é", "email": "a@b.example", "phone": "", "city": "Ghent"}
        )
        assert "After é" in fetch(url, form.encode())
        assert practice.execute("res.partner", "read", [record], ["name", "email", "phone", "city"]) == [
            {"id": record, "name": "After é", "email": "a@b.example", "phone": False, "city": "Ghent"}
        ]

    def test_a_refusal_is_shown(self, practice: PracticeOdoo) -> None:
        record = practice.execute("res.partner", "create", {"name": "Before"})
        with pytest.raises(urllib.error.HTTPError) as caught:
            fetch(f"{practice.url}/practice/partner/{record}", b"name=&city=x")
        with caught.value as answer:
            assert answer.code == 400
            assert "Contacts require a name" in answer.read().decode()

    @pytest.mark.parametrize(
        "path", ["/nothing", "/practice/partner/99999999", "/practice/partner/x", "/practice/calls"]
    )
    def test_other_paths_are_not_found(self, practice: PracticeOdoo, path: str) -> None:
        with pytest.raises(urllib.error.HTTPError) as caught:
            fetch(practice.url + path)
        with caught.value as answer:
            assert answer.code == 404
