"""Traps in PostgreSQL: a lock that a commit waits for, and failures that PostgreSQL reports by itself only rarely."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from synchub.torture.waiting import until
from tests.faults.stack import Stack

_LOCK = 4711


class CommitHeld:
    """Writes to the outbox stand at their COMMIT, everything checked and nothing kept yet."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack

    def wait(self) -> None:
        until(self._sessions, "a write stands at its commit")

    def roll_back(self) -> None:
        """PostgreSQL notices that whoever wrote is gone."""
        for pid in self._sessions():
            self._stack.sql("SELECT pg_terminate_backend(%s)", pid)
        until(lambda: not self._sessions(), "the session is gone")

    def _sessions(self) -> list[int]:
        return [
            row[0]
            for row in self._stack.sql(
                "SELECT pid FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock' "
                "AND wait_event = 'advisory'",
                self._stack.name,
            )
        ]


@contextmanager
def commits_held(stack: Stack) -> Iterator[CommitHeld]:
    """Until the end of the block, in which what waits is let go."""
    with psycopg.connect(stack.database_url(), autocommit=True) as holder:
        holder.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        holder.execute(
            f"""CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_advisory_xact_lock_shared({_LOCK}); RETURN NULL; END $$"""
        )
        holder.execute(
            """CREATE CONSTRAINT TRIGGER trap AFTER INSERT ON endpoints_change DEFERRABLE INITIALLY DEFERRED
               FOR EACH ROW EXECUTE FUNCTION trap()"""
        )
        try:
            yield CommitHeld(stack)
        finally:
            holder.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
            until(lambda: not CommitHeld(stack)._sessions(), "nothing is held any more")
            holder.execute("DROP TRIGGER trap ON endpoints_change; DROP FUNCTION trap() CASCADE")


@contextmanager
def failing(stack: Stack, code: str, times: int, *, when: str, at_commit: bool = False) -> Iterator[None]:
    """The next `times` statements of the kind `when` (INSERT, or UPDATE OF a column) on the outbox fail with this code.

    A sequence counts them, which no rollback takes back.
    """
    stack.sql("CREATE SEQUENCE trap_count")
    stack.sql(
        f"""CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('trap_count') <= {times} THEN
                    RAISE EXCEPTION 'as if it had happened' USING ERRCODE = '{code}'; END IF;
                RETURN NULL; END $$"""
    )
    if at_commit:
        stack.sql(
            f"""CREATE CONSTRAINT TRIGGER trap AFTER {when} ON endpoints_change DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION trap()"""
        )
    else:
        stack.sql(
            f"CREATE TRIGGER trap AFTER {when} ON endpoints_change FOR EACH STATEMENT EXECUTE FUNCTION trap()"
        )
    try:
        yield
    finally:
        stack.sql("DROP TRIGGER trap ON endpoints_change; DROP FUNCTION trap(); DROP SEQUENCE trap_count")
