"""What must run only once at a time, on all machines: advisory locks of PostgreSQL, gone with their session."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from django.db import connection

# Namespaces of their own among the database's advisory locks.
_PULL = 0x70756C6C
_TRY = 0x74727920
_FIELDS = 0x666C6473
_CLEAN = 0x636C6E20


def only_pull_of(endpoint_id: int) -> AbstractContextManager[bool]:
    """True inside where no other process pulls this endpoint."""
    return _only(_PULL, endpoint_id)


def only_try_of(connection_id: int) -> AbstractContextManager[bool]:
    """True inside where no other process tries whether this connection works again."""
    return _only(_TRY, connection_id)


def only_reading_of(connection_id: int) -> AbstractContextManager[bool]:
    """True inside where no other process reads the models and fields of this connection."""
    return _only(_FIELDS, connection_id)


def only_cleaning() -> AbstractContextManager[bool]:
    """True inside where no other process forgets what is old."""
    return _only(_CLEAN, 0)


@contextmanager
def _only(what: int, which: int) -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [what, which])
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [what, which])
