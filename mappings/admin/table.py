"""Lookup tables: what another system's values are called in Odoo."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join

from mappings import table_use
from mappings.admin.inputs import ValueField
from mappings.admin.notices import mapping_changed
from mappings.models import LookupRow, LookupTable
from synchub.admin.base import HubAdmin
from synchub.admin.forms import HubForm, HubFormSet, HubInline
from synchub.admin.words import NOTHING


class RowForm(HubForm[LookupRow]):
    external = ValueField(required=False, help_text='open, 5, true; "5" is the text 5; empty: no value.')
    odoo = ValueField(required=False, help_text='draft, 5, true; "5" is the text 5; empty: no value.')

    class Meta:
        model = LookupRow
        fields = ("external", "odoo", "position")


class RowFormSet(HubFormSet[LookupRow, LookupTable, HubForm[LookupRow]]):
    def clean(self) -> None:
        super().clean()
        if any(self.errors) or not self.instance.pk:
            return
        rows = [
            form.instance
            for form in self.forms
            if form not in self.deleted_forms and (form.instance.pk or form.has_changed())
        ]
        self.instance.drawn_up = [(row.external, row.odoo) for row in rows]
        problems = table_use.problems(self.instance)
        self.instance.drawn_up = None
        if problems:
            raise ValidationError(problems)


class RowInline(HubInline[LookupRow, LookupTable]):
    model = LookupRow
    form = RowForm
    formset = RowFormSet
    fields = ("external", "odoo", "position")
    ordering_field = "position"
    hide_ordering_field = True
    verbose_name = "row"

    def get_extra(self, request: HttpRequest, obj: LookupTable | None = None, **kwargs: Any) -> int:
        return 1 if obj else 3


@admin.register(LookupTable)
class LookupTableAdmin(HubAdmin[LookupTable]):
    inlines = (RowInline,)
    list_display = ("name", "on_unknown", "row_count", "used_by")
    search_fields = ("name",)
    fields = (("name", "on_unknown"),)
    empty_text = "No table yet. A table says what another system's values are called in Odoo; the lines of a mapping choose it."

    def get_queryset(self, request: HttpRequest) -> QuerySet[LookupTable]:
        return super().get_queryset(request).prefetch_related("rows", "lines__mapping")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.has_changed() or any(formset.has_changed() for formset in formsets):
            for mapping_id in {line.mapping_id for line in form.instance.lines.all()}:
                mapping_changed.send(sender=LookupTable, mapping_id=mapping_id)

    @admin.display(description="rows")
    def row_count(self, obj: LookupTable) -> int:
        return len(obj.rows.all())

    @admin.display(description="used by")
    def used_by(self, obj: LookupTable) -> str:
        names = sorted({f"{line.mapping.name}: {line.key}" for line in obj.lines.all()})
        return format_html_join(", ", "{}", ((name,) for name in names)) or NOTHING
