"""The project. The Celery application is made with it, so that web processes wake workers over the same broker."""

from synchub import collector

collector.rest()  # until Django is set up: see endpoints/apps.py

from synchub.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
