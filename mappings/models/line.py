"""One field of a mapping."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from mappings import names
from mappings.models import line_checks
from mappings.models.choices import (
    Conflicts,
    Direction,
    Kind,
    OnMissing,
    OnSeveral,
    ScriptMode,
    TextCase,
    WriteWhen,
)
from mappings.models.mapping import Mapping
from mappings.models.table import LookupTable


class Line(models.Model):
    """One field of a mapping."""

    mapping = models.ForeignKey(Mapping, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField(default=0)
    key = models.CharField("external key", max_length=200, help_text=names.KEY_HELP)
    field = models.CharField("Odoo field", max_length=128, help_text="The technical name: country_id")
    language = models.CharField(
        max_length=16,
        blank=True,
        help_text="fr_FR: the value in this language of Odoo; empty: in the connection's.",
    )
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.PLAIN)
    nested = models.ForeignKey(
        Mapping,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="used_by",
        verbose_name="mapping of the other records",
        help_text="How the records behind a relation look. One with nothing but its identifier shows plain values.",
    )
    on_missing = models.CharField(
        "if none is found", max_length=8, choices=OnMissing, default=OnMissing.ERROR
    )
    on_several = models.CharField(
        "if several are found", max_length=8, choices=OnSeveral, default=OnSeveral.ERROR
    )
    direction = models.CharField(max_length=16, choices=Direction, default=Direction.BOTH)
    required = models.BooleanField(default=False, help_text="A new record must bring this key.")
    default: Any = models.JSONField(
        null=True,
        blank=True,
        help_text='Used for a new record that lacks the key, as JSON: "contact", 5, true.',
    )
    constant: Any = models.JSONField(
        null=True,
        blank=True,
        help_text="This value, as JSON, is written to each record and cannot be sent from outside. "
        "From Odoo only: it is what is shown.",
    )
    write_when = models.CharField(
        "written", max_length=16, choices=WriteWhen, default=WriteWhen.ALWAYS, blank=True
    )
    conflicts = models.CharField(
        "changed on both sides",
        max_length=8,
        choices=[("", "as the endpoint does"), *Conflicts.choices],
        default="",
        blank=True,
    )
    table = models.ForeignKey(
        LookupTable,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="lines",
        verbose_name="lookup table",
        help_text="Which values of Odoo the values outside stand for.",
    )
    pattern = models.CharField(
        "date pattern", max_length=64, blank=True, help_text="%d/%m/%Y or %Y-%m-%d %H:%M; empty: ISO 8601."
    )
    time_zone = models.CharField(
        max_length=64, blank=True, help_text="Of a date and time outside: Europe/Brussels; empty: UTC."
    )
    decimal_sign = models.CharField(
        max_length=1, blank=True, help_text="“,” or “.”: the number is text outside, like 1234,56."
    )
    thousands_sign = models.CharField(max_length=1, blank=True, help_text="Of a number that is text outside.")
    decimals = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MaxValueValidator(9)],
        help_text="Round the number to so many decimals, both ways.",
    )
    trim = models.BooleanField(default=False, help_text="Drop space before and after the text.")
    case = models.CharField("letters", max_length=8, choices=TextCase, default=TextCase.AS_IS, blank=True)
    script = models.TextField(blank=True, help_text="Python, in a sandbox; the last line is the value.")
    script_mode = models.CharField(max_length=8, choices=ScriptMode, default=ScriptMode.EVALUATE)
    script_examples: Any = models.JSONField(
        default=list,
        blank=True,
        help_text='They have to pass before the script is saved: [{"request_data": {…}, "record": {…}, "expected": …}].',
    )
    identifier = models.BooleanField(
        default=False, help_text="Exactly one line: its value names a record in the address of the API."
    )

    class Meta:
        permissions = [("edit_scripts", "Can write scripts of lines")]
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["mapping"],
                condition=Q(identifier=True),
                name="one_identifier_per_mapping",
                violation_error_message="A mapping has one identifier only.",
            ),
            models.UniqueConstraint(
                fields=["mapping", "key", "direction"],
                name="key_once_per_direction",
                violation_error_message="Another line of this mapping has the same key and direction.",
            ),
            models.CheckConstraint(
                condition=Q(key__regex=names.KEY),
                name="line_key_valid",
                violation_error_message=names.KEY_HELP,
            ),
            models.CheckConstraint(condition=Q(field__regex=names.ODOO_FIELD), name="line_field_valid"),
            models.CheckConstraint(
                condition=Q(kind="relation", nested__isnull=False) | (~Q(kind="relation") & Q(nested=None)),
                name="relation_has_mapping",
                violation_error_message="A relation needs a mapping of the other records, and nothing else has one.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} ↔ {self.field}" + (f" ({self.language})" if self.language else "")

    def clean(self) -> None:
        errors: dict[str, str] = {}
        key_problem = names.key_problem(self.key)
        if key_problem:
            errors["key"] = key_problem
        if not names.matches(names.ODOO_FIELD, self.field):
            errors["field"] = "An Odoo field's technical name looks like country_id."
        if self.identifier and self.direction == Direction.TO_ODOO:
            errors["direction"] = (
                "The identifier must also come from Odoo, or its records could not be named."
            )
        if self.language and not names.matches(names.LANGUAGE, self.language):
            errors["language"] = "A language of Odoo looks like fr_FR."
        elif self.language and self.identifier:
            errors["language"] = "The identifier is the same in all languages: leave it empty."
        if self.kind == Kind.RELATION and self.nested_id is None:
            errors["nested"] = "Choose the mapping that says how the other records look."
        elif self.kind != Kind.RELATION and self.nested_id is not None:
            errors["nested"] = "Only a relation looks into other records; set the kind to relation."
        if self.identifier and self.kind != Kind.PLAIN:
            errors["identifier"] = "Only a plain value can name a record."
        if self.kind != Kind.PLAIN:
            for name in line_checks.PLAIN_ONLY:
                if getattr(self, name) not in (None, "", False):
                    errors[name] = "Only a plain value has this."
        if self.write_when not in ("", WriteWhen.ALWAYS):
            if self.direction == Direction.FROM_ODOO:
                errors["write_when"] = "A key that only comes from Odoo is never written."
            elif self.identifier:
                errors["write_when"] = "The identifier is always written."
        if self.conflicts and self.direction == Direction.FROM_ODOO:
            errors["conflicts"] = "A key that only comes from Odoo is never in conflict."
        if self.constant is not None:
            if self.identifier:
                errors["constant"] = "The identifier cannot be the same for all records."
            elif self.required or self.default is not None:
                errors["constant"] = "A constant is not sent from outside: leave out required and default."
        errors |= line_checks.format_problems(self)
        errors |= line_checks.script_problems(self)
        if self.required and self.direction == Direction.FROM_ODOO:
            errors["required"] = "A key that only comes from Odoo cannot be required of a write."
        if self.default is not None and self.direction == Direction.FROM_ODOO:
            errors["default"] = "A key that only comes from Odoo has no default."
        if errors:
            raise ValidationError(errors)
