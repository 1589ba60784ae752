"""What the hub has seen in Odoo: the fields of its models, and identifiers of its records."""

from django.db import models
from django.utils import timezone

from mappings.models.connection import Connection


class OdooModel(models.Model):
    """The schema cache: the fields of one Odoo model, as `fields_get` tells them."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="odoo_models")
    model = models.CharField(max_length=128)
    fields = models.JSONField(help_text="field → its facts, as fields_get gives them")
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["model"]
        constraints = [models.UniqueConstraint(fields=["connection", "model"], name="odoo_model_once")]
        verbose_name = "Odoo model"

    def __str__(self) -> str:
        return f"{self.model} on {self.connection}"


class KnownIdentifier(models.Model):
    """An identifier that a record of Odoo had when it was last seen. A hint: Odoo is asked again when a write is pushed."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+", db_index=False)
    model = models.CharField(max_length=128)
    field = models.CharField(max_length=128)
    value = models.TextField(help_text="as JSON")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "model", "field", "value"], name="identifier_once")
        ]

    def __str__(self) -> str:
        return f"{self.model} with {self.field} {self.value}"
