"""Simulated time: events take no time and happen in order, and the clock jumps from one to the next.

A process is a generator. It yields seconds to pass, or something to wait for (`Places.take`, `Queue.get`), and is resumed
with what it waited for. Nothing is random here: the same processes give the same course.
"""

import heapq
from collections import deque
from collections.abc import Callable, Generator
from itertools import count
from typing import Any, Protocol


class Wait(Protocol):
    def __call__(self, process: "Process") -> None: ...


Process = Generator["float | Wait", Any, Any]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0  # seconds
        self._events: list[tuple[float, int, Process | None, Any]] = []
        self._number = count()

    def start(self, process: Process, at: float | None = None, value: Any = None) -> None:
        """Begin, or resume, it: now, or `at` that time."""
        moment = self.now if at is None else at
        heapq.heappush(self._events, (moment, next(self._number), process, value))

    def run(self, until: float, done: Callable[[], bool] = lambda: False) -> None:
        """All that happens until then, or until `done`."""
        while self._events and self._events[0][0] <= until and not done():
            self.now, _, process, value = heapq.heappop(self._events)
            if process is None:
                value()
                continue
            try:
                asked = process.send(value)
            except StopIteration:
                continue
            if callable(asked):
                asked(process)
            else:
                self.start(process, self.now + asked)
        if not done():
            self.now = until

    def call(self, at: float, work: Callable[[], None]) -> None:
        heapq.heappush(self._events, (at, next(self._number), None, work))


class Places:
    """So many may be in at once. The others wait in line, each as long as its patience lasts."""

    def __init__(self, clock: Clock, number: int) -> None:
        self._clock, self._free = clock, number
        self._line: deque[list[Process]] = deque()
        self.used = 0.0
        """Seconds of all places together, of those that were given back."""

    def take(self, patience: float | None = None) -> Wait:
        """Resumes with whether there was a place in time."""

        def wait(process: Process) -> None:
            if self._free:
                self._free -= 1
                self._clock.start(process, value=True)
                return
            entry = [process]
            self._line.append(entry)
            if patience is not None:
                self._clock.call(self._clock.now + patience, lambda: self._leave(entry))

        return wait

    def give(self, seconds: float = 0.0) -> None:
        """Back, after having used it so long."""
        self.used += seconds
        while self._line:
            entry = self._line.popleft()
            if entry:
                self._clock.start(entry.pop(), value=True)
                return
        self._free += 1

    def _leave(self, entry: list[Process]) -> None:
        if entry:
            self._clock.start(entry.pop(), value=False)


class Queue:
    """Messages in order; each goes to one process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._messages: deque[Any] = deque()
        self._idle: deque[Process] = deque()
        self.longest = 0

    def put(self, message: Any) -> None:
        if self._idle:
            self._clock.start(self._idle.popleft(), value=message)
        else:
            self._messages.append(message)
            self.longest = max(self.longest, len(self._messages))

    def get(self) -> Wait:
        def wait(process: Process) -> None:
            if self._messages:
                self._clock.start(process, value=self._messages.popleft())
            else:
                self._idle.append(process)

        return wait
