"""What a clock that was ahead has put off: the database's was put right by being set back, as a virtual machine's may be.

What is due stands in the database as its own `now()` of some moment and an interval on top. Left alone, nothing would be pulled,
sent or given up by a moment of a clock that is not that one any more, for as long as it was wrong. How far ahead such a moment lies
says nothing by itself: an interval may have been shortened since, or another worker go by another HUB_LEASE. So first a sign is
looked for, which no setting explains: that the database noted something as over at a time that is still to come.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from endpoints.touched import AGAIN_AFTER

_SLACK = timedelta(seconds=60)
_TOUCHED = timedelta(seconds=max(AGAIN_AFTER)) + _SLACK
_LONGEST_DELAY = timedelta(hours=3)
"""More than a change is put off by, however often it was tried."""
_NO_LEASE = timedelta(hours=6)
"""No worker claims for so long, whatever its HUB_LEASE: a shorter one may be that of a worker which lives, and sends."""
_NIGHT = timedelta(hours=25) + _SLACK
"""The next comparison is nearer, also when clocks are put back in autumn."""
_NEWEST = "SELECT id, ended_at FROM endpoints_run ORDER BY id DESC LIMIT 1000"


def put_right() -> int:
    """How much was put off; 0 where no clock was set back. Then it costs one query, by indices, however much waits."""
    with connection.cursor() as cursor:
        if not _was_set_back(cursor):
            return 0
        found = 0
        for statement, values in _statements():
            cursor.execute(statement, values)
            found += cursor.rowcount
        _forget(cursor)
    return found


def _was_set_back(cursor: CursorWrapper) -> bool:
    """Only what the database itself stamps: clocks of workers, who begin runs, may be a quarter of an hour apart."""
    values: list[Any] = [_SLACK, settings.CLOCKS_APART + _SLACK.total_seconds(), _SLACK, _TOUCHED]
    cursor.execute(
        f"""SELECT EXISTS (SELECT FROM ({_NEWEST}) r WHERE r.ended_at > now() + %s)
            OR EXISTS (SELECT FROM endpoints_run
                       WHERE state = 'running' AND beat_at > now() + make_interval(secs => %s))
            OR EXISTS (SELECT FROM endpoints_pullstate WHERE last_ok_at > now() + %s)
            OR EXISTS (SELECT FROM endpoints_touched WHERE next_at > now() + %s)""",  # noqa: S608
        values,
    )
    return bool(cursor.fetchone()[0])


def _statements() -> tuple[tuple[str, list[Any]], ...]:
    return (
        (  # What is pulled at times of the day is pulled once between them, and then by the right clock.
            """UPDATE endpoints_pullstate s SET next_at = now() FROM endpoints_endpoint e
               WHERE e.id = s.endpoint_id AND CASE WHEN e.pull_cron <> '' THEN s.next_at > now()
                   ELSE s.next_at > now() + make_interval(secs => e.pull_every) + %s END""",
            [_SLACK],
        ),
        (
            "UPDATE endpoints_pullstate SET deletions_next_at = now() WHERE deletions_next_at > now() + %s",
            [settings.DELETIONS_EVERY + _SLACK],
        ),
        (  # Without a time it is planned anew, and not done once more.
            "UPDATE endpoints_pullstate SET audit_next_at = NULL WHERE audit_next_at > now() + %s",
            [_NIGHT],
        ),
        ("UPDATE endpoints_touched SET next_at = now() WHERE next_at > now() + %s", [_TOUCHED]),
        (
            "UPDATE endpoints_change SET not_before = now() WHERE state = 'pending' AND not_before > now() + %s",
            [_LONGEST_DELAY],
        ),
        (  # Its worker may be alive: as long as a fresh one.
            """UPDATE endpoints_change SET lease_until = now() + make_interval(secs => %s)
               WHERE state = 'claimed' AND lease_until > now() + %s""",
            [settings.LEASE, _NO_LEASE],
        ),
        (
            "UPDATE endpoints_run SET beat_at = now() WHERE state = 'running' AND beat_at > now() + %s",
            [_SLACK],
        ),
    )


def _forget(cursor: CursorWrapper) -> None:
    """Take the signs away when all is done, so that the next sweep has nothing to look for: what is over was over by now."""
    values: list[Any] = [_SLACK]
    cursor.execute(
        f"""UPDATE endpoints_run SET ended_at = now(), beat_at = LEAST(beat_at, now()), started_at = LEAST(started_at, now())
            WHERE id IN (SELECT id FROM ({_NEWEST}) r) AND ended_at > now() + %s""",  # noqa: S608
        values,
    )
    cursor.execute("UPDATE endpoints_pullstate SET last_ok_at = now() WHERE last_ok_at > now() + %s", values)
