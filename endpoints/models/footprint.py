"""What a push changed in Odoo, kept for a while so that it can be undone."""

from django.db import models
from django.utils import timezone

from endpoints.models.record import Record
from endpoints.models.run import Run
from synchub.jsontext import KeptJson


class Did(models.TextChoices):
    CREATE = "create", "created"
    UPDATE = "update", "changed"
    ARCHIVE = "archive", "archived"
    UNLINK = "unlink", "deleted"


class Footprint(models.Model):
    """One write of a run in one record. `before` and `after` are values by Odoo field, of what was written, and of what Odoo
    worked out from it; of a new record all but files.

    `before` lacks what was not known; of a deletion it is all that the hub had. `outcome` tells what an undo did with it,
    `undo_run` which one.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="footprints", db_index=False)
    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="footprints")
    odoo_id = models.IntegerField()
    did = models.CharField(max_length=8, choices=Did)
    before = models.JSONField(decoder=KeptJson, default=dict)
    after = models.JSONField(decoder=KeptJson, default=dict)
    made_at = models.DateTimeField(default=timezone.now)
    undo_run = models.BigIntegerField(null=True)
    undone = models.BooleanField(default=False)
    outcome = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["run", "record"], name="footprint_run"),
            models.Index(fields=["made_at"], name="footprint_made"),
        ]

    def __str__(self) -> str:
        return f"{self.get_did_display()} {self.record}"

    @property
    def changed(self) -> list[str]:
        """The fields that have another value since, as far as that is known."""
        return [
            name
            for name, value in self.after.items()
            if name not in self.before or self.before[name] != value
        ]
