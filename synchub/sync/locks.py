"""What must run only once at a time, on all machines: advisory locks of PostgreSQL, gone with their session."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_PULL = 0x70756C6C  # a namespace of its own among the database's advisory locks


@contextmanager
def only_pull_of(endpoint_id: int) -> Iterator[bool]:
    """True inside where no other process pulls this endpoint."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_PULL, endpoint_id])
        held = bool(cursor.fetchone()[0])
    try:
        yield held
    finally:
        if held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_PULL, endpoint_id])
