"""Working on a page while the next one is on its way: Odoo and the hub's database take their time at once."""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from itertools import islice
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def one_ahead(
    pages: Iterator[T], *, more: Callable[[T], bool], done: Callable[[], None]
) -> Generator[T, None, None]:
    """The same pages, each but the first asked for while the one before it is worked on.

    `more` says of the first whether another may follow. The others are made in one other thread, with a database
    connection of its own, and `done` is called there at the end. What asking raises is raised here. Closing the
    generator waits for the page that is being made.
    """
    page = next(pages, None)
    if page is None:
        return
    if not more(page):
        yield page
        return

    def ask() -> list[T]:
        return list(islice(pages, 1))  # a StopIteration does not travel through a future

    def end() -> None:
        done()
        connection.close()

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead") as thread:
        try:
            while True:
                # In this one's context: it has the id under which every call is logged.
                asked = thread.submit(copy_context().run, ask)
                yield page
                found = asked.result()
                if not found:
                    return
                [page] = found
        finally:
            thread.submit(end).result()
