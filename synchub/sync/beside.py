"""Another thread for the same work, so that Odoo and the hub's database take their time at once."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from types import TracebackType
from typing import Self

from django.db import connection


class Beside:
    """One other thread, with a database connection of its own, one piece of work at a time. Used in `with`."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._under_way: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.shutdown()

    def start(self, work: Callable[[], None]) -> None:
        """Unless the piece before it is still under way. Raises what that one raised."""
        if self._under_way is not None:
            if not self._under_way.done():
                return
            self.wait()

        def here() -> None:
            try:
                work()
            finally:
                connection.close()  # looked up in that thread: each has its own

        # In this one's context: it has the id under which every call is logged.
        self._under_way = self._thread.submit(copy_context().run, here)

    def wait(self) -> None:
        """Until nothing is under way. Raises what that raised."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()
