"""Rows 1 to 3: a web server that is killed around the commit. Its consumer has no answer, and sends the same again."""

from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from synchub.torture.api import Answer, NoAnswer
from tests.faults.sides import Side
from tests.faults.stack import Stack
from tests.faults.traps import commits_held

COMMITTED = b"COMMIT\0"  # what PostgreSQL says of it


class Consumer:
    """Sends one write, and the same one again where it was not answered."""

    def __init__(self, stack: Stack, prefix: str) -> None:
        self._stack, self._key = stack, f"{prefix}key"
        self._body = {"customer_id": f"{prefix}0", "name": "Ada"}
        self._pool = ThreadPoolExecutor(1)

    def send(self) -> "Future[Answer]":
        return self._pool.submit(self._stack.api.post, self._body, key=self._key)

    def sends_again(self, *, accepted_before: bool = True) -> None:
        answer = self._stack.api.post(self._body, key=self._key)
        assert (answer.status, answer.body["customer_id"]) == (201, self._body["customer_id"])
        assert ("idempotency-replayed" in answer.headers) == accepted_before


def kill_web(stack: Stack, sent: "Future[Answer]") -> None:
    stack.web.kill()
    with pytest.raises(NoAnswer):
        sent.result(timeout=60)


@pytest.mark.parametrize("postgres", ["notices", "commits all the same"])
def test_killed_before_the_commit(stack: Stack, practice: Side, prefix: str, postgres: str):
    consumer = Consumer(stack, prefix)
    with commits_held(stack) as held:
        sent = consumer.send()
        held.wait()
        kill_web(stack, sent)
        assert stack.states_of(prefix) == {}
        if postgres == "notices":
            held.roll_back()
    stack.whole()
    assert len(stack.changes(prefix)) == (0 if postgres == "notices" else 1)
    consumer.sends_again(accepted_before=postgres != "notices")
    stack.arrived(practice, prefix, ["Ada"])
    assert len(stack.changes(prefix)) == 1


def test_killed_after_the_commit_and_before_the_answer(stack: Stack, practice: Side, prefix: str):
    consumer = Consumer(stack, prefix)
    # The wake-up comes after the commit and before the answer; its own answer is held.
    hold = stack.web_to_redis.hold(b"LPUSH", answer_only=True)
    sent = consumer.send()
    hold.wait()
    kill_web(stack, sent)
    hold.drop()
    stack.whole()
    consumer.sends_again()
    stack.arrived(practice, prefix, ["Ada"])


def test_killed_between_the_commit_and_the_wake_up(stack: Stack, practice: Side, prefix: str):
    consumer = Consumer(stack, prefix)
    hold = stack.web_to_postgres.hold(COMMITTED, in_answers=True, after=b"INSERT INTO endpoints_keptanswer")
    sent = consumer.send()
    hold.wait()
    kill_web(stack, sent)
    hold.drop()
    # Nobody wakes a worker, and the web server is still away: the sweep finds it.
    stack.arrived(practice, prefix, ["Ada"], 30)
    stack.whole()
    consumer.sends_again()
    stack.arrived(practice, prefix, ["Ada"])
