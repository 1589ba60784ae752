"""Dates and times as another system writes them: with a pattern, in a time zone."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from mappings.fieldtypes import WrongValue, json_name
from mappings.steps import Step

_DATE = frozenset("YymdbBjaA")
_TIME = frozenset("HIMSpz")
_LONGEST = 100

# Every part is recognisable: the day cannot be a month, and the time is in the afternoon.
_SAMPLE = datetime(2026, 11, 23, 14, 5, 9, tzinfo=UTC)


def pattern_problem(pattern: str, kind: str) -> str | None:
    """Why a date (or datetime) does not survive being written with the pattern and read again; None if it does."""
    directives = re.findall(r"%(.?)", pattern, re.S)
    allowed = _DATE | {"%"} | (_TIME if kind == "datetime" else frozenset())
    for directive in directives:
        if directive not in allowed:
            offered = " ".join(f"%{one}" for one in sorted(allowed - {"%"}, key=str.lower))
            return f"“%{directive}” cannot stand in the pattern of a {kind}; these can: {offered}."
    step = Moment(kind, pattern)
    try:
        text = step.outward(_json(kind, _SAMPLE))
        again = step.inward(text)
    except (WrongValue, ValueError, re.error) as error:
        return f"the pattern “{pattern}” cannot be read again: {error}."
    kept = [
        _SAMPLE,
        _SAMPLE.replace(second=0),
        _SAMPLE.replace(minute=0, second=0),
        _SAMPLE.replace(hour=0, minute=0, second=0),
    ]
    if again not in [_json(kind, moment) for moment in kept]:
        return (
            f"the pattern “{pattern}” writes {_SAMPLE:%Y-%m-%d %H:%M:%S} as “{text}” and reads that as {again}. "
            "It needs the year, the month and the day (%I also needs %p)."
        )
    return None


def _json(kind: str, moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d" if kind == "date" else "%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Moment(Step):
    """`kind` is date or datetime. Without a pattern it is ISO 8601, with the offset of the time zone.

    A pattern without seconds drops them. Without %z, the hour that comes twice in autumn means the first one.
    """

    kind: str
    pattern: str = ""
    time_zone: str = ""

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone or "UTC")

    def inward(self, value: Any) -> Any:
        if value is None or (value == "" and self.pattern):
            return None
        try:
            if not isinstance(value, str) or len(value) > _LONGEST:
                raise ValueError
            if self.kind == "date":
                return self._read(value.strip()).date().isoformat()
            moment = self._read(value.strip())
            if moment.tzinfo is None:
                moment = self._in_zone(moment, value)
            return f"{moment.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat()}Z"
        except (ValueError, OverflowError):
            what = "date" if self.kind == "date" else "date and time"
            example = self.outward(_json(self.kind, _SAMPLE))
            raise WrongValue(f"a {what} like “{example}” is expected, not {json_name(value)}") from None

    def _read(self, text: str) -> datetime:
        if self.pattern:
            moment = datetime.strptime(text, self.pattern)  # the caller adds the zone
            # The 366th day of a shorter year would be the next year's first; %f takes digits and means nothing here.
            if (
                "%j" in self.pattern
                and datetime.strptime(text, self.pattern.replace("%j", "%f")).year != moment.year
            ):
                raise ValueError
            return moment
        if not re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", text):
            raise ValueError
        return datetime.fromisoformat(text)

    def _in_zone(self, moment: datetime, shown: str) -> datetime:
        there = moment.replace(tzinfo=self._zone)
        if there.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None) != moment:
            raise WrongValue(
                f"“{shown}” does not exist in {self.time_zone}: the clocks are put forward at that time"
            )
        return there

    def outward(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            if self.kind == "date":
                return _written(date.fromisoformat(value), self.pattern)
            moment = datetime.fromisoformat(value).astimezone(self._zone)
        except (ValueError, OverflowError):
            return value  # Odoo writes no such value; it is shown as it is
        if self.pattern:
            return _written(moment, self.pattern)
        # Before there were time zones, clocks differed by seconds, for which ISO 8601 has no offset.
        whole = (moment.utcoffset() or timedelta()).total_seconds() % 60 == 0
        return (moment if whole else moment.astimezone(UTC)).isoformat()

    def near(self, value: Any) -> list[tuple[str, Any]]:
        shown = set(re.findall(r"%(.?)", self.pattern, re.S))
        if value is None or self.kind == "date" or not self.pattern or shown >= {"S", "z"}:
            return []
        moment = datetime.fromisoformat(value)
        try:
            first, last = moment - timedelta(days=1), moment + timedelta(days=2)
        except OverflowError:  # at the end of the calendar
            return []
        return [(">=", first.isoformat(sep=" ")), ("<=", last.isoformat(sep=" "))]


def _written(moment: date, pattern: str) -> str:
    # %Y has four digits only from the year 1000 on.
    text = re.sub(r"%(.)", lambda m: f"{moment.year:04d}" if m[1] == "Y" else m[0], pattern)
    return moment.strftime(text)
