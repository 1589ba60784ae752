"""Who waits for whom, as it is noted with the changes that wait: whatever they wait for it, and by whatever endpoint they came."""

from collections.abc import Collection, Mapping

from django.db import connection

from endpoints.awaited import Awaited


def waited_for(record_ids: Collection[int]) -> list[tuple[int, Awaited]]:
    """Those of these records that wait, each with the record that it waits for."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT c.record_id, c.waits_for, e.name
               FROM endpoints_change c JOIN endpoints_record r ON r.id = c.waits_for
               JOIN endpoints_endpoint e ON e.id = r.endpoint_id
               WHERE c.record_id = ANY(%s) AND c.state IN ('pending', 'claimed')""",
            [list(record_ids)],
        )
        return [(one, Awaited(first, endpoint, refused=False)) for one, first, endpoint in cursor.fetchall()]


def leading_back(waits: Mapping[int, int], *, at_once: bool) -> set[int]:
    """Of records that are about to wait, each for the one beside it: those that would wait for themselves.

    Not `at_once`: only where they have waited for it before, and all others in the ring have been looked at since, and wait still:
    they might have gone on without.
    """
    if not waits:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE way (one, at, since) AS (
                   SELECT w.one, w.first, CASE WHEN %s THEN 0 ELSE (
                       SELECT max(c.settled_in) FROM endpoints_change c
                       WHERE c.record_id = w.one AND c.state = 'claimed' AND c.waits_for = w.first) END
                   FROM unnest(%s::bigint[], %s::bigint[]) AS w (one, first)
                   UNION
                   SELECT way.one, c.waits_for, way.since FROM way JOIN endpoints_change c ON c.record_id = way.at
                   -- What another worker holds may be about to go on.
                   WHERE way.at <> way.one AND c.waits_for IS NOT NULL AND c.state = 'pending'
                     AND COALESCE(c.settled_in, 1) > way.since)
               SELECT one FROM way WHERE at = one""",
            [at_once, list(waits), list(waits.values())],
        )
        return {row[0] for row in cursor.fetchall()}
