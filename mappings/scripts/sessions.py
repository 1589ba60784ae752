"""Sessions that know all that a script may use. One is made ready before somebody needs it: that takes as long as 200 records."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic_monty import MontyCrashedError, MontySession, OSPolicy, ResourceLimits

from mappings.scripts.data import DEEPEST, Kind, Limits, ScriptError
from mappings.scripts.pool import MOST_WORKERS, pool

logger = logging.getLogger(__name__)

FEEDS_BEFORE = 2
"""What `_prepared` fed: the sandbox names each text that it was fed by its number."""
# Over all calls of one session: texts, zones and such as well as calls to Odoo, which have limits of their own.
MOST_QUESTIONS = 100_000

_CLOCK: OSPolicy = {"timezone": "utc"}


class Held(NamedTuple):
    """A session, and how it is given up."""

    session: MontySession
    close: Callable[[], None]


class _Spare:
    """At most one session that nobody has asked for yet, with the limits of the one that was asked for last."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._made: tuple[Limits, Future[Held]] | None = None
        # Two, for one that is made may wait until others are given up. Their threads start with the first session,
        # in a process that is not forked any more.
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="sandboxes-made")
        self._closer = ThreadPoolExecutor(1, thread_name_prefix="sandboxes-given-up")

    def take(self, limits: Limits) -> Held:
        """Raises ScriptError where all sandboxes are in use, or none can be started."""
        pool.get()  # refuses a process that was forked from one that ran scripts: what is ready is its parent's
        with self._lock:
            made, self._made = self._made, None
        if made is not None and made[0] == limits and made[1].exception() is None:
            held = made[1].result()
        else:
            if made is not None and made[1].exception() is None:
                self.give_up(made[1].result())
            held = new(limits)
        with self._lock:
            if self._made is None:
                self._made = (limits, self._maker.submit(new, limits))
        return held

    def give_up(self, held: Held) -> None:
        """Nobody waits for it."""
        self._closer.submit(held.close).add_done_callback(_log_failure)


spare = _Spare()


def new(limits: Limits) -> Held:
    """Raises ScriptError where all sandboxes are in use, or none can be started."""
    # Each process that waited in the pool may have been ended by somebody meanwhile.
    for _ in range(MOST_WORKERS + 1):
        with suppress(MontyCrashedError), ExitStack() as stack:
            prepared = _prepared(limits)
            try:
                checkout = pool.get().checkout(limits=_resources(limits), os_policy=_CLOCK)
                session: MontySession = stack.enter_context(checkout)
            except TimeoutError:
                text = "All sandboxes are in use; try again in a moment."
                raise ScriptError(text, kind=Kind.LIMIT) from None
            session.load_session(prepared)
            return Held(session, stack.pop_all().close)
    text = "The sandboxes’ processes end as soon as they start: is there too little memory?"
    raise ScriptError(text, kind=Kind.LIMIT)


@lru_cache(maxsize=8)
def _prepared(limits: Limits) -> bytes:
    """A session that knows everything but the script, ready to be loaded: three times as fast as made anew."""
    folder = Path(__file__).parent / "sandbox"
    parts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py.txt"))]
    sizes = {"printed": limits.printed, "value": limits.value, "depth": DEEPEST}
    with pool.get().checkout(limits=_resources(limits), os_policy=_CLOCK) as session:
        session.feed_run("\n".join(parts))
        session.feed_run("_HUB_LIMITS.update(given)\nNone", inputs={"given": sizes})
        return session.dump()


def _resources(limits: Limits) -> ResourceLimits:
    return {
        "max_feed_duration_secs": limits.seconds,
        "max_memory": limits.memory,
        "max_recursion_depth": limits.recursion,
        "max_suspensions": MOST_QUESTIONS,
        # Sleep does not count as time that a script runs: there is none.
        "max_total_sleep_secs": 0.0,
    }


def _log_failure(given_up: "Future[Any]") -> None:
    problem = given_up.exception()
    if problem is not None:
        logger.warning("A sandbox could not be given up: %s", problem)
