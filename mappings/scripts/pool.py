"""The worker processes that sandboxes run in, kept warm."""

import atexit
import os
import threading

from pydantic_monty import Monty

from mappings.scripts.data import Kind, ScriptError

MOST_WORKERS = 16
LONGEST_WAIT = 30.0


class _Pool:
    """One pool of workers for each process of the hub.

    What drives the workers has threads, which a fork leaves behind: a process forked from one that ran scripts
    would wait forever, and disturb its parent. It is refused; one that forks first and runs scripts then is fine.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: Monty | None = None
        self._pid = 0

    def get(self) -> Monty:
        with self._lock:
            if self._pool is None:
                pool = Monty(
                    max_processes=MOST_WORKERS,
                    checkout_timeout=LONGEST_WAIT,
                    max_checkouts_per_worker=1_000,
                )
                self._pool, self._pid = pool.__enter__(), os.getpid()
            if self._pid != os.getpid():
                raise ScriptError(
                    "This process was forked from one that had run scripts; it has to be started anew.",
                    kind=Kind.LIMIT,
                )
            return self._pool

    def close(self) -> None:
        if self._pool is not None and self._pid == os.getpid():
            self._pool.__exit__(None, None, None)


pool = _Pool()
atexit.register(pool.close)
