"""Waiting for what can be seen, with an end."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class NotSo(AssertionError):
    """It was waited for, and did not come."""


def until(look: Callable[[], T], what: str, seconds: float = 30.0, pause: float = 0.05) -> T:
    """What `look` returns as soon as that is true. NotSo, saying what was waited for, after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise NotSo(f"After {seconds} s still not so: {what} (last look: {found!r})")
        time.sleep(pause)
