"""What an operator reads in a worker's log while PostgreSQL is away."""

import logging

import pytest
from django.db import OperationalError

from endpoints import wakeup
from synchub import celery
from synchub.sync import sweep, tasks

AWAY = 'connection failed: connection to server at "db" (10.0.0.2), port 5432 failed: Connection refused'


@pytest.fixture(autouse=True)
def _nothing_was_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(celery, "_given_up", {})


def test_a_task_says_once_that_the_database_is_away_and_once_that_it_is_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> None:
        raise OperationalError(f"{AWAY}\n\tIs the server running on that host?")

    monkeypatch.setattr(sweep, "sweep", away)
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            assert tasks.sweep.apply().failed()
    [told] = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert told.getMessage().endswith(AWAY)
    assert "synchub.sync.tasks.sweep" in told.getMessage()
    assert not any(one.exc_info for one in caplog.records)

    caplog.clear()
    monkeypatch.setattr(sweep, "sweep", lambda: None)
    monkeypatch.setattr(wakeup, "call_the_roll", lambda: None)
    for _ in range(2):
        assert tasks.sweep.apply().successful()
    [again] = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert again.getMessage() == "synchub.sync.tasks.sweep gets through again. It was given up 3 times."


def test_a_fault_of_the_hub_still_leaves_its_traceback(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sweep, "sweep", lambda: 1 / 0)
    assert tasks.sweep.apply().failed()
    assert any(one.exc_info and "ZeroDivisionError" in caplog.text for one in caplog.records)
