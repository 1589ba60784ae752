"""Requests that may come twice: the first answer is kept under the consumer's idempotency key, and given again.

A key belongs to one access key of one endpoint. What was refused wrote nothing and is not kept: it may be sent again,
corrected, under the same key.

    mirror   keep() within the transaction that accepts the records
    live     begin() before Odoo is asked; complete() when it is known what was made, forget() when nothing was,
             release() when that is not known: whoever repeats the request looks in Odoo first
"""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import orjson
from django.conf import settings
from django.db import connection

from endpoints.incoming import Once, Stored
from synchub.errors import HubError


class KeyReused(HubError):
    """The idempotency key was used for another request."""

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was used for another request (another body, or another address). Take a new key for "
            "each request, and repeat one unchanged."
        )


class InFlight(HubError):
    """The first request with this key is still under way. `seconds`: when to ask again, at the latest."""

    def __init__(self, seconds: int) -> None:
        super().__init__("A request with this Idempotency-Key is under way; ask again for its answer.")
        self.seconds = seconds


class Taken(HubError):
    """Somebody has used the key since it was looked for."""


@dataclass(frozen=True)
class Attempt:
    """A live request under way. `again`: an earlier attempt may have done it."""

    handle: uuid.UUID
    again: bool


def find(once: Once) -> list[Stored] | None:
    """What was made under this key; None where that is not so, or not known. Raises KeyReused, InFlight."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT fingerprint, records, ceil(extract(epoch FROM busy_until - now()))::int
               FROM endpoints_keptanswer
               WHERE endpoint_id = %s AND access_key = %s AND key = %s
                 AND created_at > now() - make_interval(hours => %s)""",
            [*_name(once), settings.KEEP_ANSWERS_HOURS],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    fingerprint, records, seconds = row
    if fingerprint != once.fingerprint:
        raise KeyReused
    if records is not None:
        return _loaded(records)
    if seconds > 0:
        raise InFlight(min(seconds, 10))
    return None


def keep(once: Once, stored: Sequence[Stored]) -> None:
    """Within the transaction that accepts the records, before they are. Waits for one that is doing so; raises Taken."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO endpoints_keptanswer AS kept
                   (endpoint_id, access_key, key, fingerprint, handle, records, busy_until, created_at)
               VALUES (%s, %s, %s, %s, gen_random_uuid(), %s, now(), now())
               ON CONFLICT (endpoint_id, access_key, key) DO UPDATE
               SET fingerprint = EXCLUDED.fingerprint, handle = EXCLUDED.handle, records = EXCLUDED.records,
                   busy_until = now(), created_at = now()
               WHERE kept.created_at <= now() - make_interval(hours => %s)
               RETURNING id""",
            [*_name(once), once.fingerprint, _dumped(stored), settings.KEEP_ANSWERS_HOURS],
        )
        if cursor.fetchone() is None:
            raise Taken


def begin(once: Once, seconds: float) -> Attempt:
    """A live request begins, and may take so long. Raises Taken, KeyReused, InFlight."""
    mine = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO endpoints_keptanswer AS kept
                   (endpoint_id, access_key, key, fingerprint, handle, records, busy_until, created_at)
               VALUES (%s, %s, %s, %s, %s, NULL, now() + make_interval(secs => %s), now())
               ON CONFLICT (endpoint_id, access_key, key) DO UPDATE
               SET fingerprint = EXCLUDED.fingerprint, busy_until = EXCLUDED.busy_until, records = NULL,
                   created_at = CASE WHEN kept.records IS NULL AND kept.fingerprint = EXCLUDED.fingerprint
                                     THEN kept.created_at ELSE now() END,
                   handle = CASE WHEN kept.records IS NULL AND kept.fingerprint = EXCLUDED.fingerprint
                                 THEN kept.handle ELSE EXCLUDED.handle END
               WHERE kept.created_at <= now() - make_interval(hours => %s)
                  OR (kept.records IS NULL AND kept.busy_until <= now()
                      AND kept.fingerprint = EXCLUDED.fingerprint)
               RETURNING handle""",
            [*_name(once), once.fingerprint, mine, seconds, settings.KEEP_ANSWERS_HOURS],
        )
        row = cursor.fetchone()
    if row is None:
        find(once)  # says why, unless it is answered by now
        raise Taken
    (handle,) = row
    return Attempt(handle, again=handle != mine)


def complete(once: Once, stored: Sequence[Stored]) -> None:
    """This is what was made."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_keptanswer SET records = %s, busy_until = now()
               WHERE endpoint_id = %s AND access_key = %s AND key = %s AND fingerprint = %s""",
            [_dumped(stored), *_name(once), once.fingerprint],
        )


def release(once: Once) -> None:
    """What became of it is not known. The next who asks may look."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_keptanswer SET busy_until = now()
               WHERE endpoint_id = %s AND access_key = %s AND key = %s AND records IS NULL""",
            [*_name(once)],
        )


def forget(once: Once) -> None:
    """Nothing was made: the key is free again."""
    with connection.cursor() as cursor:
        cursor.execute(
            """DELETE FROM endpoints_keptanswer
               WHERE endpoint_id = %s AND access_key = %s AND key = %s AND fingerprint = %s""",
            [*_name(once), once.fingerprint],
        )


def _name(once: Once) -> tuple[int, str, str]:
    return once.endpoint_id, str(once.access_key or ""), once.key


def _dumped(stored: Sequence[Stored]) -> str:
    return orjson.dumps([asdict(one) for one in stored]).decode()


def _loaded(text: str) -> list[Stored]:
    return [
        Stored(**{**one, "handle": uuid.UUID(one["handle"]) if one["handle"] else None})
        for one in orjson.loads(text)
    ]
