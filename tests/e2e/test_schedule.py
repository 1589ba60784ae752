"""What is scheduled happens once, however many schedulers there are."""

import math
import time

from tests.e2e import processes
from tests.e2e.stack import PULL_EVERY, Stack
from tests.e2e.waiting import until


def test_two_schedulers_make_one_pull_per_interval(stack: Stack):
    second = stack.guest(processes.beat("second-beat", stack.env, stack.folder))
    until(lambda: "start_due_pulls" in second.says(), "the second scheduler is at work")

    def pulled() -> int:
        # Each pull begins with one look at the newest `write_date`.
        return stack.odoo.calls.count_of("res.country", "search_read")

    begun, before = time.monotonic(), pulled()
    until(lambda: pulled() >= before + 2 * _calls_of_one_pull(stack), "two pulls of the countries")
    passed = time.monotonic() - begun
    assert pulled() - before <= (math.floor(passed / PULL_EVERY) + 1) * _calls_of_one_pull(stack)


def _calls_of_one_pull(stack: Stack) -> int:
    """The look, and one page: the countries fit in it, and nobody changes them."""
    return 2
