"""Odoo's models and fields as they were read, to look things up and to read them again."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from mappings import schema
from mappings.admin.asking import brief_client
from mappings.admin.filters import ByConnection
from mappings.models import OdooModel
from synchub.admin.base import ReadOnlyAdmin
from synchub.admin.buttons import Button
from synchub.admin.paging import is_list
from synchub.admin.words import ago, table
from synchub.errors import ConfigurationError, OdooError


@admin.register(OdooModel)
class OdooModelAdmin(ReadOnlyAdmin[OdooModel]):
    list_display = ("model", "connection", "read")
    list_filter = (("connection", ByConnection),)
    search_fields = ("model",)
    fields = ("model", "connection", "read", "all_fields")
    buttons = (Button("again", "Read again from Odoo", "refresh"),)
    empty_text = "No model has been read yet. That happens by itself as soon as a mapping names one."

    def get_queryset(self, request: HttpRequest) -> QuerySet[OdooModel]:
        rows = super().get_queryset(request).select_related("connection").defer("connection__secret")
        # The list does not show the facts, which are large.
        return rows.defer("fields") if is_list(request) else rows

    def again(self, request: HttpRequest, obj: OdooModel) -> None:
        try:
            with brief_client(obj.connection) as client:
                schema.refresh(obj.connection, obj.model, client)
        except (OdooError, ConfigurationError) as error:
            messages.error(request, f"The fields could not be read: {error}")
        else:
            messages.success(request, f"Read the fields of {obj.model} from Odoo.")

    @admin.display(description="read from Odoo", ordering="read_at")
    def read(self, obj: OdooModel) -> str:
        return ago(obj.read_at)

    @admin.display(description="fields")
    def all_fields(self, obj: OdooModel) -> str:
        rows = [
            (
                name,
                facts.get("string") or "",
                facts.get("type") or "",
                facts.get("relation") or "",
                ", ".join(
                    word
                    for word, said in (
                        ("required", facts.get("required")),
                        ("read only", facts.get("readonly")),
                        ("not stored", facts.get("store") is False),
                    )
                    if said
                ),
            )
            for name, facts in sorted(obj.fields.items())
        ]
        return table(("field", "label", "type", "points to", ""), rows, "Odoo told of no fields.")
