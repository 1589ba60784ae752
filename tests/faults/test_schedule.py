"""Row 18: what is scheduled happens once, however many schedulers there are."""

import math
import time
from signal import SIGTERM

import psycopg
from celery import Celery

from synchub import attendance
from synchub.torture import programs
from synchub.torture.waiting import until
from tests.faults.sides import Side
from tests.faults.stack import PULL_EVERY, Stack

_CALLS_OF_A_PULL = 2  # the look at the newest `write_date`, and one page of what has changed


def test_two_schedulers_make_one_pull_per_interval(stack: Stack, practice: Side):
    second = stack.guest(programs.beat("second-beat", stack.env, stack.folder))
    until(lambda: "Sending due task start-due-pulls" in second.says(), "the second scheduler is at work")

    def pulls() -> int:
        return math.ceil(stack.odoo.calls.count_of("res.partner", "search_read") / _CALLS_OF_A_PULL)

    begun, before = time.monotonic(), pulls()
    until(lambda: pulls() >= before + 4, "four pulls")
    intervals = math.floor((time.monotonic() - begun) / PULL_EVERY)
    # One at each end of the time looked at, and one that was begun or sent before.
    assert pulls() - before <= intervals + 2


def test_a_scheduler_that_is_told_twice_to_end_while_it_asks_the_database_ends(stack: Stack, practice: Side):
    beat = stack.guest(programs.beat("told-twice", stack.env, stack.folder))
    until(lambda: "Sending due task start-due-pulls" in beat.says(), "it is at work")

    with psycopg.connect(stack.database_url()) as holder:
        holder.execute("LOCK django_celery_beat_periodictasks, django_celery_beat_periodictask")

        def waiting() -> int:
            [[count]] = stack.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            return int(count)

        until(lambda: waiting() == 2, "both schedulers ask for what is held")
        beat.tell(SIGTERM)
        beat.tell(SIGTERM)
    assert beat.ended(20) == 0


def test_a_search_for_deletions_asked_for_ten_times_is_done_once(stack: Stack, practice: Side):
    # What tests before have deleted would be asked for once more.
    _search_for_deletions(stack, practice, confirmed=True)
    until(lambda: not _is_confirmed(stack, practice), "what is gone has left the mirror")

    before = stack.odoo.calls.count_of("res.partner", "search")
    _search_for_deletions(stack, practice, confirmed=False)
    with Celery(broker=stack.redis_url, set_as_current=False) as sender:
        for task in ("start_due_sweeps", "sweep") * 10:
            sender.send_task(f"synchub.sync.tasks.{task}", queue="housekeeping")
    until(
        lambda: stack.odoo.calls.count_of("res.partner", "search") > before, "it is searched for what is gone"
    )
    until(lambda: stack.redis.llen("housekeeping") == stack.redis.llen("pull") == 0, "all are taken")
    assert stack.odoo.calls.count_of("res.partner", "search") == before + 1


def test_each_queue_that_a_worker_serves_is_known_to_be_served(stack: Stack, practice: Side):
    keys = [attendance.key(queue) for queue in (attendance.HOUSEKEEPING, *attendance.CALLED)]
    stack.redis.delete(*keys)
    until(lambda: stack.redis.exists(*keys) == len(keys), "something was taken from each queue")


def _search_for_deletions(stack: Stack, side: Side, *, confirmed: bool) -> None:
    """It is due now; and somebody has agreed that however many are gone may be removed, or has not."""
    stack.sql(
        "UPDATE endpoints_pullstate SET deletions_next_at = now(), deletions_confirmed = %s WHERE endpoint_id = %s",
        confirmed,
        _id(stack, side),
    )


def _is_confirmed(stack: Stack, side: Side) -> bool:
    [[confirmed]] = stack.sql(
        "SELECT deletions_confirmed FROM endpoints_pullstate WHERE endpoint_id = %s", _id(stack, side)
    )
    return bool(confirmed)


def _id(stack: Stack, side: Side) -> int:
    [[endpoint]] = stack.sql("SELECT id FROM endpoints_endpoint WHERE name = %s", side.endpoint)
    return int(endpoint)
