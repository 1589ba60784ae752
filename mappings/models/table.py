"""Lookup tables: which of Odoo's values the outside values stand for."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from mappings import names
from mappings.models.choices import OnUnknown


class LookupTable(models.Model):
    """Values of another system and their counterparts in Odoo."""

    name = models.CharField(max_length=63, unique=True, help_text=names.NAME_HELP)
    on_unknown = models.CharField(
        "values in no row",
        max_length=8,
        choices=OnUnknown,
        default=OnUnknown.ERROR,
        help_text="Odoo's own values cannot be refused: those in no row are shown as empty, or passed on.",
    )

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=names.NAME),
                name="lookup_table_name_valid",
                violation_error_message=names.NAME_HELP,
            )
        ]

    # Rows of a table that is not saved yet.
    drawn_up: Sequence[tuple[Any, Any]] | None = None

    def __str__(self) -> str:
        return self.name

    def pairs(self) -> Sequence[tuple[Any, Any]]:
        """Pairs (outside, in Odoo), in order."""
        if self.drawn_up is not None:
            return self.drawn_up
        return [(row.external, row.odoo) for row in self.rows.all()]

    def clean(self) -> None:
        if not names.matches(names.NAME, self.name):
            raise ValidationError({"name": f"A name has {names.NAME_HELP}."})


class LookupRow(models.Model):
    """A pair of values, each a text, a number, true, false or null."""

    table = models.ForeignKey(LookupTable, on_delete=models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField(default=0)
    external: Any = models.JSONField(
        "outside", null=True, blank=True, help_text='As JSON: "open", 5, true. Empty: null.'
    )
    odoo: Any = models.JSONField(
        "in Odoo", null=True, blank=True, help_text='As JSON: "draft", 5, true. Empty: null.'
    )

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "external", "odoo"],
                name="lookup_row_once",
                nulls_distinct=False,
                violation_error_message="Another row of this table says the same.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.external} ↔ {self.odoo}"

    def clean(self) -> None:
        for name in ("external", "odoo"):
            if isinstance(getattr(self, name), (list, dict)):
                raise ValidationError({name: "A text, a number, true, false or null is expected."})
