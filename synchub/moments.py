"""Moments as texts say them: on the clock of admin (`HUB_TIME_ZONE`), and which clock that is."""

from datetime import datetime

from django.utils import timezone


def at(moment: datetime | None) -> str:
    """“2026-01-01 12:00 CET”; empty where there is none."""
    return "" if moment is None else f"{timezone.localtime(moment):%Y-%m-%d %H:%M %Z}"
