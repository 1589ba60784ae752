"""The project. The Celery application is made with it, so that web processes wake workers over the same broker."""

from synchub.celery import app as celery_app

__all__ = ["celery_app"]
