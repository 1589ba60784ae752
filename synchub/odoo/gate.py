"""Who may call Odoo now: how many calls at once, and how many in a second.

A gate is anything that gives a context manager; the call happens inside of it. `LocalGate` counts within one
process. Whoever needs a limit over all processes hands in their own.
"""

import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from synchub.errors import OdooRetryable

MAX_WAIT = 30.0  # seconds that a call waits for a place


class Gate(Protocol):
    """Give a context manager that waits for a place on entering; OdooRetryable if none comes free."""

    def __call__(self) -> AbstractContextManager[None]: ...


class LocalGate:
    """At most `concurrency` calls at once and `rate_per_second` starts a second, within this process.

    Starts are evenly spaced: no burst after a pause. A caller waits at most `max_wait` seconds for a place
    and again for its turn, then gets OdooRetryable. Not re-entrant.
    """

    def __init__(
        self,
        concurrency: int = 4,
        rate_per_second: float | None = None,
        *,
        max_wait: float = MAX_WAIT,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        if concurrency < 1 or (rate_per_second is not None and rate_per_second <= 0):
            raise ValueError("a gate that nobody may pass")
        self.concurrency = concurrency
        self.rate_per_second = rate_per_second
        self._max_wait = max_wait
        self._clock = clock
        self._sleep = sleep
        self._next_start = 0.0
        self._reset()
        _GATES.add(self)

    def _reset(self) -> None:
        self._places = threading.BoundedSemaphore(self.concurrency)
        self._lock = threading.Lock()

    @contextmanager
    def __call__(self, max_wait: float | None = None) -> Iterator[None]:
        max_wait = self._max_wait if max_wait is None else max_wait
        # Kept at hand: after a fork the child has new ones, and what was taken here must be given back here.
        places = self._places
        if not places.acquire(timeout=max_wait):
            raise OdooRetryable(
                f"Odoo is busy: {self.concurrency} calls are under way, none ended in {max_wait:g} s."
            )
        try:
            self._await_turn(max_wait)
            yield
        finally:
            places.release()

    def _await_turn(self, max_wait: float) -> None:
        if self.rate_per_second is None:
            return
        with self._lock:
            now = self._clock()
            turn = max(now, self._next_start)
            if turn - now > max_wait:
                raise OdooRetryable(
                    f"Odoo is busy: more calls wait than {self.rate_per_second:g} a second let through."
                )
            self._next_start = turn + 1 / self.rate_per_second
        if turn > now:
            self._sleep(turn - now)


_GATES: "weakref.WeakSet[LocalGate]" = weakref.WeakSet()
_named: dict[str, LocalGate] = {}
_named_lock = threading.Lock()


def local_gate(key: str, concurrency: int = 4, rate_per_second: float | None = None) -> LocalGate:
    """The one gate of this process for `key` (a connection); a new one when its limits have changed."""
    with _named_lock:
        gate = _named.get(key)
        if gate is None or (gate.concurrency, gate.rate_per_second) != (concurrency, rate_per_second):
            gate = _named[key] = LocalGate(concurrency, rate_per_second)
        return gate


def _forget_the_parent() -> None:
    # Threads of the parent that held a place or a lock do not exist in the child and would never give it
    # back.
    global _named_lock
    _named_lock = threading.Lock()
    for gate in list(_GATES):
        gate._reset()


os.register_at_fork(after_in_child=_forget_the_parent)
