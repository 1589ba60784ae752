"""Finishing one piece of work while the next is begun, so that Odoo and the hub's database take their time at once."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from types import TracebackType
from typing import Generic, Self, TypeVar

from django.db import connection

T = TypeVar("T")


class Behind(Generic[T]):
    """One other thread with a database connection of its own, one piece of work at a time. Used in `with`."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._under_way: Future[T] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._thread.submit(_close).result()
        self._thread.shutdown()

    def start(self, work: Callable[[], T]) -> list[T]:
        """Once the piece before it is done: gives its result. Raises what that one raised."""
        done = self.rest()
        # In this one's context: it has the id under which every call is logged.
        self._under_way = self._thread.submit(copy_context().run, work)
        return done

    def rest(self) -> list[T]:
        """The result of what is under way, if anything is."""
        if self._under_way is None:
            return []
        under_way, self._under_way = self._under_way, None
        return [under_way.result()]


def _close() -> None:
    connection.close()  # looked up in that thread: each has its own
