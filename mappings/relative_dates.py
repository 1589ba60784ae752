"""Moments that move along with time, as a domain's text has them: `today - 7 days`, `now - 2 hours`, `start of month`.

    moment   now | today | start of (week | month | quarter | year)
    text     moment, then any number of   + N unit   or   - N unit
    unit     minute(s), hour(s), day(s), week(s), month(s), quarter(s), year(s)

Weeks begin on Monday. Days are those of a time zone; `today` and `start of …` are its midnight, and days, weeks and
longer are counted on its calendar. Nothing is evaluated: what does not match is an ordinary text.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OFFERED = (
    ("now - 1 hour", "the last hour"),
    ("now - 24 hours", "the last 24 hours"),
    ("today", "since midnight"),
    ("today - 7 days", "the last 7 days"),
    ("today - 30 days", "the last 30 days"),
    ("start of week", "since Monday"),
    ("start of month", "this month"),
    ("start of month - 1 month", "since the beginning of last month"),
    ("start of quarter", "this quarter"),
    ("start of year", "this year"),
)
"""For forms: the value of a term `(field, '>=', value)`, and what it means."""

_UNITS = r"minute|hour|day|week|month|quarter|year"
_STEP = re.compile(rf"\s*([+-])\s*(\d{{1,5}})\s+({_UNITS})s?")
_TEXT = re.compile(
    rf"\s*(?P<base>now|today|start of (?:week|month|quarter|year))(?P<steps>(?:{_STEP.pattern})*)\s*"
)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DAYS = {"day": 1, "week": 7}
_MINUTES = {"minute": 1, "hour": 60}


@dataclass(frozen=True)
class Relative:
    """One such moment. `is_date`: its field holds days, not moments."""

    text: str
    base: str
    steps: tuple[tuple[int, str], ...]
    is_date: bool = False

    def at(self, now: datetime, time_zone: str = "") -> str:
        """As Odoo reads it: a day, or a moment of UTC. `now` has a zone; an empty `time_zone` is UTC.

        Raises ValueError or OverflowError where it leads out of the calendar.
        """
        zone = ZoneInfo(time_zone or "UTC")
        local = now.astimezone(zone)
        day = _begin(self.base, local.date())
        months = sum(count * _MONTHS.get(unit, 0) for count, unit in self.steps)
        day = _months_later(day, months)
        day += timedelta(days=sum(count * _DAYS.get(unit, 0) for count, unit in self.steps))
        clock = local.timetz() if self.base == "now" else time(tzinfo=zone)
        moment = datetime.combine(day, clock).astimezone(UTC)
        if self.base == "now" and day == local.date():
            moment = now.astimezone(UTC)  # the hour that comes twice in autumn stays what it is
        # Hours and minutes are counted as they pass, whatever clocks are set to.
        moment += timedelta(minutes=sum(count * _MINUTES.get(unit, 0) for count, unit in self.steps))
        if self.is_date:
            return moment.astimezone(zone).date().isoformat()
        return moment.replace(tzinfo=None, microsecond=0).isoformat(sep=" ")


def read(text: str, *, is_date: bool) -> Relative | None:
    """None: an ordinary text."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    steps = tuple((int(f"{sign}{count}"), unit) for sign, count, unit in _STEP.findall(match["steps"]))
    return Relative(" ".join(text.split()), match["base"], steps, is_date)


def _begin(base: str, day: date) -> date:
    match base:
        case "start of week":
            return day - timedelta(days=day.weekday())
        case "start of month":
            return day.replace(day=1)
        case "start of quarter":
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case "start of year":
            return day.replace(month=1, day=1)
    return day


def _months_later(day: date, months: int) -> date:
    """The same day of another month, or its last where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("out of the calendar")
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))
