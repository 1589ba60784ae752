"""What the hub does by itself, for people to put at another time."""

from django.apps import apps
from django.conf import settings
from django.test import Client
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from endpoints.migrations import _timetable


def test_the_timetable_has_what_people_may_move_and_nothing_that_keeps_the_hub_going(admin_page: Client):
    _timetable.add(apps, None)  # a test before this one that commits has emptied what migrate wrote
    every = IntervalSchedule.objects.create(every=10, period="seconds")
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():  # as beat does when it starts
        PeriodicTask.objects.create(name=name, task=entry["task"], interval=every)
    shown = admin_page.get("/admin/django_celery_beat/periodictask/").context["cl"].queryset
    assert {task.name for task in shown} == set(_timetable.NIGHTLY)
