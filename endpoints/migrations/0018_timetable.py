from django.db import migrations

from endpoints.migrations import _timetable


class Migration(migrations.Migration):
    dependencies = [
        ("endpoints", "0017_pull_at_times"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]
    operations = [migrations.RunPython(_timetable.add, _timetable.remove)]
