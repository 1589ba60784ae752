"""The first sync without doubles: which record of Odoo a new record may be, and what a person decided."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from endpoints.models.endpoint import Endpoint
from endpoints.models.record import Record
from endpoints.models.run import Run
from synchub.jsontext import KeptJson


class Verdict(models.TextChoices):
    EXACT = "exact", "one record of Odoo"
    AMBIGUOUS = "ambiguous", "a person has to choose"
    NONE = "none", "none in Odoo"


class Decision(models.TextChoices):
    LINK = "link", "is that record of Odoo"
    CREATE = "create", "is new"


class Match(models.Model):
    """One row of the report: a record that Odoo has not been sent yet.

    `candidates` is a list of {"id", "name", "shown": {key: value}, "archived", "by": "email"}. Nothing is written to Odoo
    before the endpoint's report is released.
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="+", db_index=False)
    record = models.OneToOneField(Record, on_delete=models.CASCADE, related_name="match")
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict)
    reason = models.TextField(blank=True)
    candidates = models.JSONField(decoder=KeptJson, default=list)
    decision = models.CharField(max_length=6, choices=Decision, blank=True)
    odoo_id = models.IntegerField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "matches"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "odoo_id"], name="match_once", violation_error_message="Taken."
            ),
            models.CheckConstraint(
                condition=Q(decision="link", odoo_id__isnull=False) | (~Q(decision="link") & Q(odoo_id=None)),
                name="match_link_has_id",
            ),
        ]
        indexes = [models.Index(fields=["endpoint", "verdict", "decision"], name="match_report")]

    def __str__(self) -> str:
        return f"{self.record} ({self.endpoint})"
