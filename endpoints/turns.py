"""One at a time, over all of the hub's processes: for what Odoo itself cannot do in one step."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_RECORD = 0x72656364  # a namespace of its own among the database's advisory locks


@contextmanager
def turn(endpoint_id: int, name: str) -> Iterator[None]:
    """Wait until nobody else is at this record. Gone with the session, should the process die."""
    digest = hashlib.blake2b(
        f"{endpoint_id}/{name}".encode("utf-8", "backslashreplace"), digest_size=4
    ).digest()
    number = int.from_bytes(digest, signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_RECORD, number])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_RECORD, number])
