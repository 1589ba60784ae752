"""What the hub does by itself, for people to put at another time."""

from django.test import Client
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

from synchub.celery import app


def test_the_timetable_has_what_people_may_move_and_nothing_that_keeps_the_hub_going(admin_page: Client):
    DatabaseScheduler(app=app).setup_schedule()  # as beat does when it starts
    page = admin_page.get("/admin/django_celery_beat/periodictask/").content.decode()
    beats = set(app.conf.beat_schedule)
    assert beats <= set(PeriodicTask.objects.values_list("name", flat=True))
    assert not [name for name in beats if name in page]
    assert "clean" in page.lower()
