"""Times of day and week at which something is due, as cron writes them, on the clock of people's own time zone."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from celery.schedules import ParseException
from django_celery_beat.tzcrontab import TzAwareCrontab

FIELDS = ("minute", "hour", "day of the month", "month", "day of the week")


def problem(text: str) -> str | None:
    """What is wrong with it, in words for whoever wrote it."""
    try:
        following(text, "UTC", datetime(2024, 1, 1, tzinfo=UTC))
    except (ValueError, ParseException):
        return (
            f"“{text}” is not five fields ({', '.join(FIELDS)}), or one of them is out of its range. Every weekday at six "
            "is 0 6 * * 1-5; every quarter of an hour is */15 * * * *."
        )
    return None


def following(text: str, time_zone: str, after: datetime) -> datetime:
    """The first such moment after `after`. Raises ValueError or ParseException.

    An hour that the clocks leave out in spring counts as the one after it. One that comes twice counts once, but for what is
    due in each hour.
    """
    fields = text.split()
    if len(fields) != len(FIELDS):
        raise ValueError(text)
    zone = ZoneInfo(time_zone or "UTC")
    moment = _next(fields, after, zone)
    while moment <= after:  # in the second of two such hours, whose times are taken for those of the first
        moment = _next(fields, moment, zone)
    if fields[1] == "*":
        ticking = timezone(after.astimezone(zone).utcoffset() or timedelta())  # nobody sets these clocks
        again = _next(fields, after, ticking)
        if again.astimezone(zone).fold:
            return min(again, moment)
    return moment


def _next(fields: Sequence[str], after: datetime, clock: tzinfo) -> datetime:
    minute, hour, day, month, weekday = fields
    schedule = TzAwareCrontab(minute, hour, weekday, day, month, tz=clock)
    start, ahead, _ = schedule.remaining_delta(after.astimezone(clock))
    moment: datetime = start + ahead
    return moment.astimezone(UTC)
