"""Queries on behalf of consumers, bounded in time."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction


@contextmanager
def bounded_query() -> Iterator[None]:
    """PostgreSQL gives up on what runs inside after a while; see `errors` for the answer."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {settings.API_STATEMENT_TIMEOUT * 1000:d}")
        yield
