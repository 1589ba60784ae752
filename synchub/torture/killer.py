"""Kills one thing after another, and starts again what it has killed."""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from signal import SIGCONT, SIGKILL, SIGSTOP

from synchub.torture.programs import Program
from synchub.torture.services import Services
from synchub.torture.stack import Stack
from synchub.torture.ways import Way


class Killer:
    def __init__(self, seed: int, stack: Stack, services: Services, odoo: Way, lease: float) -> None:
        self._random = random.Random(f"{seed}-killer")  # noqa: S311  # to be repeated, not to be secret
        self._stack, self._services, self._odoo, self._lease = stack, services, odoo, lease
        self.done: Counter[str] = Counter()
        # What dies, and how often compared with the others.
        self._ways: dict[str, tuple[int, Callable[[], None]]] = {
            "worker": (22, lambda: self._kill(stack.worker)),
            "process of the worker's pool": (14, self._pool),
            "worker stopped past its lease": (4, self._stop),
            "web": (14, lambda: self._kill(stack.web)),
            "beat": (5, lambda: self._kill(stack.beat)),
            "Redis": (6, self._redis),
            "Redis emptied": (4, self._empty),
            "PostgreSQL": (6, self._postgres),
            "PostgreSQL's sessions": (5, self._sessions),
            "connections to Odoo": (12, odoo.cut),
            "Odoo away": (8, self._away),
        }

    def strike(self) -> None:
        names = list(self._ways)
        name = self._random.choices(names, [self._ways[one][0] for one in names])[0]
        self._ways[name][1]()
        self.done[name] += 1

    def _pause(self, most: float) -> None:
        time.sleep(self._random.uniform(0, most))

    def _kill(self, program: Program) -> None:
        program.kill()
        self._pause(0.5)
        program.start()
        # So that it dies at work, and not always while it starts.
        self._pause(3)

    def _pool(self) -> None:
        below = self._stack.worker.below()
        if below:
            os.kill(self._random.choice(below), SIGKILL)

    def _stop(self) -> None:
        self._stack.worker.signal(SIGSTOP)
        time.sleep(self._lease + self._random.uniform(0, 3))
        self._stack.worker.signal(SIGCONT)

    def _redis(self) -> None:
        self._services.redis.kill()
        self._pause(2)
        self._services.start()

    def _empty(self) -> None:
        self._stack.redis.flushall()

    def _postgres(self) -> None:
        self._services.crash_postgres()
        self._pause(2)
        self._services.start()

    def _sessions(self) -> None:
        self._stack.sql(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()"""
        )

    def _away(self) -> None:
        self._odoo.close()
        self._pause(2)
        self._odoo.open()
