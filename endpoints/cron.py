"""Times of day and week at which something is due, as cron writes them, on the clock of people's own time zone."""

from datetime import UTC, datetime
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

    An hour that the clocks leave out in spring counts as the one after it; one that comes twice counts once.
    """
    fields = text.split()
    if len(fields) != len(FIELDS):
        raise ValueError(text)
    minute, hour, day, month, weekday = fields
    zone = ZoneInfo(time_zone or "UTC")
    schedule = TzAwareCrontab(minute, hour, weekday, day, month, tz=zone)
    start, ahead, _ = schedule.remaining_delta(after.astimezone(zone))
    moment: datetime = start + ahead
    return moment.astimezone(UTC)
