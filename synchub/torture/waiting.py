"""Waiting for what can be seen, with an end."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Of seconds: how long what is waited for may take on a machine that does much else. What never comes is found all the same.
PATIENCE = 180.0


class NotSo(AssertionError):
    """It was waited for, and did not come."""


def until(look: Callable[[], T], what: str, seconds: float = PATIENCE, pause: float = 0.05) -> T:
    """What `look` returns as soon as that is true. NotSo, saying what was waited for, after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise NotSo(f"After {seconds:g} s still not so: {what} (last look: {found!r})")
        time.sleep(pause)
