"""Files that are applied at the same time take turns."""

from django.db import connection

_ONE_AT_A_TIME = 0x48554246  # any number that no other lock uses


def wait_for_others() -> None:
    """Inside a transaction: the others wait until it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
