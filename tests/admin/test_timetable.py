"""What the hub does by itself, for people to put at another time."""

from django.apps import apps
from django.conf import settings
from django.test import Client
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from endpoints.migrations import _timetable
from tests.admin.conftest import said


def test_the_timetable_has_what_people_may_move_and_nothing_that_keeps_the_hub_going(admin_page: Client):
    _timetable.add(apps, None)  # a test before this one that commits has emptied what migrate wrote
    every = IntervalSchedule.objects.create(every=10, period="seconds")
    for name, entry in settings.CELERY_BEAT_SCHEDULE.items():  # as beat does when it starts
        PeriodicTask.objects.create(name=name, task=entry["task"], interval=every)
    shown = admin_page.get("/admin/django_celery_beat/periodictask/").context["cl"].queryset
    assert {task.name for task in shown} == set(_timetable.NIGHTLY)


def test_a_time_is_chosen_in_words(admin_page: Client):
    _timetable.add(apps, None)
    task = PeriodicTask.objects.filter(name__in=_timetable.NIGHTLY).first()
    assert task is not None
    text = said(admin_page.get(f"/admin/django_celery_beat/periodictask/{task.pk}/change/"))
    assert "On the clock that is named behind the time." in text
    assert str(task.crontab.human_readable) in text
    assert "(m/h/dM/MY/d)" not in text.split("What is done")[1]
    assert "schedule type" not in text
