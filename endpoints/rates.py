"""How often: `100/minute`, in the notation of the `limits` library."""

from functools import lru_cache

import limits

NONE = "none"
_MOST = 1_000_000_000


class NoRate(ValueError):
    """The text is no rate; the message says what one looks like."""


@lru_cache(maxsize=1024)
def parse(text: str) -> limits.RateLimitItem:
    """Raises NoRate."""
    try:
        [item] = limits.parse_many(text)
    except ValueError:
        raise NoRate(f"“{text}” is no rate; write one like 100/minute or 1000/hour.") from None
    if not 1 <= item.amount <= _MOST or not item.multiples:
        raise NoRate(f"“{text}”: a rate allows at least one request and {_MOST:,} at most.")
    return item


def problem(text: str | None) -> str | None:
    """Why this is no rate, or None. Empty is no limit."""
    try:
        if text:
            parse(text)
    except NoRate as error:
        return str(error)
    return None
