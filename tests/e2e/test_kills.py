"""Many records and a worker that dies in the middle, twice; for single faults see `tests/faults`."""

from synchub.torture.waiting import until
from tests.e2e.conftest import RECORDS
from tests.e2e.stack import Stack

ARRAY = 500


def post_all(stack: Stack, prefix: str, count: int) -> None:
    for start in range(0, count, ARRAY):
        numbers = range(start, min(start + ARRAY, count))
        answer = stack.api.post([{"customer_id": f"{prefix}-{n}", "name": f"Partner {n}"} for n in numbers])
        assert (answer.status, answer.body["count"]) == (201, len(numbers)), answer


def test_a_worker_killed_twice_in_the_middle_loses_and_doubles_nothing(stack: Stack):
    stack.odoo.faults.arm("slow", times=-1, method="load", seconds=0.3)
    post_all(stack, "KILL", RECORDS)
    for part in (RECORDS // 4, RECORDS // 2):
        _wait_for(stack, "KILL", part)
        stack.worker.kill()
        assert len(stack.in_odoo("KILL")) < RECORDS, "it was killed too late to prove anything"
        stack.worker.start()
    stack.arrived("KILL", RECORDS, 60 + RECORDS / 50)
    runs = stack.sql("SELECT state, seen, changed, failed FROM endpoints_run WHERE kind = 'push'")
    # Those of the killed workers are shown as interrupted once they have given no sign for a while.
    assert sum(changed for _, _, changed, _ in runs) >= RECORDS / 2
    assert all(failed == 0 for *_, failed in runs)


def _wait_for(stack: Stack, prefix: str, count: int) -> None:
    until(lambda: len(stack.in_odoo(prefix)) >= count, f"{count} of {prefix} are in Odoo", 300, 0.1)
