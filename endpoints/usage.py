"""When and from where access keys were used last: noted once a minute by each process, not with every request."""

import logging
import threading
import time

from django.db import DatabaseError
from django.db.models.functions import Now

from endpoints.models import AccessKey

logger = logging.getLogger(__name__)

NOTE_EVERY = 60.0  # seconds

_lock = threading.Lock()
_noted: dict[int, float] = {}


def note(key_id: int, address: str) -> None:
    """Never raises: that a key could not be noted is no reason to refuse it."""
    now = time.monotonic()
    with _lock:
        if now - _noted.get(key_id, -NOTE_EVERY) < NOTE_EVERY:
            return
        _noted[key_id] = now
    try:
        AccessKey.objects.filter(pk=key_id).update(last_used_at=Now(), last_used_from=address[:64])
    except DatabaseError as error:
        logger.warning("The use of an access key could not be noted: %s", error)


def forget() -> None:
    """The next use is noted."""
    with _lock:
        _noted.clear()
