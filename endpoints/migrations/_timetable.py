"""What the hub does by itself at times that people may change."""

from typing import Any

NIGHTLY = {
    "Read models and fields from Odoo": ("synchub.sync.tasks.refresh_schemas", "3", "17"),
    "Forget what is old": ("synchub.sync.tasks.clean", "*", "23"),
}


def add(apps: Any, _editor: Any) -> None:
    cron, task = (apps.get_model("django_celery_beat", name) for name in ("CrontabSchedule", "PeriodicTask"))
    for name, (path, hour, minute) in NIGHTLY.items():
        times, _ = cron.objects.get_or_create(minute=minute, hour=hour, timezone="UTC")
        task.objects.get_or_create(
            name=name, defaults={"task": path, "crontab": times, "expire_seconds": 3600}
        )


def remove(apps: Any, _editor: Any) -> None:
    apps.get_model("django_celery_beat", "PeriodicTask").objects.filter(name__in=NIGHTLY).delete()
