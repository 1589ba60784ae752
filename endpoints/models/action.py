"""Methods of Odoo that consumers may call on a record, allowed one by one."""

import re

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from endpoints.models.endpoint import Endpoint
from mappings import names

_METHOD = r"^[a-z][A-Za-z0-9_]*$"
_PARAMETER = re.compile(r"[a-z][A-Za-z0-9_]{0,62}")
# What the hub does itself, with checks that an action would go round; and what is no matter of one record.
_NOT_ALLOWED = frozenset(
    {"create", "write", "unlink", "load", "read", "search", "search_read", "copy", "sudo"}
)


class Action(models.Model):
    """`POST /<endpoint>/{id}/actions/<name>` calls `method` on the record in Odoo."""

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="actions")
    name = models.CharField(max_length=63, help_text="Its name in the address: confirm.")
    method = models.CharField("Odoo method", max_length=128, help_text="action_confirm")
    parameters = ArrayField(
        models.CharField(max_length=63),
        default=list,
        blank=True,
        help_text="Arguments of the method that a consumer may send, by name, comma separated. Empty: none.",
    )
    repeatable = models.BooleanField(
        "may run twice",
        default=False,
        help_text="Run again where Odoo's answer got lost. Otherwise a person is asked to look.",
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "name"],
                name="action_name_once",
                violation_error_message="Another action of this endpoint has the same name.",
            ),
            models.CheckConstraint(
                condition=Q(name__regex=names.NAME),
                name="action_name_valid",
                violation_error_message=f"A name has {names.NAME_HELP}.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        errors: dict[str, str] = {}
        if not names.matches(_METHOD, self.method):
            errors["method"] = "A public method of Odoo looks like action_confirm; it does not begin with _."
        elif self.method in _NOT_ALLOWED:
            errors["method"] = (
                f"“{self.method}” is not for actions: POST, PUT, DELETE and GET do that, and check it."
            )
        for name in self.parameters or []:
            if not _PARAMETER.fullmatch(name) or name in ("context", "self"):
                errors["parameters"] = f"“{name}” cannot be an argument that a consumer sends."
        if errors:
            raise ValidationError(errors)
