"""The Celery application. Messages are wake-ups only: they carry ids, and losing one costs a sweep's delay."""

import logging
import os
import signal
from typing import Any

from celery import Celery, Task
from celery.signals import beat_init, setup_logging, task_prerun, worker_process_init, worker_ready
from django.db import InterfaceError, OperationalError

from synchub import attendance, collector, unwritten

logger = logging.getLogger(__name__)

_ENDING = (signal.SIGTERM, signal.SIGINT)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "synchub.settings")
# They look at admin's pages and the API's addresses, which workers do not have; migrating looks at all of them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "yes")


_given_up: dict[str, int] = {}
"""How often in a row, by the task's name, in this process."""


class HubTask(Task[..., Any]):
    """While the database is away each task that comes up fails, some of them every two seconds. A line for the first of
    each kind tells it, and one for the first that gets through again, in each process of a worker's pool; tracebacks, or a line
    for each, would hide the rest."""

    abstract = True
    throws = (OperationalError, InterfaceError)

    def on_failure(self, exc: Exception, *_: Any) -> None:
        if not isinstance(exc, self.throws):
            return
        unwritten.note(exc)
        count = _given_up[self.name] = _given_up.get(self.name, 0) + 1
        if count == 1:
            said = str(exc).partition("\n")[0]
            logger.warning(
                "%s was given up, and comes up again by itself: the database says: %s", self.name, said
            )

    def on_success(self, *_: Any) -> None:
        if count := _given_up.pop(self.name, 0):
            logger.warning("%s gets through again. It was given up %s times.", self.name, count)


app = Celery("synchub", task_cls=HubTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["synchub.sync"])


@setup_logging.connect
def _log_as_django_does(**_: Any) -> None:
    """HUB_LOG_LEVEL counts; left to itself, Celery sets a level of its own."""


@worker_process_init.connect
def _begin(**_: Any) -> None:
    collector.spare()


@beat_init.connect
def _end_once(**_: Any) -> None:
    """Celery's own handler writes the timetable from within the signal. Where that comes while beat asks the database,
    as a second signal always does, the two wait for each other for ever."""
    for number in _ENDING:
        signal.signal(number, _interrupt)


def _interrupt(*_: Any) -> None:
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    # psycopg takes back what it asked where this comes, and beat writes its timetable once it is out of all that.
    raise KeyboardInterrupt


@worker_ready.connect
def _look_around(**_: Any) -> None:
    """A worker that starts, perhaps in place of one that was killed, does not wait for the next sweep."""
    app.send_task("synchub.sync.tasks.sweep", queue="housekeeping")


@task_prerun.connect
def _taken(task: Task[..., Any], **_: Any) -> None:
    attendance.note((task.request.delivery_info or {}).get("routing_key") or "")
