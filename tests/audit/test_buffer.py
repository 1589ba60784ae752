"""Requests that are written to the audit log by a thread of its own."""

import logging
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from synchub.audit.buffer import Buffer
from synchub.audit.log import Answer, Row, insert
from synchub.audit.models import Exchange


def row(**facts: object) -> Callable[[], Row]:
    return lambda: Row(**{"direction": "in", "method": "GET", "target": "/x"} | facts)  # type: ignore[arg-type]


@pytest.fixture
def running(transactional_db: None) -> Iterator[Buffer]:
    buffer = Buffer()
    yield buffer
    buffer.close()


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_is_read_is_in_the_log_a_second_later(running: Buffer):
    for _ in range(3):
        running.add(row())
    until(lambda: Exchange.objects.count() == 3)


def test_a_thousand_are_written_in_a_few_statements(transactional_db: None, django_assert_num_queries):
    buffer = Buffer()
    buffer.in_background = False
    for number in range(1000):
        buffer.add(row(target=f"/{number}"))
    with django_assert_num_queries(2):
        buffer.flush()
    assert Exchange.objects.count() == 1000
    assert Exchange.objects.latest("id").target == "/999"


def test_an_answer_is_added_to_its_write(db: None):
    [one] = insert([row(method="POST", status="accepted")()])
    buffer = Buffer()
    buffer.in_background = False
    buffer.add(lambda: Answer(one, "201", False, 7, 30, "{}", "X1"))
    buffer.flush()
    found = Exchange.objects.get()
    assert (found.status, found.milliseconds, found.response, found.record) == ("201", 7, "{}", "X1")


class TestTheDatabaseIsAway:
    @pytest.fixture
    def away(self, transactional_db: None):
        """New connections are refused, those that are there are cut off."""
        name = connection.settings_dict["NAME"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        connection.close()
        connection.settings_dict["PORT"], port = "9", connection.settings_dict["PORT"]
        yield lambda: connection.settings_dict.update(PORT=port)
        connection.settings_dict.update(PORT=port, NAME=name)
        connection.close()

    def test_what_waits_is_written_when_it_is_back(self, away, caplog):
        buffer = Buffer()
        buffer.in_background = False
        buffer.add(row(target="/first"))
        with caplog.at_level(logging.WARNING):
            buffer.flush()
        assert "waits for the database" in caplog.text
        buffer.add(row(target="/second"))
        away()
        buffer.flush()
        assert list(Exchange.objects.order_by("id").values_list("target", flat=True)) == ["/first", "/second"]

    def test_nobody_waits_and_what_finds_no_room_is_counted(self, away, caplog, monkeypatch):
        monkeypatch.setattr("synchub.audit.buffer.WARN_EVERY", 0)
        buffer = Buffer(room=10)
        buffer.in_background = False
        started = time.monotonic()
        for _ in range(25):
            buffer.add(row())
        assert time.monotonic() - started < 1
        away()
        with caplog.at_level(logging.WARNING):
            buffer.flush()
        assert Exchange.objects.count() == 10
        assert "15 requests are not in the audit log" in caplog.text


def test_what_cannot_be_written_stops_nobody_else(transactional_db: None, caplog):
    buffer = Buffer()
    buffer.in_background = False
    buffer.add(row(method="x" * 1000))
    buffer.flush()
    buffer.add(row())
    buffer.flush()
    assert Exchange.objects.count() == 1
    assert "1 requests could not be written" in caplog.text


def test_a_forked_process_writes_its_own_and_no_other(transactional_db: None):
    buffer = Buffer()
    buffer.in_background = False
    buffer.add(row(target="/parent"))
    code = _forked(buffer)
    assert code == 0
    buffer.flush()
    assert sorted(Exchange.objects.values_list("target", flat=True)) == ["/parent"]


def _forked(buffer: Buffer) -> int:
    """0 where the child begins with nothing and has no thread."""
    child = os.fork()
    if child == 0:
        os._exit(len(buffer._entries) + (buffer._thread is not None))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_process_that_ends_has_written_everything(transactional_db: None):
    program = """
        import os, django
        django.setup()
        from django.db import connection
        connection.settings_dict["NAME"] = os.environ["TEST_NAME"]
        from synchub.audit.buffer import BUFFER
        from synchub.audit.log import Row
        for n in range(3):
            BUFFER.add(lambda: Row(direction="in", method="GET", target="/last"))
    """
    # The thread's connection is one of its own, which is made from the settings.
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + str(connection.settings_dict["NAME"])
    environment = os.environ | {"DATABASE_URL": url, "TEST_NAME": str(connection.settings_dict["NAME"])}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], env=environment, capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert Exchange.objects.filter(target="/last").count() == 3


def test_many_threads_lose_nothing(running: Buffer):
    def add_many() -> None:
        for _ in range(200):
            running.add(row())

    threads = [threading.Thread(target=add_many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: Exchange.objects.count() == 1600)
    assert running.dropped == 0
