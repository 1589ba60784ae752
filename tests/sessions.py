"""Other sessions at PostgreSQL: one that a test opens, and those of the tests beside it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from django.db import connection, connections

from synchub.torture.waiting import until

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
    """A transaction of another test's database is not known as such in the moment in which it begins, and is waited for by the feed
    of changes like this one's. Those that a test holds open are known as its own, and stay."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
        begun = cursor.fetchone()
    until(lambda: not _of_nobody(begun), "it is known of each transaction whose it is", pause=0)


def _of_nobody(begun: tuple[str]) -> list[str]:
    """Transactions before `begun` of which only their numbers are there."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT number::text FROM pg_snapshot_xip(pg_current_snapshot()) AS number
               WHERE number < %s::xid8 AND CASE WHEN EXISTS (
                   SELECT FROM pg_locks WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND transactionid = number::xid)
               THEN false ELSE pg_xact_status(number) = 'in progress' END""",
            begun,
        )
        return [number for [number] in cursor.fetchall()]


def somebody_waits() -> bool:
    """For a lock, in this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees what it has seen first
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone() is not None
