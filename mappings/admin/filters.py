"""Choosing a connection without loading its secret, which is not needed and may be unreadable."""

from typing import Any

from django.contrib import admin
from django.db.models import ForeignKey
from django.http import HttpRequest

from mappings.models import Connection


class ByConnection(admin.RelatedFieldListFilter):
    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[Any]:
        return [(str(pk), name) for pk, name in Connection.objects.values_list("pk", "name")]


def choices_for(db_field: "ForeignKey[Any]", kwargs: dict[str, Any]) -> dict[str, Any]:
    """For `formfield_for_foreignkey`."""
    if db_field.related_model is Connection:
        return kwargs | {"queryset": Connection.objects.defer("secret")}
    return kwargs
