"""Rows 4 to 8 and 17: workers that are killed, stopped or told to end at each instant of a push, and one too many of them."""

import os
import signal
from collections.abc import Callable

import pytest
from celery import Celery

from synchub.torture import programs
from synchub.torture.waiting import PATIENCE, until
from synchub.torture.ways import Hold
from tests.faults.sides import Side
from tests.faults.stack import Stack

CREATES, WRITES = b"<string>load</string>", b"<string>write</string>"
NAMES = [f"Partner {number}" for number in range(20)]


def post(stack: Stack, side: Side, prefix: str) -> None:
    stack.post(side, *[{"customer_id": f"{prefix}{n}", "name": name} for n, name in enumerate(NAMES)])


def kill_worker(stack: Stack) -> None:
    stack.worker.kill()


def kill_pool(stack: Stack) -> None:
    children = stack.worker.below()
    assert children
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def struck(stack: Stack, hold: Hold, strike: Callable[[Stack], None]) -> None:
    strike(stack)
    hold.drop()
    stack.whole()


@pytest.mark.parametrize("strike", [kill_worker, kill_pool])
def test_killed_after_the_claim_and_before_any_call(stack: Stack, side: Side, prefix: str, strike):
    hold = side.way.hold(prefix.encode())  # the first that Odoo hears of these records
    post(stack, side, prefix)
    hold.wait()
    assert stack.states_of(prefix) == {"claimed": len(NAMES)}
    struck(stack, hold, strike)
    stack.arrived(side, prefix, NAMES)


@pytest.mark.parametrize("strike", [kill_worker, kill_pool])
def test_killed_during_the_call(stack: Stack, side: Side, prefix: str, strike):
    stack.odoo.faults.arm("slow", method="load", seconds=1)
    hold = side.way.hold(CREATES, answer_only=True)
    post(stack, side, prefix)
    assert hold.sent.wait(PATIENCE)
    struck(stack, hold, strike)
    stack.arrived(side, prefix, NAMES)


@pytest.mark.parametrize("strike", [kill_worker, kill_pool])
def test_killed_after_odoo_committed_and_before_the_settle(stack: Stack, side: Side, prefix: str, strike):
    hold = side.way.hold(CREATES, answer_only=True)
    post(stack, side, prefix)
    hold.wait()
    there = side.in_odoo(prefix)
    assert len(there) == len(NAMES)
    struck(stack, hold, strike)
    stack.arrived(side, prefix, NAMES)
    assert side.in_odoo(prefix) == there
    kept = stack.sql("SELECT odoo_id FROM endpoints_record WHERE external_id LIKE %s", f"{prefix}%")
    assert sorted(one["id"] for one in there) == sorted(odoo_id for (odoo_id,) in kept)


def test_killed_after_odoo_committed_a_change(stack: Stack, side: Side, prefix: str):
    stack.post(side, {"customer_id": f"{prefix}0", "name": "Ada"})
    stack.arrived(side, prefix, ["Ada"])
    hold = side.way.hold(WRITES, answer_only=True)
    assert stack.api.put(f"{side.endpoint}/{prefix}0", {"name": "Eva"}).status == 200
    hold.wait()
    # Meanwhile a person in Odoo goes on: what was sent must not be written over it again.
    [partner] = side.in_odoo(prefix)
    side.execute("res.partner", "write", [partner["id"]], {"city": "Ghent"})
    struck(stack, hold, kill_worker)
    stack.arrived(side, prefix, ["Eva"])
    assert [one["city"] for one in side.in_odoo(prefix, "city")] == ["Ghent"]


def test_told_to_stop_in_a_batch(stack: Stack, side: Side, prefix: str):
    hold = side.way.hold(CREATES, answer_only=True)
    post(stack, side, prefix)
    hold.wait()
    heard = stack.worker.says().count("Warm shutdown")
    os.kill(stack.worker.pid, signal.SIGTERM)
    until(lambda: stack.worker.says().count("Warm shutdown") > heard, "it has heard")
    assert stack.worker.runs
    hold.let_go()
    assert stack.worker.ended(30) == 0
    # It has ended its task first.
    assert stack.states_of(prefix) == {"applied": len(NAMES)}
    stack.arrived(side, prefix, NAMES)


def test_stopped_past_its_lease_and_resumed(stack: Stack, side: Side, prefix: str):
    hold = side.way.hold(CREATES, answer_only=True)
    post(stack, side, prefix)
    hold.wait()
    stack.worker.signal(signal.SIGSTOP)
    try:
        ended = pushes_ended(stack)
        stack.guest(programs.worker("second", stack.env, stack.folder))
        stack.arrived(side, prefix, NAMES)
        settled = stack.changes(prefix)
    finally:
        stack.worker.signal(signal.SIGCONT)
    hold.let_go()
    until(lambda: pushes_ended(stack) > ended, "the first worker has ended its task")
    assert stack.changes(prefix) == settled
    stack.arrived(side, prefix, NAMES)


def pushes_ended(stack: Stack) -> int:
    return sum("tasks.push[" in line and "succeeded" in line for line in stack.worker.says().splitlines())


def test_ten_times_the_same_task_at_once(stack: Stack, side: Side, prefix: str):
    second = stack.guest(programs.worker("second", stack.env, stack.folder))
    until(lambda: "ready." in second.says(), "a second worker is at work")
    before = stack.odoo.calls.count_of("res.partner", "load")
    hold = side.way.hold(CREATES, answer_only=True)
    post(stack, side, prefix)
    hold.wait()
    [[endpoint]] = stack.sql("SELECT id FROM endpoints_endpoint WHERE name = %s", side.endpoint)
    with Celery(broker=stack.redis_url, set_as_current=False) as sender:
        for _ in range(10):
            sender.send_task("synchub.sync.tasks.push", args=[endpoint], queue="push")
    until(lambda: stack.redis.llen("push") == 0, "all are taken")
    hold.let_go()
    stack.arrived(side, prefix, NAMES)
    if side.name == "practice":
        assert stack.odoo.calls.count_of("res.partner", "load") == before + 1
