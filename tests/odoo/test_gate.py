"""How many calls at once, how many in a second."""

import os
import threading

import pytest

from synchub.errors import OdooRetryable
from synchub.odoo import LocalGate, OdooClient, local_gate
from tests.odoo.servers import Server, answer


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_no_more_than_so_many_at_once() -> None:
    gate = LocalGate(2, max_wait=0.01)
    with gate(), gate(), pytest.raises(OdooRetryable, match="busy"), gate():
        pass
    with gate():
        pass


def test_under_load_the_number_inside_never_exceeds_the_limit() -> None:
    gate = LocalGate(3)
    lock = threading.Lock()
    inside, most = 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(50):
            with gate():
                with lock:
                    inside += 1
                    most = max(most, inside)
                with lock:
                    inside -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most <= 3
    assert inside == 0


def test_starts_are_spaced() -> None:
    clock = Clock()
    gate = LocalGate(1, 4, clock=clock, sleep=clock.sleep)
    starts = []
    for _ in range(4):
        with gate():
            starts.append(clock.now)
    assert starts == [100.0, 100.25, 100.5, 100.75]
    clock.now = 200.0  # a pause earns no burst
    for _ in range(2):
        with gate():
            starts.append(clock.now)
    assert starts[4:] == [200.0, 200.25]


def test_who_would_wait_too_long_for_a_turn_is_told_so_and_takes_none() -> None:
    clock = Clock()
    gate = LocalGate(1, 0.1, max_wait=5, clock=clock, sleep=clock.sleep)
    with gate():
        pass
    for _ in range(3):
        with pytest.raises(OdooRetryable, match="busy"), gate():
            pass
    clock.now += 5
    with gate():
        assert clock.now == 110.0


def test_a_place_is_given_back_after_an_error() -> None:
    gate = LocalGate(1, max_wait=0.01)
    for _ in range(3):
        with pytest.raises(KeyError), gate():
            raise KeyError


def test_a_gate_that_nobody_may_pass() -> None:
    for concurrency, rate in ((0, None), (1, 0.0)):
        with pytest.raises(ValueError, match="nobody"):
            LocalGate(concurrency, rate)


def test_one_gate_for_each_connection_until_its_limits_change() -> None:
    gate = local_gate("test:a", 2)
    assert local_gate("test:a", 2) is gate
    assert local_gate("test:b", 2) is not gate
    assert local_gate("test:a", 3) is not gate
    assert local_gate("test:a", 3, 5.0).rate_per_second == 5.0


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_place_taken_in_the_parent_is_free_in_the_child() -> None:
    gate = local_gate("test:fork", 1)
    gate._max_wait = 0.01
    with gate():
        child = os.fork()
        if child == 0:
            status = 1
            try:
                with local_gate("test:fork", 1)():
                    status = 0
            finally:
                os._exit(status)
        assert os.waitpid(child, 0)[1] == 0
        with pytest.raises(OdooRetryable), gate():
            pass


def test_the_client_goes_through_its_gate_for_each_call() -> None:
    gate = LocalGate(1, max_wait=0.01)  # one place: the login must not be asked for inside of the call's own
    with Server(answer(1)) as server, OdooClient(server.access(), gate=gate) as client:
        assert client.execute("m", "f") == 1
        with gate(), pytest.raises(OdooRetryable, match="busy"):
            client.execute("m", "f")
        assert len(server.requests) == 1
