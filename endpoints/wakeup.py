"""Waking a worker. A hint, never a promise: if the message is lost, the sweep finds the work.

One message for each endpoint until a worker has taken it, however many writes come meanwhile. A message may die with
the worker that had fetched it, so the sweep sends another one all the same.
"""

import logging
import threading
import time

import redis
from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

PUSH_TASK = "synchub.sync.tasks.push"
PULL_TASK = "synchub.sync.tasks.pull"
SWEEP_TASK = "synchub.sync.tasks.sweep_deletions"
_MARK_SECONDS = 30
# After Redis failed, writes do not wait for it again for a while; the sweep carries them meanwhile.
_HOLD_OFF_SECONDS = 5.0

_quiet_until = 0.0
_client_lock = threading.Lock()
_client: "redis.Redis | None" = None


def push(endpoint_id: int, *, insist: bool = False) -> None:
    """Have the endpoint's changes pushed soon. Never raises for a broker that is away.

    `insist`: even where a message is on its way already.
    """
    global _quiet_until  # one hold-off for the process, as there is one Redis
    if time.monotonic() < _quiet_until:
        return
    try:
        if _redis().set(_mark(endpoint_id), 1, nx=not insist, ex=_MARK_SECONDS):
            # What the sweep sends is worth nothing once the next sweep has come.
            expires = settings.SWEEP_EVERY if insist else 3600
            current_app.send_task(PUSH_TASK, args=[endpoint_id], queue="push", retry=False, expires=expires)
    except (redis.RedisError, OperationalError, OSError) as error:
        _quiet_until = time.monotonic() + _HOLD_OFF_SECONDS
        logger.warning("No worker could be woken (%s); the sweep will carry the change.", error)


def pull(endpoint_id: int) -> None:
    """Have the endpoint pulled now. A message nobody took before the next one is due is worth nothing."""
    current_app.send_task(PULL_TASK, args=[endpoint_id], queue="pull", retry=False, expires=60)


def sweep_deletions(endpoint_id: int) -> None:
    """Have the endpoint searched for deletions."""
    current_app.send_task(SWEEP_TASK, args=[endpoint_id], queue="pull", retry=False, expires=60)


def taken(endpoint_id: int) -> None:
    """A worker begins to look: later writes have to wake one again."""
    try:
        _redis().delete(_mark(endpoint_id))
    except redis.RedisError as error:
        logger.warning("A wake-up mark could not be removed (%s); it vanishes by itself.", error)


def _mark(endpoint_id: int) -> str:
    return f"hub:wake:{endpoint_id}"


def _redis() -> "redis.Redis":
    global _client  # made when first used, so after a fork
    with _client_lock:
        if _client is None:
            _client = redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=0.5)
        return _client
