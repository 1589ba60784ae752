"""What an audit found: where the mirror and Odoo are not the same."""

from django.db import models
from django.utils import timezone

from endpoints.models.endpoint import Endpoint
from endpoints.models.record import Record
from endpoints.models.run import Run
from synchub.jsontext import KeptJson


class DifferenceKind(models.TextChoices):
    VALUE = "value", "another value"
    MISSING = "missing", "missing here"
    EXTRA = "extra", "not in Odoo"


class Difference(models.Model):
    """One key of one record, or a whole record that only one side has: then `key` and `field` are empty.

    `hub` and `odoo` are values as consumers see them, cut where they are long. A row goes when it is healed, when a later
    audit no longer finds it, and with its run. `chosen_at`: somebody wants it healed.
    """

    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.CASCADE, related_name="differences", db_index=False
    )
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="differences")
    record = models.ForeignKey(Record, on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=8, choices=DifferenceKind)
    odoo_id = models.IntegerField("id in Odoo")
    name = models.CharField(max_length=255, blank=True, help_text="how the record is called from outside")
    key = models.CharField(max_length=255, blank=True)
    label = models.CharField(max_length=255, blank=True)
    field = models.CharField(max_length=255, blank=True)
    hub = models.JSONField(decoder=KeptJson, null=True)
    odoo = models.JSONField(decoder=KeptJson, null=True)
    found_at = models.DateTimeField(default=timezone.now)
    chosen_at = models.DateTimeField(null=True)
    remark = models.TextField(blank=True, help_text="why it could not be healed")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "odoo_id", "key", "field"], name="difference_once"),
        ]
        indexes = [
            models.Index(
                fields=["endpoint"], condition=models.Q(chosen_at__isnull=False), name="difference_chosen"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name or f'Odoo id {self.odoo_id}'} ({self.endpoint})"
