"""What lists of an endpoint can be filtered by, beside its keys."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from endpoints.models.choices import Operator
from endpoints.models.endpoint import Endpoint
from mappings import names, schema


class Parameter(models.Model):
    """A query parameter: `?key=value` keeps the records whose `field` compares so."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="parameters")
    key = models.CharField(max_length=200, help_text=names.KEY_HELP)
    field = models.CharField("Odoo field", max_length=128)
    operator = models.CharField(max_length=16, choices=Operator, default=Operator.EQ)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "key"],
                name="parameter_key_once",
                violation_error_message="Another parameter of this endpoint has the same key.",
            ),
            models.CheckConstraint(condition=Q(key__regex=names.KEY), name="parameter_key_valid"),
            models.CheckConstraint(condition=Q(field__regex=names.ODOO_FIELD), name="parameter_field_valid"),
        ]

    def __str__(self) -> str:
        return f"?{self.key}= ({self.field} {self.operator})"

    def clean(self) -> None:
        errors: dict[str, str] = {}
        key_problem = names.key_problem(self.key)
        if key_problem:
            errors["key"] = key_problem
        if not names.matches(names.ODOO_FIELD, self.field):
            errors["field"] = "An Odoo field's technical name looks like country_id."
        elif self.endpoint_id and self.endpoint.mapping_id:
            problem = self._field_problem()
            if problem:
                errors["field"] = problem
        if errors:
            raise ValidationError(errors)

    def _field_problem(self) -> str | None:
        fields = schema.known_fields(self.endpoint.mapping)
        if not fields:
            return None
        facts = fields.get(self.field)
        if facts is None:
            return f"{self.endpoint.mapping.model} has no field {self.field}."
        if (
            self.operator == Operator.CHILD_OF
            and self.field != "id"
            and facts["type"] not in ("many2one", "many2many")
        ):
            return "child_of needs a relation to one or many records, or id."
        return None
