"""Counting requests, exactly, across all processes: each limit is a moving window in Redis.

A window that moves admits no more than it says in *any* minute; one that begins anew at a fixed moment would admit
twice as much around that moment. It costs one small entry for each admitted request.

All limits of a request are looked at in one script, so in one round trip, by Redis's own clock: either all of them
admit it, or none counts it. (`limits` has this window too, but one limit at a time, by each web server's clock.)

Without Redis each process counts by itself: that lets through more than it should, but never everything.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from time import time
from typing import Any

import redis
from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from mappings.models.version import STAMP
from synchub.redis_client import RedisAway, redis_if_there

PREFIX = "hub:rate:"

# KEYS: a list of times for each limit, newest first; at last the stamp of the configuration.
# ARGV: amount and window in ms of each limit.
# Gives whether the request is admitted, for each limit what is left and the ms until there is more, and the stamp.
_SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local limits = #KEYS - 1
local admitted, counts, ends = 1, {}, {}
for i = 1, limits do
    local oldest = redis.call('LINDEX', KEYS[i], -1)
    while oldest and tonumber(oldest) <= now - ARGV[2 * i] do
        redis.call('RPOP', KEYS[i])
        oldest = redis.call('LINDEX', KEYS[i], -1)
    end
    ends[i] = oldest
    counts[i] = redis.call('LLEN', KEYS[i])
    if counts[i] >= tonumber(ARGV[2 * i - 1]) then admitted = 0 end
end
local answer = {admitted}
for i = 1, limits do
    local window = tonumber(ARGV[2 * i])
    if admitted == 1 then
        redis.call('LPUSH', KEYS[i], string.format('%d', now))
        redis.call('PEXPIRE', KEYS[i], window)
        counts[i] = counts[i] + 1
    end
    local oldest = ends[i] or admitted == 1 and now
    answer[#answer + 1] = math.max(0, ARGV[2 * i - 1] - counts[i])
    answer[#answer + 1] = oldest and tonumber(oldest) + window - now or 0
end
answer[#answer + 1] = redis.call('GET', KEYS[#KEYS])
return answer
"""
_SHA = hashlib.sha1(_SCRIPT.encode()).hexdigest()  # noqa: S324  # Redis's name for the script, no secret


@dataclass(frozen=True)
class Limit:
    """`policy` is what the consumer sees it called, `counter` whose requests are counted together."""

    policy: str
    counter: str
    rate: RateLimitItem


@dataclass(frozen=True)
class Standing:
    """How a limit stands: requests left, and the milliseconds until there are more."""

    limit: Limit
    left: int
    wait: int


@dataclass(frozen=True)
class Verdict:
    """`stamp` names the configuration in force; None where Redis did not tell."""

    admitted: bool
    standings: tuple[Standing, ...]
    stamp: bytes | None = None


def count(limits: Sequence[Limit]) -> Verdict:
    """Count one request against all of these limits, or against none where one of them is used up."""
    try:
        with redis_if_there(keep=True) as client:
            return _verdict(limits, _run(client, limits))
    except RedisAway:
        return _alone(limits)


def _run(client: "redis.Redis", limits: Sequence[Limit]) -> Any:
    keys = [*(PREFIX + limit.counter for limit in limits), STAMP]
    arguments = [number for one in limits for number in (one.rate.amount, one.rate.get_expiry() * 1000)]
    try:
        return client.execute_command("EVALSHA", _SHA, len(keys), *keys, *arguments)  # type: ignore[no-untyped-call]
    except redis.exceptions.NoScriptError:  # Redis was restarted or emptied
        return client.execute_command("EVAL", _SCRIPT, len(keys), *keys, *arguments)  # type: ignore[no-untyped-call]


def _verdict(limits: Sequence[Limit], answer: Sequence[int | bytes | None]) -> Verdict:
    numbers = [number for number in answer[1:-1] if isinstance(number, int)]
    standings = tuple(
        Standing(limit, left, wait)
        for limit, left, wait in zip(limits, numbers[::2], numbers[1::2], strict=True)
    )
    stamp = answer[-1]
    return Verdict(bool(answer[0]), standings, stamp if isinstance(stamp, bytes) else b"")


_memory = MovingWindowRateLimiter(MemoryStorage())


def _alone(limits: Sequence[Limit]) -> Verdict:
    admitted = all(_memory.test(limit.rate, limit.counter) for limit in limits)
    admitted = admitted and all(_memory.hit(limit.rate, limit.counter) for limit in limits)
    standings = []
    for limit in limits:
        stats = _memory.get_window_stats(limit.rate, limit.counter)
        wait = round((stats.reset_time - time()) * 1000)
        standings.append(Standing(limit, max(0, stats.remaining), max(0, wait)))
    return Verdict(admitted, tuple(standings))
