"""Exchanges that nobody waits for: they are collected in the process and written by a thread of its own, in one statement.

    add ──▶ bounded queue ──every second, or at 500──▶ one INSERT for requests, one UPDATE for answers to writes

What does not fit, because the database has been away for a while, is dropped and counted; the log says how many. A process
that is killed loses its last second. Writes are not here: see `log.insert`.
"""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

from django.db import Error, InterfaceError, OperationalError, close_old_connections, connection

from synchub.audit import log

logger = logging.getLogger(__name__)

EVERY = 1.0  # seconds
ENOUGH = 500  # entries that are written without waiting for the second to end
ROOM = 5_000  # entries
WARN_EVERY = 60.0  # seconds

Entry = Callable[[], "log.Row | log.Answer"]
"""Made in the thread that writes: whoever answers a request does not wait for it."""


class Buffer:
    """One per process. Whatever is forked off begins with an empty one."""

    def __init__(self, room: int = ROOM) -> None:
        self.in_background = True
        """Else `flush` is called by whoever wants it."""
        self.dropped = 0
        self.besides: list[Callable[[], None]] = []
        """Called with each look at what is there, about once a second as soon as the thread is."""
        self._room = room
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._entries: deque[Entry] = deque()
        self._wake = threading.Event()
        self._starting, self._flushing = threading.Lock(), threading.Lock()
        self._thread: threading.Thread | None = None
        self._warned_at = -WARN_EVERY
        self._closing = False
        self.dropped = 0

    def add(self, entry: Entry) -> None:
        """Never waits and never raises."""
        if len(self._entries) >= self._room:
            self.dropped += 1
            return
        self._entries.append(entry)
        self.watch()
        if self.in_background and len(self._entries) >= ENOUGH and not self._wake.is_set():
            self._wake.set()

    def watch(self) -> None:
        """See that the thread is there."""
        if self.in_background and self._thread is None:
            self._start()

    def flush(self) -> None:
        """Write what is there. Raises nothing: what the database cannot take now stays, if there is room."""
        self._look_besides()
        with self._flushing:
            while entries := self._taken():
                try:
                    _write([entry() for entry in entries])
                except (OperationalError, InterfaceError) as error:
                    self._entries.extendleft(reversed(entries))
                    self._warn("The audit log waits for the database: %s", error)
                    return
                except Exception:
                    self.dropped += len(entries)
                    logger.exception("%s requests could not be written to the audit log.", len(entries))
            if self.dropped and self._warn(
                "%s requests are not in the audit log: there was no room for them.", self.dropped
            ):
                self.dropped = 0

    def _look_besides(self) -> None:
        for look in self.besides:
            look()

    def close(self) -> None:
        """Write what is there, and end the thread. Whoever adds more begins another."""
        thread, self._closing = self._thread, True
        if thread is not None:
            self._wake.set()
            thread.join()
        self._thread, self._closing = None, False

    def empty(self) -> None:
        """What is not written yet never is."""
        self._entries.clear()
        self.dropped = 0

    def _taken(self) -> list[Entry]:
        return [self._entries.popleft() for _ in range(min(len(self._entries), ENOUGH))]

    def _warn(self, text: str, *about: object) -> bool:
        """Not more often than once a minute."""
        now = time.monotonic()
        if now - self._warned_at < WARN_EVERY:
            return False
        self._warned_at = now
        logger.warning(text, *about)
        return True

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                # No daemon: Python waits for it before it ends, and it ends when the main thread has.
                self._thread = threading.Thread(target=self._run, name="audit-log", daemon=False)
                self._thread.start()

    def _run(self) -> None:
        main = threading.main_thread()
        while main.is_alive() and not self._closing:
            self._wake.wait(EVERY)
            self._wake.clear()
            self._flush_here()
        self._flush_here()
        connection.close()

    def _flush_here(self) -> None:
        if self._entries or self.dropped:
            close_old_connections()
            self.flush()
        else:
            self._look_besides()


def _write(entries: Sequence["log.Row | log.Answer"]) -> None:
    rows = [one for one in entries if isinstance(one, log.Row)]
    answers = [one for one in entries if isinstance(one, log.Answer)]
    if rows:
        log.insert(rows)
    if answers:
        log.answer(answers)


BUFFER = Buffer()


def now_or_later(row: "log.Row") -> None:
    """Written at once; where the database does not take it, later."""
    try:
        log.insert([row])
    except Error as error:
        logger.warning("A request waits to be written to the audit log: %s", error)
        BUFFER.add(lambda: row)
