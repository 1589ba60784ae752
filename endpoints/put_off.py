"""What a clock that was ahead has put off: the database's was put right by being set back, as a virtual machine's may be.

Each of these moments is the database's own `now()` and an interval on top. One that lies further ahead than that was written
by a clock that is not that one any more: left alone, nothing would be pulled, sent or given up by it for as long as it was wrong.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection

_SLACK = 60  # seconds
_LONGEST_DELAY = timedelta(hours=3)
"""More than a change is put off by, however often it was tried."""


def put_right() -> int:
    """How much was put off. Harmless where nothing is, and cheap: few rows are looked at, or by an index."""
    found = 0
    with connection.cursor() as cursor:
        statements: tuple[tuple[str, list[Any]], ...] = (
            (
                """UPDATE endpoints_pullstate s SET next_at = now() FROM endpoints_endpoint e
                   WHERE e.id = s.endpoint_id AND e.pull_every IS NOT NULL
                     AND s.next_at > now() + make_interval(secs => e.pull_every + %s)""",
                [_SLACK],
            ),
            (
                "UPDATE endpoints_pullstate SET deletions_next_at = now() WHERE deletions_next_at > now() + %s",
                [settings.DELETIONS_EVERY + timedelta(seconds=_SLACK)],
            ),
            (
                """UPDATE endpoints_change SET not_before = now()
                   WHERE state = 'pending' AND not_before > now() + %s""",
                [_LONGEST_DELAY],
            ),
            (  # Its worker may be alive: as long as a fresh one.
                """UPDATE endpoints_change SET lease_until = now() + make_interval(secs => %s)
                   WHERE state = 'claimed' AND lease_until > now() + make_interval(secs => %s)""",
                [settings.LEASE, settings.LEASE + _SLACK],
            ),
            (
                """UPDATE endpoints_run SET beat_at = now()
                   WHERE state = 'running' AND beat_at > now() + make_interval(secs => %s)""",
                [_SLACK],
            ),
        )
        for statement, values in statements:
            cursor.execute(statement, values)
            found += cursor.rowcount
    return found
