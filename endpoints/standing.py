"""Endpoints whose changes stand still though nothing keeps them: looked for with each sweep, told by `/healthz`.

That changes have waited for an hour says little by itself: after a pause, or an hour in which Odoo was away, all of them have, and they
are on their way again. So it has to be seen for ten minutes that nothing gets through. Since when is kept in Redis: where that is lost,
it is told ten minutes later.
"""

import logging
from typing import Any

import redis
from django.conf import settings
from django.db import connection

from endpoints.models import RunKind
from endpoints.outbox import WORKS
from synchub.redis_client import RedisAway, redis_if_there

logger = logging.getLogger(__name__)

KEY = "hub:standing"
"""By endpoint, since when, in seconds by Redis's clock."""
_WAITS = 3600  # seconds
_SEEN_FOR = 600  # seconds
_KEPT = 300  # seconds, where no sweep comes
# Read once for all endpoints. By its index each of them would walk past all that was claimed in the last hours: their entries stay
# until a vacuum.
_HELD = """held AS MATERIALIZED (
    SELECT endpoint_id, min(created_at) AS oldest FROM endpoints_change WHERE state = 'claimed' GROUP BY endpoint_id)"""
# A push lasts for seconds, or for as long as a call to Odoo that is slow.
_GETS_THROUGH = f"""EXISTS (
    SELECT 1 FROM endpoints_run r WHERE r.endpoint_id = e.id AND r.kind = '{RunKind.PUSH.value}' AND r.changed + r.failed > 0
    AND r.started_at > now() - make_interval(secs => 2 * {_SEEN_FOR}) AND r.beat_at > now() - make_interval(secs => {_SEEN_FOR}))"""  # noqa: S608


def note() -> None:
    """Never raises for a Redis that is away."""
    found = _found()
    try:
        with redis_if_there() as client:
            now, known = _now(client), _known(client)
            gone = [one for one in known if one not in found]
            with client.pipeline() as together:
                if gone:
                    together.hdel(KEY, *map(str, gone))
                for one in found:
                    together.hsetnx(KEY, str(one), str(now))
                together.expire(KEY, max(_KEPT, 3 * settings.SWEEP_EVERY))
                together.execute()
    except RedisAway:
        logger.info("Since when changes stand still cannot be noted.")


def count() -> int:
    """How many endpoints' changes do, by the last sweeps."""
    try:
        with redis_if_there() as client:
            until = _now(client) - _SEEN_FOR
            return sum(since <= until for since in _known(client).values())
    except RedisAway:
        return 0


def _now(client: redis.Redis) -> int:
    moment: Any = client.time()
    return int(moment[0])


def _known(client: redis.Redis) -> dict[int, int]:
    known: Any = client.hgetall(KEY)
    return {int(one): int(since) for one, since in known.items()}


def _found() -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH {_HELD} SELECT e.id FROM endpoints_endpoint e
                  JOIN mappings_mapping m ON m.id = e.mapping_id JOIN mappings_connection o ON o.id = m.connection_id
                  LEFT JOIN held ON held.endpoint_id = e.id
                WHERE {WORKS} AND o.last_error = '' AND (e.matched_at IS NOT NULL OR e.match_on = '{{}}')
                  AND now() - make_interval(secs => %s) > LEAST({_oldest("bulk")}, {_oldest("NOT bulk")}, held.oldest)
                  AND NOT {_GETS_THROUGH}""",  # noqa: S608
            [_WAITS],
        )
        return {row[0] for row in cursor.fetchall()}


def _oldest(which: str) -> str:
    """Found by an index, however many wait."""
    return (
        f"(SELECT c.created_at FROM endpoints_change c WHERE c.endpoint_id = e.id AND c.state = 'pending' AND {which} "  # noqa: S608
        "ORDER BY c.bulk, c.id LIMIT 1)"
    )
