"""The Celery application. Messages are wake-ups only: they carry ids, and losing one costs a sweep's delay."""

import os
from typing import Any

from celery import Celery, Task
from celery.signals import setup_logging, task_prerun, worker_process_init, worker_ready

from synchub import attendance, collector

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "synchub.settings")

app = Celery("synchub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["synchub.sync"])


@setup_logging.connect
def _log_as_django_does(**_: Any) -> None:
    """HUB_LOG_LEVEL counts; left to itself, Celery sets a level of its own."""


@worker_process_init.connect
def _begin(**_: Any) -> None:
    collector.spare()


@worker_ready.connect
def _look_around(**_: Any) -> None:
    """A worker that starts, perhaps in place of one that was killed, does not wait for the next sweep."""
    app.send_task("synchub.sync.tasks.sweep", queue="housekeeping")


@task_prerun.connect
def _taken(task: Task[..., Any], **_: Any) -> None:
    attendance.note((task.request.delivery_info or {}).get("routing_key") or "")
