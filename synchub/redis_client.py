"""The hub's way to Redis, which holds nothing that matters: while it is away, nobody waits for it."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

# After a failure, one request in so many seconds tries again; the others go on without Redis.
HOLD_OFF = 5.0  # seconds
_PATIENCE = 0.25  # seconds, for connecting and for an answer

_lock = threading.Lock()
_clients: dict[str, "redis.Redis"] = {}
_kept = threading.local()
_quiet_until = 0.0


class RedisAway(Exception):
    """Redis does not answer, or did not a moment ago."""


@contextmanager
def redis_if_there(*, keep: bool = False) -> Iterator["redis.Redis"]:
    """Raises RedisAway: at once for a while after a failure, else after a quarter of a second at most.

    `keep`: over a connection of this thread's own, for threads that come here again and again. To borrow one from the pool, which
    looks whether it is still good, takes as long as a short command.
    """
    global _quiet_until  # one hold-off for the process, as there is one Redis
    now = time.monotonic()
    if now < _quiet_until:
        raise RedisAway
    was_away, _quiet_until = _quiet_until > 0, now + HOLD_OFF if _quiet_until else 0.0
    try:
        yield _own_client() if keep else _client()
    except (redis.RedisError, OperationalError, OSError) as error:
        _quiet_until = time.monotonic() + HOLD_OFF
        (logger.info if was_away else logger.warning)("Redis does not answer: %s", error)
        raise RedisAway from error
    _quiet_until = 0.0


def _client() -> "redis.Redis":
    found = _clients.get(settings.REDIS_URL)
    if found is None:
        with _lock:  # made when first used, so after a fork
            found = _clients.setdefault(settings.REDIS_URL, _made())
    return found


def _own_client() -> "redis.Redis":
    clients: dict[str, redis.Redis] = _kept.__dict__
    if settings.REDIS_URL not in clients:
        clients[settings.REDIS_URL] = _made(single_connection_client=True)
    return clients[settings.REDIS_URL]


def _made(**options: Any) -> "redis.Redis":
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=_PATIENCE,
        socket_timeout=_PATIENCE,
        # A connection that was closed meanwhile is opened again once; nobody waits a second time.
        retry=Retry(NoBackoff(), 1, (redis.ConnectionError,)),
        protocol=3,
        **options,
    )
