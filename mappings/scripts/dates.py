"""What the sandbox does not know of dates: zones by their names, and dates as people write them."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import parser  # type: ignore[import-untyped]
from dateutil.zoneinfo import get_zonefile_instance  # type: ignore[import-untyped]

from mappings.scripts.worker import Refused

# Characters of a date, with its zone and all. The parser's time grows with the square of a text, outside of the sandbox and its limits.
_LONGEST = 200


def offset(zone: str, moment: str, *, local: bool, summer: bool | None = False) -> list[Any]:
    """Seconds from UTC and the zone's short name, at a moment of the zone's own clock or of UTC.

    What the clock shows twice, or never, when it is changed is read as `pytz` reads it: winter time, or with `summer` summer time.
    """
    place = _zone(zone)
    try:
        at = datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone(place)
    except OverflowError:
        raise Refused(f"{moment} is before or after all that the calendar of {zone} has") from None
    if local:
        both = [datetime.fromisoformat(moment).replace(tzinfo=place, fold=fold) for fold in (0, 1)]
        if summer is None and both[0].utcoffset() != both[1].utcoffset():
            raise Refused(
                f"{moment} is there twice, or not at all, in {zone}: the clocks are changed at that time"
            )
        at = (max if summer else min)(both, key=lambda one: one.utcoffset() or timedelta())
    found = at.utcoffset()
    return [int(found.total_seconds()) if found else 0, at.tzname() or zone]


def parsed(text: str) -> str:
    try:
        if len(text.strip()) > _LONGEST:
            raise ValueError
        found: datetime = parser.parse(text.strip(), tzinfos=_named)
        return found.isoformat()
    except (ValueError, OverflowError, TypeError):
        raise Refused(f"“{str(text)[:80]}” is no date") from None


def _named(name: str | None, seconds: int | None) -> int | None:
    """Left to itself, the parser takes what letters alone say (EST) for nothing, unless the machine's own clock is called so."""
    if name is not None and seconds is None:
        raise Refused(f"{name} may be the clock of several places: write +01:00, or leave it out")
    return seconds


def _zone(name: Any) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError, TypeError):
        # Small systems have no zones of their own; dateutil brings them.
        found: tzinfo | None = get_zonefile_instance().get(name)
    if found is None:
        raise Refused(f"“{str(name)[:80]}” is no time zone: these have names like Europe/Paris")
    return found
