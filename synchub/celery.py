"""The Celery application. Messages are wake-ups only: they carry ids, and losing one costs a sweep's delay."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "synchub.settings")

app = Celery("synchub")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["synchub.sync"])
