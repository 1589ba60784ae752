"""The timetable: what the hub does by itself at certain times, kept by django-celery-beat."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django_celery_beat import models as beat
from django_celery_beat.admin import PeriodicTaskAdmin

from synchub.admin.base import HubAdmin

# What keeps the hub going every few seconds is none of anybody's business; beat writes it anew when it starts.
HEARTBEATS = (*settings.CELERY_BEAT_SCHEDULE, "celery.backend_cleanup")

for _model in (
    beat.PeriodicTask,
    beat.CrontabSchedule,
    beat.IntervalSchedule,
    beat.SolarSchedule,
    beat.ClockedSchedule,
):
    admin.site.unregister(_model)


@admin.register(beat.PeriodicTask)
class TimetableAdmin(HubAdmin[Any], PeriodicTaskAdmin):  # type: ignore[misc]  # that one has no types
    list_display = ("name", "when", "enabled", "last_run_at")
    list_filter = ()
    search_fields = ("name",)
    actions = ()
    fieldsets = ((None, {"fields": ("name", "enabled", "crontab", "last_run_at")}),)
    readonly_fields = ("name", "last_run_at")

    @admin.display(description="When")
    def when(self, obj: beat.PeriodicTask) -> str:
        return str(obj.crontab.human_readable if obj.crontab else obj.scheduler)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_queryset(request)
        return found.exclude(name__in=HEARTBEATS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(beat.CrontabSchedule)
class TimesAdmin(HubAdmin[Any]):
    """Reached from the timetable alone."""

    list_display = ("human_readable", "timezone")
    fields = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week", "timezone")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False
