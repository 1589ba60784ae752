"""How one Odoo model looks from outside."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from mappings import names
from mappings.models.connection import Connection

if TYPE_CHECKING:
    from mappings.inside import Inside


class Mapping(models.Model):
    """How one Odoo model looks from outside."""

    name = models.CharField(max_length=63, unique=True, help_text=names.NAME_HELP)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="mappings")
    model = models.CharField("Odoo model", max_length=128, help_text="res.partner")
    version = models.PositiveIntegerField(default=1, editable=False)

    drift_inside: "Sequence[Inside]" = ()
    """Changes in Odoo that concern it through mappings inside it; see `mappings.inside.note`."""

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=names.NAME),
                name="mapping_name_valid",
                violation_error_message=names.NAME_HELP,
            ),
            models.CheckConstraint(condition=Q(model__regex=names.ODOO_MODEL), name="mapping_model_valid"),
        ]

    def __str__(self) -> str:
        return self.name

    def models_involved(self) -> list[str]:
        """The Odoo models of this mapping and of all mappings inside it."""
        found: dict[str, None] = {}
        waiting, seen = [self], set()
        while waiting:
            mapping = waiting.pop(0)
            if mapping.pk not in seen:
                seen.add(mapping.pk)
                found[mapping.model] = None
                waiting += [line.nested for line in mapping.lines.all() if line.nested is not None]
        return list(found)

    def clean(self) -> None:
        errors: dict[str, str] = {}
        if not names.matches(names.NAME, self.name):
            errors["name"] = f"A name has {names.NAME_HELP}."
        if not names.matches(names.ODOO_MODEL, self.model):
            errors["model"] = "An Odoo model's technical name looks like res.partner."
        if errors:
            raise ValidationError(errors)
