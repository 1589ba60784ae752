"""Waking a worker. A hint, never a promise: if the message is lost, the sweep finds the work.

One message for each endpoint until a worker has taken it, however many writes come meanwhile. A message may die with
the worker that had fetched it, so the sweep sends another one all the same.
"""

import logging
from collections.abc import Callable

from celery import current_app
from django.conf import settings
from django.db import transaction

from synchub import attendance
from synchub.redis_client import RedisAway, redis_if_there

logger = logging.getLogger(__name__)

PUSH_TASK = "synchub.sync.tasks.push"
PULL_TASK = "synchub.sync.tasks.pull"
TOUCHED_TASK = "synchub.sync.tasks.read_touched"
SWEEP_TASK = "synchub.sync.tasks.sweep_deletions"
RUN_TASK = "synchub.sync.tasks.run"
CLEAN_TASK = "synchub.sync.tasks.clean"
ROLL_TASK = "synchub.sync.tasks.be_there"
_MARK_SECONDS = 30
CLEANING = "hub:wake:clean"
_HOUR = 3600


def once_committed(wake: Callable[[int], None], whose: int) -> None:
    """`whose` is the endpoint, or the run. Robust: what is committed is accepted, whatever becomes of the hint. (Not a partial:
    where it fails, Django asks it for its name, and fails.)"""
    transaction.on_commit(lambda: wake(whose), robust=True)


def push(endpoint_id: int, *, insist: bool = False) -> None:
    """Have the endpoint's changes pushed soon. Never raises for a broker that is away.

    `insist`: even where a message is on its way already.
    """
    try:
        with redis_if_there() as client:
            if client.set(_mark(endpoint_id), 1, nx=not insist, ex=_MARK_SECONDS):
                # What the sweep sends is worth nothing once the next sweep has come.
                expires = _expires(settings.SWEEP_EVERY if insist else 3600)
                current_app.send_task(
                    PUSH_TASK, args=[endpoint_id], queue="push", retry=False, expires=expires
                )
    except RedisAway:
        logger.info("No worker could be woken; the sweep will carry the change.")


def pull(endpoint_id: int) -> None:
    """Have the endpoint pulled now. A message nobody took before the next one is due is worth nothing."""
    current_app.send_task(PULL_TASK, args=[endpoint_id], queue="pull", retry=False, expires=_expires(60))


def touched(endpoint_id: int) -> None:
    """Have what Odoo touched of the endpoint read. Never raises for a broker that is away: beat looks every two seconds."""
    try:
        with redis_if_there() as client:
            if client.set(f"hub:touched:{endpoint_id}", 1, nx=True, px=1000):
                current_app.send_task(
                    TOUCHED_TASK, args=[endpoint_id], queue="pull", retry=False, expires=_expires(30)
                )
    except RedisAway:
        logger.info("No worker could be woken; what Odoo touched is read soon.")


def sweep_deletions(endpoint_id: int) -> None:
    """Have the endpoint searched for deletions."""
    current_app.send_task(SWEEP_TASK, args=[endpoint_id], queue="pull", retry=False, expires=_expires(60))


def run(run_id: int) -> None:
    """Have a run begun that somebody asked for. Never raises for a broker that is away: the sweep sends it again."""
    try:
        with redis_if_there():
            expires = _expires(settings.SWEEP_EVERY)
            current_app.send_task(RUN_TASK, args=[run_id], queue="pull", retry=False, expires=expires)
    except RedisAway:
        logger.info("No worker could be woken; the sweep will do it.")


def clean() -> None:
    """Have it gone on with forgetting what is old. Never raises for a broker that is away: it is begun each hour."""
    try:
        with redis_if_there() as client:
            if client.set(CLEANING, 1, nx=True, ex=_HOUR):
                current_app.send_task(
                    CLEAN_TASK,
                    kwargs={"goes_on": True},
                    queue="housekeeping",
                    retry=False,
                    expires=_expires(_HOUR),
                )
    except RedisAway:
        logger.info("What is old is forgotten later.")


def may_clean(*, goes_on: bool) -> bool:
    """Whether it is to be forgotten now: not by another one while one that goes on is on its way."""
    try:
        with redis_if_there() as client:
            if not goes_on:
                return not client.exists(CLEANING)
            client.delete(CLEANING)
    except RedisAway:
        logger.info("Whether forgetting is on its way is not known.")
    return True


def call_the_roll() -> None:
    """Have it seen which queues are served. Never raises for a broker that is away."""
    try:
        with redis_if_there():
            for queue in attendance.CALLED:
                current_app.send_task(
                    ROLL_TASK, queue=queue, retry=False, expires=_expires(settings.SWEEP_EVERY)
                )
    except RedisAway:
        logger.info("Workers are not called.")


def taken(endpoint_id: int) -> None:
    """A worker begins to look: later writes have to wake one again."""
    try:
        with redis_if_there() as client:
            client.delete(_mark(endpoint_id))
    except RedisAway:
        logger.info("A wake-up mark could not be removed; it vanishes by itself.")


def _expires(seconds: int) -> int:
    """Whatever the receiver's clock says, the message lives for so long at least."""
    return seconds + int(settings.CLOCKS_APART)


def _mark(endpoint_id: int) -> str:
    return f"hub:wake:{endpoint_id}"
