"""Is anybody at work? A queue that no worker serves looks just like one in which nothing is to be done.

Workers note in Redis that they took a message from a queue, and each sweep sends one for the sake of that. Who asks for the
first time, or after Redis was emptied, begins to count then.
"""

import time

from django.conf import settings

from synchub.redis_client import RedisAway, redis_if_there

HOUSEKEEPING = "housekeeping"
CALLED = ("push", "pull")
"""Queues in which nothing may be for hours; in the one of housekeeping something always is."""

_NOTE_EVERY = 5.0  # seconds, for each process
_GRACE = 120  # seconds, above two sweeps

# By Redis's own clock: those of the machines may differ.
_NOTE = "redis.call('SET', KEYS[1], redis.call('TIME')[1])"
_SILENT = """
local silent, now = {}, redis.call('TIME')[1]
for place, key in ipairs(KEYS) do
    redis.call('SET', key, now, 'NX')
    silent[place] = now - redis.call('GET', key)
end
return silent
"""

_noted: dict[str, float] = {}


def note(queue: str) -> None:
    """Something was taken from this queue. Never raises."""
    now = time.monotonic()
    if queue not in (HOUSEKEEPING, *CALLED) or now - _noted.get(queue, -_NOTE_EVERY) < _NOTE_EVERY:
        return
    _noted[queue] = now
    try:
        with redis_if_there() as client:
            client.register_script(_NOTE)(keys=[key(queue)])
    except RedisAway:
        pass  # which is said in any case


def missing() -> list[str]:
    """Sentences that say who is not at work, and what that leads to; nothing that a stranger should not read."""
    queues = (HOUSEKEEPING, *CALLED)
    try:
        with redis_if_there() as client:
            silent = client.register_script(_SILENT)(keys=[key(queue) for queue in queues])
    except RedisAway:
        return [
            "Redis does not answer, or has no room left: each process counts rate limits by itself, and changes reach "
            "Odoo later."
        ]
    late = {
        queue: seconds // 60
        for queue, seconds in zip(queues, silent, strict=True)
        if seconds > _GRACE + 2 * settings.SWEEP_EVERY
    }
    if HOUSEKEEPING in late:  # whoever calls the others is not there either
        return [
            f"For {late[HOUSEKEEPING]} minutes nobody has looked after what is due: see that beat runs, and a worker for the "
            "queue “housekeeping” that is not held by long work. Nothing is pulled without them."
        ]
    return [
        f"For {minutes} minutes no worker has taken anything from the queue “{queue}”: see that one runs for it, and that "
        f"not all are held by long work. Nothing is {queue}ed without one."
        for queue, minutes in late.items()
    ]


def key(queue: str) -> str:
    return f"hub:served:{queue}"
