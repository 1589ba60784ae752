"""What is made of the configuration, kept in memory while it is current."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from mappings.models import ConfigVersion

T = TypeVar("T")

CHECK_EVERY = 1.0  # seconds


class _Version:
    """The configuration's version, the same for all caches of a process: what is made of two of them is of one."""

    def __init__(self) -> None:
        self._number, self._checked_at, self._times_cleared = -1, 0.0, 0
        self._stamp: bytes | None = None
        self._lock = threading.Lock()

    def now(self) -> tuple[int, int]:
        """At most a second old."""
        if time.monotonic() - self._checked_at > CHECK_EVERY:
            self._look()
        return self._times_cleared, self._number

    def catch_up(self, stamp: bytes) -> None:
        if stamp != self._stamp:
            self._look()
            self._stamp = stamp  # not before: another thread would take what it has for current

    def _look(self) -> None:
        with self._lock:
            self._number = ConfigVersion.current()
            self._checked_at = time.monotonic()

    def clear(self) -> None:
        self._times_cleared += 1
        self._checked_at = 0.0


VERSION = _Version()


class Cached(Generic[T]):
    """Values by key, computed once and dropped when the configuration changes. Errors are not kept."""

    def __init__(self, compute: Callable[[str], T]) -> None:
        self._compute = compute
        self._lock = threading.Lock()
        self._values: dict[str, T] = {}
        self._version = (0, -1)

    def get(self, key: str) -> T:
        # Read before computing: a change in between leaves a value that the next look drops.
        version = VERSION.now()
        if version != self._version:
            with self._lock:
                if version != self._version:
                    self._values, self._version = {}, version
        try:
            return self._values[key]
        except KeyError:
            value = self._compute(key)
            with self._lock:
                if version == self._version:
                    self._values[key] = value
            return value

    def forget(self, key: str) -> None:
        """It is computed again for the next who asks."""
        self._values.pop(key, None)
