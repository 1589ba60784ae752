"""Faults on demand: what the client sees, and what has happened in the database all the same."""

import http.client
import threading
import time
import urllib.error
import urllib.request
from xmlrpc.client import Fault, dumps, loads

import pytest

from demo.odoo import PracticeOdoo
from demo.odoo.faults import KINDS
from tests.demo.client import last_line, unique


def send(odoo: PracticeOdoo, method: str, *args: object, timeout: float = 30) -> bytes:
    """One attempt. (`xmlrpc.client` by itself makes a second one where the connection drops.)"""
    call = (odoo.database, 2, odoo.password, "res.partner", method, list(args))
    request = urllib.request.Request(f"{odoo.url}/xmlrpc/2/object", dumps(call, "execute_kw").encode())
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        body: bytes = answer.read()
        return body


def create(odoo: PracticeOdoo, name: str, timeout: float = 30) -> int:
    (result,), _method = loads(send(odoo, "create", {"name": name}, timeout=timeout))
    return int(str(result))


def count(odoo: PracticeOdoo, name: str) -> int:
    return int(odoo.execute("res.partner", "search_count", [("name", "=", name)]))


def caught(odoo: PracticeOdoo, name: str, timeout: float = 30) -> Exception:
    with pytest.raises(Exception) as trouble:
        create(odoo, name, timeout)
    error = trouble.value
    if isinstance(error, urllib.error.HTTPError):
        error.close()
    return error


class TestNothingIsDone:
    @pytest.mark.parametrize(
        "kind", ["http_500", "http_502_html", "drop_before", "away", "garbage", "access_denied", "no_right"]
    )
    def test_and_the_next_call_goes_well(self, practice: PracticeOdoo, kind: str) -> None:
        name = unique()
        practice.faults.arm(kind, method="create")
        caught(practice, name)
        assert count(practice, name) == 0
        assert practice.faults.listed() == []
        create(practice, name)
        assert count(practice, name) == 1

    def test_a_server_error_and_a_proxy_s_page(self, practice: PracticeOdoo) -> None:
        practice.faults.arm("http_500")
        practice.faults.arm("http_502_html")
        for status in (500, 502):
            error = caught(practice, unique())
            assert isinstance(error, urllib.error.HTTPError)
            assert error.code == status

    def test_a_dropped_connection(self, practice: PracticeOdoo) -> None:
        practice.faults.arm("drop_before")
        assert isinstance(caught(practice, unique()), http.client.RemoteDisconnected)

    def test_no_connection_at_all(self, practice: PracticeOdoo) -> None:
        practice.faults.arm("away")
        assert isinstance(caught(practice, unique()), OSError)
        assert practice.calls == []

    def test_a_serialization_failure(self, practice: PracticeOdoo) -> None:
        practice.faults.arm("serialization", times=2)
        for _ in range(2):
            error = caught(practice, unique())
            assert isinstance(error, Fault)
            assert error.faultCode == 1
            assert last_line(error.faultString) == (
                "psycopg2.errors.SerializationFailure: could not serialize access due to concurrent update"
            )
        create(practice, unique())

    def test_a_serialization_failure_among_the_messages_of_load(self, practice: PracticeOdoo) -> None:
        practice.faults.arm("load_serialization", method="load")
        name = unique()
        (answer,), _method = loads(send(practice, "load", ["name"], [[name]]))
        assert isinstance(answer, dict)
        assert answer["ids"] is False
        assert "could not serialize access" in answer["messages"][0]["message"]
        assert count(practice, name) == 0

    def test_a_refused_login(self, practice: PracticeOdoo) -> None:
        practice.faults.arm("access_denied")
        error = caught(practice, unique())
        assert isinstance(error, Fault)
        assert (error.faultCode, error.faultString) == (3, "Access Denied")

    def test_a_huge_answer(self, practice: PracticeOdoo) -> None:
        practice.faults.arm("huge", megabytes=3)
        assert len(send(practice, "search", [])) > 3_000_000


class TestItIsDone:
    @pytest.mark.parametrize("kind", ["half_answer", "drop_after_commit", "cannot_marshal"])
    def test_but_the_answer_does_not_say_so(self, practice: PracticeOdoo, kind: str) -> None:
        name = unique()
        practice.faults.arm(kind, method="create")
        error = caught(practice, name)
        assert count(practice, name) == 1
        if kind == "half_answer":
            assert isinstance(error, http.client.IncompleteRead)
        elif kind == "drop_after_commit":
            assert isinstance(error, http.client.RemoteDisconnected)
        else:
            assert isinstance(error, Fault)
            assert (
                last_line(error.faultString) == "TypeError: cannot marshal None unless allow_none is enabled"
            )

    def test_and_the_answer_comes_too_late(self, practice: PracticeOdoo) -> None:
        name = unique()
        practice.faults.arm("hang_after_commit", seconds=30)
        assert isinstance(caught(practice, name, timeout=0.3), OSError)
        assert count(practice, name) == 1

    def test_slowly(self, practice: PracticeOdoo) -> None:
        practice.faults.arm("slow", seconds=0.3)
        before = time.monotonic()
        create(practice, unique())
        assert time.monotonic() - before >= 0.3

    def test_with_the_date_of_its_start_though_it_comes_into_sight_later(
        self, practice: PracticeOdoo
    ) -> None:
        late, early = unique("late"), unique("early")
        thread = threading.Thread(target=create, args=(practice, late))
        with practice.faults.hold("late_commit", method="create") as call:
            thread.start()
            call.wait()
            create(practice, early)
            assert count(practice, late) == 0
        thread.join()
        names = practice.execute("res.partner", "search", [("name", "in", [late, early])], order="write_date")
        rows = practice.execute("res.partner", "read", names, ["name"])
        assert [row["name"] for row in rows] == [late, early]


def test_faults_meet_the_calls_they_are_meant_for(practice: PracticeOdoo) -> None:
    practice.faults.arm("http_500", model="res.partner", method="create")
    practice.faults.arm("http_500", model="res.country")
    send(practice, "search", [])
    assert isinstance(caught(practice, unique()), urllib.error.HTTPError)
    create(practice, unique())
    assert [fault["model"] for fault in practice.faults.listed()] == ["res.country"]
    practice.faults.clear()
    assert practice.faults.listed() == []


def test_a_fault_may_last_until_it_is_cleared(practice: PracticeOdoo) -> None:
    practice.faults.arm("http_500", times=-1)
    for _ in range(3):
        caught(practice, unique())
    practice.faults.clear()
    create(practice, unique())


def test_an_unknown_kind_is_refused(practice: PracticeOdoo) -> None:
    with pytest.raises(ValueError, match="Unknown kind of fault: 'nope'"):
        practice.faults.arm("nope")
    assert len(KINDS) == 16


def test_calls_are_counted_by_what_they_carry(practice: PracticeOdoo) -> None:
    name = unique()
    send(practice, "create", [{"name": name}, {"name": name}])
    send(practice, "load", ["name"], [["a"], ["b"], ["c"]])
    send(practice, "search", [])
    assert practice.calls == [
        ("res.partner", "create", 2),
        ("res.partner", "load", 3),
        ("res.partner", "search", 0),
    ]
    assert practice.calls.count_of("res.partner", "create") == 1
    assert practice.calls.counts() == {
        "res.partner.create": 1,
        "res.partner.load": 1,
        "res.partner.search": 1,
    }
    practice.execute("res.partner", "search", [])
    assert len(practice.calls) == 3
