"""Rows 9 to 11: Redis and PostgreSQL that die, are emptied, are full, or give up a transaction."""

import signal
import time

import psycopg
import pytest

from synchub.torture.api import Answer, NoAnswer
from synchub.torture.waiting import until
from tests.faults.sides import Side
from tests.faults.stack import Stack
from tests.faults.test_worker import CREATES
from tests.faults.traps import failing

REFUSED = (
    "used memory > 'maxmemory'",
    "discarded because of previous errors",
)  # in a command, or in several as one
DISK_FULL, SERIALIZATION, DEADLOCK = "53100", "40001", "40P01"


def post(stack: Stack, prefix: str, number: int, name: str = "Ada") -> Answer:
    return stack.api.post({"customer_id": f"{prefix}{number}", "name": name}, key=f"{prefix}{number}")


def test_redis_killed(stack: Stack, practice: Side, prefix: str):
    stack.services.redis.kill()
    assert post(stack, prefix, 0).status == 201
    begun = time.monotonic()
    assert post(stack, prefix, 1).status == 201
    assert time.monotonic() - begun < 2, "a write does not wait for a Redis that is away"
    stack.services.start()
    assert post(stack, prefix, 2).status == 201
    stack.arrived(practice, prefix, ["Ada"] * 3)


def test_redis_emptied_under_the_programs(stack: Stack, practice: Side, prefix: str):
    hold = practice.way.hold(CREATES, answer_only=True)
    assert post(stack, prefix, 0).status == 201
    hold.wait()
    stack.redis.flushall()
    assert post(stack, prefix, 1).status == 201
    hold.let_go()
    stack.arrived(practice, prefix, ["Ada"] * 2)


def test_redis_full(stack: Stack, practice: Side, prefix: str):
    """Also where a worker takes a message in that moment, of which it can note nothing."""
    assert post(stack, prefix, 0).status == 201
    stack.arrived(practice, prefix, ["Ada"])
    stack.worker.signal(signal.SIGSTOP)
    try:
        until(lambda: stack.redis.llen("housekeeping"), "a message waits for the worker")
        stack.redis.config_set("maxmemory", 1)
        assert post(stack, prefix, 1).status == 201
        assert post(stack, prefix, 2).status == 201
    finally:
        stack.worker.signal(signal.SIGCONT)
    try:
        until(lambda: any(text in stack.worker.says() for text in REFUSED), "the worker was refused")
    finally:
        stack.redis.config_set("maxmemory", 0)
    stack.arrived(practice, prefix, ["Ada"] * 3)


def test_postgresql_killed_and_started_again(stack: Stack, practice: Side, prefix: str):
    hold = practice.way.hold(CREATES, answer_only=True)
    assert post(stack, prefix, 0).status == 201
    hold.wait()  # a batch is under way
    stack.services.crash_postgres()
    hold.let_go()
    for answer in (post(stack, prefix, 1), stack.api.get("partners")):
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) > 0
        assert set(answer.body) == {"message", "request_id"}
    stack.services.start()
    until(lambda: post(stack, prefix, 1).status in (201, 409), "it is accepted again")
    stack.arrived(practice, prefix, ["Ada"] * 2)


def test_postgresql_ends_every_session_at_once(stack: Stack, practice: Side, prefix: str):
    """As a restart does that takes no time: the next request finds a connection that is dead."""
    stack.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
              stack.name)  # fmt: skip
    until(lambda: post(stack, prefix, 0).status in (201, 409), "it is accepted", pause=0.5)
    stack.arrived(practice, prefix, ["Ada"])


@pytest.mark.parametrize("at_commit", [False, True], ids=["in the statement", "at the commit"])
@pytest.mark.parametrize("code", [SERIALIZATION, DEADLOCK])
def test_a_transaction_given_up_twice_passes(
    stack: Stack, practice: Side, prefix: str, code: str, at_commit: bool
):
    with failing(stack, code, 2, when="INSERT", at_commit=at_commit):
        assert post(stack, prefix, 0).status == 201
    stack.arrived(practice, prefix, ["Ada"])


@pytest.mark.parametrize("code", [SERIALIZATION, DEADLOCK, DISK_FULL])
@pytest.mark.parametrize("at_commit", [False, True], ids=["in the statement", "at the commit"])
def test_a_transaction_given_up_for_good_is_no_2xx(
    stack: Stack, practice: Side, prefix: str, code: str, at_commit: bool
):
    with failing(stack, code, 1000, when="INSERT", at_commit=at_commit):
        begun = time.monotonic()
        answer = post(stack, prefix, 0)
        assert time.monotonic() - begun < 10
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) > 0
        [[tries]] = stack.sql("SELECT last_value FROM trap_count")
        assert 1 <= tries <= 5
    assert stack.states_of(prefix) == {}
    assert post(stack, prefix, 0).status == 201
    stack.arrived(practice, prefix, ["Ada"])


def test_a_change_and_a_deletion_are_tried_again_too(stack: Stack, practice: Side, prefix: str):
    for number in range(2):
        assert post(stack, prefix, number).status == 201
    stack.arrived(practice, prefix, ["Ada"] * 2)
    with failing(stack, DEADLOCK, 2, when="INSERT"):
        assert stack.api.put(f"partners/{prefix}0", {"name": "Eva"}).status == 200
    with failing(stack, DEADLOCK, 2, when="INSERT"):
        assert stack.api.delete(f"partners/{prefix}1").status == 200
    stack.arrived(practice, prefix, ["Eva"])


@pytest.mark.parametrize("code", [SERIALIZATION, DEADLOCK, DISK_FULL])
def test_a_worker_whose_settle_is_given_up_goes_on(stack: Stack, practice: Side, prefix: str, code: str):
    hold = practice.way.hold(CREATES, answer_only=True)
    assert post(stack, prefix, 0).status == 201
    hold.wait()
    with failing(stack, code, 2, when="UPDATE OF settled_at"):
        hold.let_go()
        until(lambda: stack.sql("SELECT is_called FROM trap_count")[0][0], "the settle was given up")
        until(lambda: not stack.claimed(prefix), "it is waiting again, or done")
        stack.due_now()
        stack.arrived(practice, prefix, ["Ada"])


def test_without_postgresql_for_a_while_everything_goes_on_by_itself(
    stack: Stack, practice: Side, prefix: str
):
    begun = stack.worker.pid, stack.beat.pid, stack.web.pid
    stack.services.crash_postgres()
    with pytest.raises(psycopg.OperationalError):
        stack.sql("SELECT 1")
    failed = stack.worker.says().count("OperationalError")
    until(
        lambda: stack.worker.says().count("OperationalError") > failed + 1,
        "what is scheduled has failed twice",
    )
    stack.services.start()
    until(lambda: _accepted(stack, prefix), "it is accepted again", pause=0.5)
    stack.arrived(practice, prefix, ["Ada"])
    assert (stack.worker.pid, stack.beat.pid, stack.web.pid) == begun
    assert all(program.runs for program in (stack.worker, stack.beat, stack.web))


def _accepted(stack: Stack, prefix: str) -> bool:
    try:
        return post(stack, prefix, 0).status in (201, 409)
    except NoAnswer:
        return False
