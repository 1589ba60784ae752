"""What statements in several places have in common: conditions, and the clock that all of them go by."""

from datetime import datetime

from django.db import connection

WORKS = (
    "e.enabled AND NOT e.paused AND o.paused_at IS NULL AND NOT EXISTS (SELECT 1 FROM endpoints_standstill)"
)
"""Of an endpoint `e` and its connection `o`, in SQL: neither is off or paused, nor is everything."""
STATE = """CASE
    WHEN EXISTS (SELECT 1 FROM endpoints_change c
                 WHERE c.record_id = i.id AND c.state IN ('pending', 'claimed')) THEN 'pending'
    WHEN EXISTS (SELECT 1 FROM endpoints_conflict q
                 WHERE q.record_id = i.id AND q.decided_at IS NULL) THEN 'conflict'
    WHEN EXISTS (SELECT 1 FROM endpoints_change c
                 WHERE c.record_id = i.id AND c.state = 'failed') THEN 'failed'
    ELSE 'synced' END"""
"""Of a record `i`, in SQL: the state that follows from its changes."""


def database_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment
