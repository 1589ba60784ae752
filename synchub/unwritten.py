"""Does the database take what is written? Whoever only reads from it, as the first page and `/healthz` do, would not notice.

That it is a standby it says itself. What else it refuses is told by workers through Redis: they write every few seconds.
"""

from typing import Any

from django.db import InterfaceError, OperationalError, connection

from synchub.redis_client import RedisAway, redis_if_there

KEY = "hub:unwritten"
_SECONDS = 30
"""For so long is told what was refused. Whoever has housekeeping to do writes every three seconds, and renews it."""

_READ_ONLY = "25006"
_OTHERS = ("40", "55", "57014")
"""Of SQLSTATE: others were at work on the same rows, or it took too long. That passes, and says nothing of the database."""
_REASONS = {
    "53100": "its disk is full",
    "53200": "it has no memory left",
    "53300": "it has no connection left for them",
    "58": "its disk fails",
}
_AWAY = ("08", "53", "57P", "58")
"""Of SQLSTATE: no connection, nothing left, shut down, its disk fails. Of nothing else a restart of PostgreSQL or more room is the end."""
_NO_CONNECTION_LEFT = ("too many", "connection slots")
"""In what PostgreSQL says to who is not let in: that comes without a SQLSTATE."""


def note(error: BaseException) -> None:
    """A worker could not do its task for this. Never raises."""
    reason = _reason(error)
    if reason:
        try:
            with redis_if_there() as client:
                client.set(KEY, reason, ex=_SECONDS)
        except RedisAway:
            pass  # which is said in any case


def is_away(error: BaseException) -> bool:
    """Does this say that the database is away or full, which is told of by itself, and of nothing that was asked of it? Django calls
    much else by the same name: a question that takes too long, a deadlock, more than PostgreSQL takes."""
    state = getattr(error.__cause__, "sqlstate", None)
    if isinstance(error, OperationalError):
        return not state or state.startswith(_AWAY)
    return isinstance(error, InterfaceError)


def troubles() -> list[str]:
    """Sentences; nothing that a stranger should not read."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        if cursor.fetchone() != ("off",):
            return ["The database takes no writes: nothing is accepted, pushed or pulled until it does."]
    try:
        with redis_if_there() as client:
            found: Any = client.get(KEY)
    except RedisAway:
        return []
    if not found:
        return []
    return [
        f"The database does not take what workers write: {found.decode()}. Little or nothing is accepted, pushed or pulled "
        "until it does; the log of the workers has its words."
    ]


def _reason(error: BaseException) -> str:
    """In words without names; empty where it says nothing of the database."""
    state = getattr(error.__cause__, "sqlstate", None) or ""
    if state == _READ_ONLY or (state and state.startswith(_OTHERS)):
        return ""
    for code, reason in _REASONS.items():
        if state.startswith(code):
            return reason
    if any(words in str(error) for words in _NO_CONNECTION_LEFT):
        return _REASONS["53300"]
    return "it refuses that" if state else "they do not reach it"
