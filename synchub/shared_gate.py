"""Who may call an Odoo now, counted over all processes and machines that share one Redis.

A place is held for a few seconds and renewed while the call goes on, so that what a killed worker held is free again
soon. Redis holds nothing that matters: while it is away, each process keeps the limits for itself.
"""

import os
import random
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from synchub.errors import OdooRetryable
from synchub.odoo.gate import MAX_WAIT, LocalGate
from synchub.redis_client import RedisAway, redis_if_there

HOLD = 15.0  # seconds that a place outlives its last renewal

# By Redis's own clock: those of the machines may differ.
_NOW = "local t = redis.call('TIME'); local now = t[1] + t[2] / 1e6;"
_TAKE = f"""{_NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[2])
redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[3] * 1000))
return 1
"""
_RENEW = f"""{_NOW}
redis.call('ZADD', KEYS[1], 'XX', now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[2] * 1000))
"""
_TURN = f"""{_NOW}
local turn = math.max(now, tonumber(redis.call('GET', KEYS[1]) or now))
if turn - now > tonumber(ARGV[2]) then return -1 end
redis.call('SET', KEYS[1], string.format('%.6f', turn + 1 / ARGV[1]), 'PX', math.ceil((turn - now) * 1000) + 60000)
return math.ceil((turn - now) * 1e6)
"""
"""Microseconds to wait; -1: more than the caller would."""


class SharedGate:
    """At most as many calls at once, and starts a second, as `local` allows one process: for `key` everywhere."""

    def __init__(self, key: str, local: LocalGate, *, max_wait: float = MAX_WAIT) -> None:
        self._key, self._local, self._max_wait = f"hub:gate:{key}", local, max_wait

    @contextmanager
    def __call__(self) -> Iterator[None]:
        with self._local(self._max_wait):
            place = uuid.uuid4().hex
            try:
                self._take(place)
            except RedisAway:
                yield
                return
            _kept.add(self._key, place)
            try:
                self._await_turn()
                yield
            finally:
                _kept.remove(place)
                self._give_back(place)

    def _take(self, place: str) -> None:
        until = time.monotonic() + self._max_wait
        while True:
            with redis_if_there() as redis:
                if redis.register_script(_TAKE)(
                    keys=[self._key], args=[self._local.concurrency, place, HOLD]
                ):
                    return
            if time.monotonic() > until:
                raise OdooRetryable(
                    f"Odoo is busy: {self._local.concurrency} calls are under way, none ended in "
                    f"{self._max_wait:g} s."
                )
            time.sleep(random.uniform(0.01, 0.05))  # noqa: S311  # spread out, no secret

    def _give_back(self, place: str) -> None:
        try:
            with redis_if_there() as redis:
                redis.zrem(self._key, place)
        except RedisAway:
            pass  # it runs out by itself

    def _await_turn(self) -> None:
        rate = self._local.rate_per_second
        if rate is None:
            return
        try:
            with redis_if_there() as redis:
                wait = redis.register_script(_TURN)(keys=[f"{self._key}:turn"], args=[rate, self._max_wait])
        except RedisAway:
            return
        if wait < 0:
            raise OdooRetryable(f"Odoo is busy: more calls wait than {rate:g} a second let through.")
        time.sleep(wait / 1e6)


class _Kept:
    """The places that this process holds, renewed by one thread for as long as there are any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._places: dict[str, str] = {}
        self._thread: threading.Thread | None = None

    def add(self, key: str, place: str) -> None:
        with self._lock:
            self._places[place] = key
            if self._thread is None:
                self._thread = threading.Thread(target=self._renew, name="gate", daemon=True)
                self._thread.start()

    def remove(self, place: str) -> None:
        with self._lock:
            self._places.pop(place, None)

    def _renew(self) -> None:
        while True:
            time.sleep(HOLD / 3)
            with self._lock:
                places = list(self._places.items())
                if not places:
                    self._thread = None
                    return
            try:
                with redis_if_there() as redis:
                    renew = redis.register_script(_RENEW)
                    for place, key in places:
                        renew(keys=[key], args=[place, HOLD])
            except RedisAway:
                continue


_kept = _Kept()


def _forget_the_parent() -> None:
    # The parent's thread does not exist in the child, and its places are not the child's.
    _kept.__init__()  # type: ignore[misc]  # the object is shared by name


os.register_at_fork(after_in_child=_forget_the_parent)
