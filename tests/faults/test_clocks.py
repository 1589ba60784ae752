"""Row 19: clocks that are ten minutes apart, and the hour that summer time gives and takes."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from synchub.torture import programs
from synchub.torture.waiting import until
from tests.faults.clocks import Clock, restarted
from tests.faults.sides import Side
from tests.faults.stack import LEASE, PULL_EVERY, Stack
from tests.faults.test_worker import CREATES

TEN_MINUTES = 600
EVERYBODY = ("web", "worker", "beat")


@contextmanager
def clocks(stack: Stack, given: Mapping[str, Clock]) -> Iterator[None]:
    right = [restarted(getattr(stack, name), clock, stack.folder) for name, clock in given.items()]
    try:
        stack.whole()
        yield
    finally:
        for start in right:
            start()
        stack.whole()


def pulled(stack: Stack, side: Side, prefix: str, city: str) -> None:
    """What is changed in Odoo comes within an interval or so."""
    [partner] = side.in_odoo(prefix)
    side.execute("res.partner", "write", [partner["id"]], {"city": city})
    until(
        lambda: stack.api.get(f"{side.endpoint}/{prefix}0").body["city"] == city,
        "it is pulled",
        2 * PULL_EVERY + 5,
    )


SOON = 60.0  # seconds, on a busy machine as well: no wrong clock is off by so little
WRONG = {
    "worker ahead of beat": {
        "worker": Clock(TEN_MINUTES, zone="Asia/Tokyo"),
        "beat": Clock(zone="America/New_York"),
    },
    "worker behind": {"worker": Clock(-TEN_MINUTES), "beat": Clock()},
    "web ahead": {"web": Clock(TEN_MINUTES)},
    "summer time ends": {
        name: Clock(start="2026-10-25T00:59:57+00:00", zone="Europe/Brussels") for name in EVERYBODY
    },
    "summer time begins": {
        name: Clock(start="2027-03-28T00:59:57+00:00", zone="Europe/Brussels") for name in EVERYBODY
    },
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_nothing_that_is_scheduled_is_missed(
    stack: Stack, practice: Side, prefix: str, wrong: dict[str, Clock]
):
    with clocks(stack, wrong):
        stack.post(practice, {"customer_id": f"{prefix}0", "name": "Ada"})
        stack.arrived(practice, prefix, ["Ada"], SOON)
        pulled(stack, practice, prefix, "Ghent")


@pytest.mark.parametrize("off", [TEN_MINUTES, -TEN_MINUTES])
def test_a_lease_is_neither_cut_short_nor_prolonged(stack: Stack, practice: Side, prefix: str, off: int):
    second = programs.worker("second", {**stack.env, **Clock(off).env(stack.folder)}, stack.folder)
    ready = second.says().count("ready.")
    stack.guest(second)
    until(lambda: second.says().count("ready.") > ready, "a worker with another clock is at work")
    second.signal(signal.SIGSTOP)
    hold = practice.way.hold(CREATES, answer_only=True)
    stack.post(practice, {"customer_id": f"{prefix}0", "name": "Ada"})
    hold.wait()
    [[left]] = stack.sql("SELECT extract(epoch FROM max(lease_until) - now())::float FROM endpoints_change")
    assert 0 < left <= LEASE
    stack.worker.kill()
    hold.drop()
    second.signal(signal.SIGCONT)
    # The dead worker's lease is over in its own time, and its work goes on.
    stack.arrived(practice, prefix, ["Ada"], LEASE + 12)


@pytest.mark.parametrize("off", [TEN_MINUTES, -TEN_MINUTES])
def test_a_worker_whose_clock_is_wrong_holds_its_lease_while_it_lives(
    stack: Stack, practice: Side, prefix: str, off: int
):
    with clocks(stack, {"worker": Clock(off)}):
        # Longer than a lease, shorter than the patience with Odoo.
        stack.sql("UPDATE mappings_connection SET read_timeout = 20 WHERE name = 'practice'")
        try:
            second = stack.guest(programs.worker("second", stack.env, stack.folder))
            hold = practice.way.hold(CREATES, answer_only=True)
            stack.post(practice, {"customer_id": f"{prefix}0", "name": "Ada"})
            hold.wait()
            [[token]] = stack.sql("SELECT claim_token FROM endpoints_change WHERE state = 'claimed'")
            swept = second.says().count("tasks.sweep[") + LEASE + 2
            until(lambda: second.says().count("tasks.sweep[") > swept, "others look for what is free")
            assert stack.sql("SELECT claim_token FROM endpoints_change WHERE state = 'claimed'") == [(token,)]
            hold.let_go()
            stack.arrived(practice, prefix, ["Ada"])
        finally:
            stack.sql("UPDATE mappings_connection SET read_timeout = 3 WHERE name = 'practice'")
