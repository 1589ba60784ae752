"""The page of one line: what it does to values, for which its row in the mapping has no room."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from mappings.admin.lines import DefaultField
from mappings.admin.notices import mapping_changed
from mappings.compile import line_problem, line_spec, lines_problem, value_problem
from mappings.models import Kind, Line
from mappings.schema import known_fields
from synchub.admin.base import HubAdmin, HubForm
from synchub.admin.buttons import Link


class FormatForm(HubForm[Line]):
    default = DefaultField(
        required=False, help_text='For a new record that lacks the key, as JSON: "contact", 5, true.'
    )
    constant = DefaultField(
        required=False,
        help_text="As JSON. Written to each record and never taken from outside; from Odoo only: what is shown.",
    )

    class Meta:
        model = Line
        fields = (
            "default", "constant", "write_when", "table", "pattern", "time_zone", "decimal_sign", "thousands_sign", "decimals",
            "trim", "case",
        )  # fmt: skip

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # puts what was typed into the line
        fields = known_fields(self.instance.mapping)
        if self.errors or not fields:
            return
        others = list(self.instance.mapping.lines.exclude(pk=self.instance.pk))
        problem = line_problem(self.instance, self.instance.mapping.model, fields) or lines_problem(
            [*others, self.instance]
        )
        if problem:
            self.add_error(None, problem[0].upper() + problem[1:])
        elif self.instance.kind == Kind.PLAIN:
            spec = line_spec(self.instance, fields, None)
            for name in ("default", "constant"):
                wrong = value_problem(spec, getattr(self.instance, name))
                if wrong:
                    self.add_error(name, wrong[0].upper() + wrong[1:])


@admin.register(Line)
class LineAdmin(HubAdmin[Line]):
    """Reached from its mapping; in no menu, and neither added nor deleted here."""

    form = FormatForm
    fieldsets = (
        ("Value", {"fields": ("write_when", "default", "constant", "table")}),
        ("Date and time", {"fields": ("pattern", "time_zone")}),
        ("Number", {"fields": ("decimals", "decimal_sign", "thousands_sign")}),
        ("Text", {"fields": ("trim", "case")}),
    )
    empty_text = "Lines are added on the page of their mapping."

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Line | None = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def links(self, obj: Line) -> list[Link]:
        url = reverse("admin:mappings_mapping_change", args=[obj.mapping_id])
        return [Link(f"Mapping {obj.mapping}", "alt_route", url)]

    def save_model(self, request: HttpRequest, obj: Line, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.changed_data:
            mapping_changed.send(sender=Line, mapping_id=obj.mapping_id)

    def response_post_save_change(self, request: HttpRequest, obj: Line) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:mappings_mapping_change", args=[obj.mapping_id]))
