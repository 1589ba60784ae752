"""The conflict inbox: fields that Odoo and a consumer both changed, and what a person decided."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from endpoints.models.endpoint import Endpoint
from endpoints.models.record import Record
from synchub.jsontext import KeptJson


class Conflict(models.Model):
    """One record's question to a person. It stays after the answer, as its history.

    `fields` is a list of {"field", "key", "label", "base", "current", "wanted", "shown": {"base", "current",
    "wanted"}, "winner"}: the three are values as the outbox keeps them, under `shown` as consumers see them;
    `winner` is "", "odoo" or "hub". `change_ids` are the refused changes that wait for the answer.
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="+", db_index=False)
    record = models.ForeignKey(Record, on_delete=models.CASCADE, related_name="conflicts", db_index=False)
    change_ids = ArrayField(models.BigIntegerField())
    fields = models.JSONField(decoder=KeptJson)
    found_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decision = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["record"], condition=Q(decided_at=None), name="conflict_open_once"
            ),
        ]
        indexes = [
            models.Index(fields=["endpoint", "id"], condition=Q(decided_at=None), name="conflict_open"),
            models.Index(fields=["record"], name="conflict_record"),
        ]

    def __str__(self) -> str:
        return f"{self.record} ({self.endpoint})"
