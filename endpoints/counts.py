"""The numbers of records kept beside them: read, and put together."""

from django.db import connection

TOTAL = "SELECT COALESCE(sum(delta), 0) FROM endpoints_recordcount WHERE endpoint_id = %s"


def total(endpoint_id: int) -> int:
    """How many records the endpoint has."""
    with connection.cursor() as cursor:
        cursor.execute(TOTAL, [endpoint_id])
        return int(cursor.fetchone()[0])


def put_together() -> None:
    """One row for each endpoint instead of many. Harmless when run twice at once."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH old AS (
                   DELETE FROM endpoints_recordcount WHERE id IN (
                       SELECT id FROM endpoints_recordcount WHERE endpoint_id IN (
                           SELECT endpoint_id FROM endpoints_recordcount GROUP BY endpoint_id HAVING count(*) > 1)
                       FOR UPDATE SKIP LOCKED)
                   RETURNING endpoint_id, delta)
               INSERT INTO endpoints_recordcount (endpoint_id, delta)
               SELECT endpoint_id, sum(delta) FROM old GROUP BY endpoint_id HAVING sum(delta) <> 0"""
        )
