"""The scheduler, where the clock of its machine goes back: it was ahead, and has been put right.

When a task was sent last is a moment by that clock, kept in the database. Left as it is, nothing is sent until the clock
comes by there again, for a day perhaps, and a beat that is started anew waits as well: nothing is pulled, and nothing says why.
"""

import logging
import time
from datetime import datetime
from typing import Any

from celery.utils.time import maybe_make_aware
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry

logger = logging.getLogger(__name__)

_SLACK = 1.0  # seconds: less than that is a clock that is kept right


class Entry(ModelEntry):  # type: ignore[misc]  # that package has no types
    def __init__(self, model: Any, app: Any = None) -> None:
        super().__init__(model, app=app)
        now = self._default_now()
        if maybe_make_aware(model.last_run_at) > now:
            self.last_run_at = model.last_run_at = now


class Scheduler(DatabaseScheduler):  # type: ignore[misc]
    Entry = Entry
    _latest = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        now = time.time()
        if now < self._latest - _SLACK:
            logger.warning(
                "The clock went back by %.0f s; tasks are due by the new time.", self._latest - now
            )
            self._last_full_sync = datetime.min  # so that it reads all of them anew
        self._latest = now
        return super().tick(*args, **kwargs)
