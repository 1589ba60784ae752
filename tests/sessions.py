"""Other sessions at PostgreSQL: one that a test opens, and those of the tests beside it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from django.db import connection, connections

from endpoints import feed

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper


@contextmanager
def another_session() -> "Iterator[CursorWrapper]":
    """Whatever it holds is given back at the end: PostgreSQL notices only a while later that a connection was closed."""
    other = connections.create_connection("default")
    with closing(other), other.cursor() as cursor:
        try:
            yield cursor
        finally:
            cursor.execute("ROLLBACK; SELECT pg_advisory_unlock_all()")


def others_are_told_apart() -> None:
    """A transaction of another test's database is not known as such in the moment in which it begins or ends, and is waited for by
    the feed of changes like this one's. Those that a test holds open stay."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        [begun] = cursor.fetchone()
    for _ in range(200):
        if feed.standing(0).finished >= begun:
            return
