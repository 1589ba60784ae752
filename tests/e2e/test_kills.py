"""Programs that die or stand still at the worst moment: nothing is lost, nothing is doubled."""

import signal

from tests.e2e import processes
from tests.e2e.conftest import RECORDS
from tests.e2e.stack import NoAnswer, Stack
from tests.e2e.waiting import until

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


def test_a_worker_told_to_stop_in_a_batch_loses_nothing(stack: Stack):
    stack.odoo.faults.arm("slow", method="load", seconds=1.5)
    before = stack.odoo.calls.count_of("res.partner", "load")
    post_all(stack, "TERM", 300)
    until(lambda: stack.odoo.calls.count_of("res.partner", "load") > before, "a call to Odoo is under way")
    assert stack.worker.ask_to_stop(30) == 0
    stack.worker.start()
    stack.arrived("TERM", 300)


def test_a_worker_that_stood_still_past_its_lease_doubles_nothing(stack: Stack):
    stack.odoo.faults.arm("slow", method="load", seconds=1)
    before = stack.odoo.calls.count_of("res.partner", "load")
    finished = stack.worker.says().count("] succeeded in")
    post_all(stack, "STOP", 100)
    until(lambda: stack.odoo.calls.count_of("res.partner", "load") > before, "a call to Odoo is under way")
    stack.worker.signal(signal.SIGSTOP)
    try:
        stack.guest(processes.worker("second", stack.env, stack.folder))
        stack.arrived("STOP", 100)
        settled = stack.sql("SELECT max(settled_at) FROM endpoints_change")
    finally:
        stack.worker.signal(signal.SIGCONT)
    until(
        lambda: stack.worker.says().count("] succeeded in") > finished, "the first worker has ended its task"
    )
    assert stack.sql("SELECT max(settled_at) FROM endpoints_change") == settled
    stack.arrived("STOP", 100)


def test_a_web_server_killed_between_requests_keeps_what_it_answered(stack: Stack):
    accepted = 0
    for number in range(60):
        if number in (20, 40):
            stack.web.kill()
            stack.web.start()
        body = {"customer_id": f"WEB-{number}", "name": f"Partner {number}"}

        def once(body: dict[str, str] = body) -> int:
            try:
                return stack.api.post(body).status
            except NoAnswer:
                return 0

        # 409: it was accepted although its answer was lost.
        assert until(once, "the web server answers again") in (201, 409)
        accepted += 1
    stack.arrived("WEB", accepted)
