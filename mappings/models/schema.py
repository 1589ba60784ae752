"""What is stored of Odoo's models besides their fields: their names, and where they no longer fit a mapping."""

from typing import Any

from django.db import models
from django.utils import timezone


class ModelNames(models.Model):
    """The models of a connection's Odoo, in one row, since they are always read and replaced together."""

    connection = models.OneToOneField(
        "mappings.Connection", on_delete=models.CASCADE, related_name="model_names"
    )
    names: Any = models.JSONField(default=dict, help_text="technical name → label: res.partner → Contact")
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "names of Odoo's models"
        verbose_name_plural = "names of Odoo's models"

    def __str__(self) -> str:
        return f"models of {self.connection}"


class Severity(models.TextChoices):
    BROKEN = "broken", "does not work"
    WARNING = "warning", "may not work for some records"


class SchemaProblem(models.Model):
    """A place where a mapping no longer fits Odoo's fields. Each reading of the fields replaces a mapping's problems.

    `was`: the field when the mapping still fitted. Later readings compare with that, so that the problem stays until Odoo or
    the mapping has changed. Saving the line acknowledges the change.
    """

    mapping = models.ForeignKey("mappings.Mapping", on_delete=models.CASCADE, related_name="schema_problems")
    line = models.ForeignKey(
        "mappings.Line", on_delete=models.CASCADE, null=True, related_name="schema_problems"
    )
    endpoint = models.CharField(
        max_length=63,
        blank=True,
        help_text="whose domain or parameters it is about; empty: the mapping's own lines",
    )
    field = models.CharField(max_length=128, blank=True)
    text = models.TextField()
    severity = models.CharField(max_length=8, choices=Severity)
    was: Any = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["severity", "id"]  # "broken" comes first
        verbose_name = "difference to Odoo"
        verbose_name_plural = "differences to Odoo"

    def __str__(self) -> str:
        return self.text
