"""The timetable: what the hub does at certain times, stored by django-celery-beat."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django_celery_beat import models as beat
from django_celery_beat.admin import PeriodicTaskAdmin

from synchub.admin.base import HubAdmin
from synchub.admin.words import ago

# Tasks of every few seconds are not for people to change; beat writes them again when it starts.
HEARTBEATS = (*settings.CELERY_BEAT_SCHEDULE, "celery.backend_cleanup")

# Help texts that replace the package's own, which are for programmers.
_WORDS = {
    "enabled": ("done by itself", "Off: it is left out until it is on again."),
    "crontab": ("when", "On the clock that is named behind the time."),
}

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
    list_display = ("name", "when", "enabled", "last_done")
    list_filter = ()
    search_fields = ("name",)
    actions = ()
    fieldsets = ((None, {"fields": ("what", "enabled", "crontab", "last_done")}),)
    readonly_fields = ("what", "last_done")

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name in _WORDS and field is not None:
            field.label, field.help_text = _WORDS[db_field.name]
        if db_field.name == "crontab":
            field.label_from_instance = lambda times: times.human_readable
        return field

    @admin.display(description="what is done")
    def what(self, obj: beat.PeriodicTask) -> str:
        return str(obj.name)

    @admin.display(description="last done", ordering="last_run_at")
    def last_done(self, obj: beat.PeriodicTask) -> str:
        return ago(obj.last_run_at)

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
    """Reached only from the timetable."""

    list_display = ("human_readable", "timezone")
    fields = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week", "timezone")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False
