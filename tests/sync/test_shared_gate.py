"""The limits of a connection hold over all processes together."""

import multiprocessing
import time
from typing import Any

import pytest

from synchub.errors import OdooRetryable
from synchub.odoo.gate import LocalGate
from synchub.redis_client import redis_if_there
from synchub.shared_gate import SharedGate, _Kept
from synchub.torture.waiting import until


@pytest.fixture
def key() -> Any:
    name = "a-test"
    _forget(name)
    yield name
    _forget(name)


def _forget(name: str) -> None:
    with redis_if_there() as redis:
        redis.delete(f"hub:gate:{name}", f"hub:gate:{name}:turn")


def _call(key: str, concurrency: int, rate: float | None, spans: Any) -> None:
    """Another process with limits of its own making: what it may do beyond them, the shared ones forbid."""
    gate = SharedGate(key, LocalGate(concurrency, rate))
    for _ in range(5):
        asked = time.monotonic()
        with gate():
            begun = time.monotonic()
            time.sleep(0.01)
            spans.append((asked, begun, time.monotonic()))


def _spans(
    key: str, concurrency: int, rate: float | None, processes: int
) -> list[tuple[float, float, float]]:
    context = multiprocessing.get_context("fork")
    with context.Manager() as manager:
        spans = manager.list()
        started = [
            context.Process(target=_call, args=(key, concurrency, rate, spans)) for _ in range(processes)
        ]
        for process in started:
            process.start()
        for process in started:
            process.join()
        return list(spans)


def test_never_more_calls_at_once_than_the_connection_allows(key: str):
    spans = _spans(key, 2, None, processes=5)
    assert len(spans) == 25
    assert max(sum(begun <= at < ended for _, begun, ended in spans) for _, at, _ in spans) <= 2


def test_calls_of_all_processes_start_no_faster_than_the_connection_allows(key: str):
    asked, begun, _ = zip(*_spans(key, 8, 50, processes=4), strict=True)
    # From before the first: a process may be late to note that it has begun.
    assert max(begun) - min(asked) >= 19 / 50 * 0.95


def test_a_place_whose_holder_died_is_free_again(key: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("synchub.shared_gate.HOLD", 0.3)
    with redis_if_there() as redis:
        redis.zadd(f"hub:gate:{key}", {"of-a-dead-worker": time.time() + 0.2})
    with SharedGate(key, LocalGate(1))():
        pass


def test_a_caller_that_finds_no_place_is_told_to_come_again(key: str):
    with redis_if_there() as redis:
        redis.zadd(f"hub:gate:{key}", {"of-another": time.time() + 60})
    with (
        pytest.raises(OdooRetryable, match="1 calls are under way"),
        SharedGate(key, LocalGate(1), max_wait=0.1)(),
    ):
        pass


def test_a_place_is_kept_for_as_long_as_the_call_takes(key: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("synchub.shared_gate.HOLD", 3.0)
    monkeypatch.setattr("synchub.shared_gate._kept", _Kept())  # the other one goes by the longer time
    with SharedGate(key, LocalGate(1))(), redis_if_there() as redis:
        [(place, until_then)] = redis.zscan_iter(f"hub:gate:{key}")
        until(lambda: redis.zscore(f"hub:gate:{key}", place) != until_then, "it was kept once more")
        assert redis.zscore(f"hub:gate:{key}", place) > until_then
    with redis_if_there() as redis:
        assert redis.zcard(f"hub:gate:{key}") == 0


def test_without_redis_the_process_keeps_the_limits_for_itself(settings, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("synchub.redis_client._quiet_until", 0.0)  # and again afterwards
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    gate = SharedGate("away", LocalGate(1), max_wait=0.1)
    with gate(), pytest.raises(OdooRetryable), gate():
        pass
