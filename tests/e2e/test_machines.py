"""Workers of two machines on one PostgreSQL and one Redis: to Odoo they are one caller, with one caller's limits."""

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.odoo import PracticeOdoo, rpc
from synchub.torture import programs
from synchub.torture.waiting import until
from tests.e2e.stack import Stack

# More than one worker takes at once: two that it works on and two that it keeps ready.
ENDPOINTS = ("north", "east", "south", "west", "up", "down")
EACH, BATCH = 40, 20
_HEAD = """
connections:
  - {{name: practice, url: "{url}", database: practice, login: admin, secret: admin}}
mappings:
"""
_MAPPING = """
  - name: {name}
    connection: practice
    model: res.partner
    lines:
      - {{{{key: customer_id, field: ref, identifier: true}}}}
      - {{{{key: name, field: name, required: true}}}}
"""
_ENDPOINT = """
  - name: {name}
    mapping: {name}
    domain: "[('ref', '=like', '{name}-%')]"
    keys: [{{{{name: test, token: {{token}}}}}}]
    pull: {{{{every: {{every}}}}}}
    rate_limits: null
"""
CONFIG = (
    _HEAD
    + "".join(_MAPPING.format(name=name) for name in ENDPOINTS)
    + "\nendpoints:\n"
    + "".join(_ENDPOINT.format(name=name) for name in ENDPOINTS)
)


class _Door(rpc.Database):
    """Counts the calls about records that are under way, from when one is read until it is to be answered."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._counting = threading.Lock()
        self.forget()

    def forget(self) -> None:
        with self._counting:
            self.under_way = self.most = 0
            self.began: list[float] = []

    def note(self, request: rpc.Request) -> None:
        super().note(request)
        if request.model:
            with self._counting:
                self.under_way += 1
                self.most = max(self.most, self.under_way)
                self.began.append(time.monotonic())

    def answer(self, request: rpc.Request) -> Any:
        try:
            return super().answer(request)
        finally:
            if request.model:
                with self._counting:
                    self.under_way -= 1


class _Odoo(PracticeOdoo):
    """One whose door is watched."""

    def __init__(self) -> None:
        super().__init__(seed_records=0)
        self.door = _Door(self._store, self.database, {self.login: self.password})
        self._door = self._server.database = self.door


@pytest.fixture(scope="module")
def _hub() -> Iterator[Stack]:
    folder = Path(tempfile.mkdtemp(prefix="hub-machines-"))
    with _Odoo() as odoo:
        stack = Stack(odoo, folder, CONFIG)
        stack.env["HUB_PUSH_BATCH"] = str(BATCH)
        stack.worker = programs.worker("worker-a", stack.env, folder, machine="machine-a")
        try:
            stack.start()
            stack.guest(programs.worker("worker-b", stack.env, folder, machine="machine-b"))
            until(
                lambda: all(" ready." in worker.says() for worker in _workers(stack)),
                "both workers are ready",
            )
            until(lambda: stack.first_pulls_ended() == len(ENDPOINTS), "the first pulls have ended")
            yield stack
        finally:
            stack.remove()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def hub(_hub: Stack) -> Iterator[Stack]:
    yield _hub
    _hub.odoo.faults.clear()


def _workers(stack: Stack) -> list[programs.Program]:
    return [stack.worker, *stack.guests]


def _push(stack: Stack, prefix: str, *, concurrency: int, rate: float | None, seconds: float) -> _Door:
    """Have all endpoints pushed by both machines, each call taking so long. What Odoo saw of it."""
    odoo = stack.odoo
    assert isinstance(odoo, _Odoo)
    stack.sql("UPDATE mappings_connection SET concurrency = %s, rate_per_second = %s", concurrency, rate)
    before = [_pushes(worker) for worker in _workers(stack)]
    odoo.door.forget()
    with odoo.faults.hold("slow", times=-1):
        for name in ENDPOINTS:
            sent = [{"customer_id": f"{name}-{prefix}{n}", "name": f"Partner {n}"} for n in range(EACH)]
            answer = stack.api.post(sent, name)
            assert answer.status == 201, answer
        until(
            lambda: all(_pushes(worker) > was for worker, was in zip(_workers(stack), before, strict=True)),
            "both machines have something to push",
        )
        odoo.faults.clear()
        odoo.faults.arm("slow", times=-1, seconds=seconds)
    until(
        lambda: all(stack.states(f"{name}-{prefix}", name) == {"applied": EACH} for name in ENDPOINTS),
        "all is in Odoo",
        pause=0.2,
    )
    found = [stack.in_odoo(f"{name}-{prefix}") for name in ENDPOINTS]
    assert [(len(one), set(one.values())) for one in found] == [(EACH, {1})] * len(ENDPOINTS)
    return odoo.door


def _pushes(worker: programs.Program) -> int:
    return worker.says().count("Task synchub.sync.tasks.push[")


def test_two_machines_make_no_more_calls_at_once_than_the_connection_allows(hub: Stack):
    assert _push(hub, "C", concurrency=2, rate=None, seconds=0.15).most == 2


def test_two_machines_start_no_more_calls_a_second_than_the_connection_allows(hub: Stack):
    began = _push(hub, "R", concurrency=8, rate=10, seconds=0.02).began
    assert len(began) > 20
    # Between its start and Odoo's door a call may lose a moment, the first more than the last. Each machine by itself would be
    # done in half the time.
    assert began[-1] - began[0] >= (len(began) - 1) / 10 - 1
