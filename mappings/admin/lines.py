"""The lines inside a mapping's page, checked together, with each error on the row at fault."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextInputWidget

from mappings.compile import line_problem, lines_problem
from mappings.models import Line, Mapping
from mappings.schema import known_fields
from synchub.admin.base import HubForm, HubFormSet, HubInline
from synchub.admin.words import NOTHING, link


class DefaultField(forms.JSONField):
    """JSON in one line; no value is an empty field, not the word null."""

    widget = UnfoldAdminTextInputWidget

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)


class LineForm(HubForm[Line]):
    default = DefaultField(
        required=False, help_text='For a new record that lacks the key, as JSON: "contact", 5, true.'
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nested: Any = self.fields.get("nested")
        if nested is not None:
            # Adding or editing another mapping from inside a row would lose what is typed here.
            for what in ("add", "change", "view", "delete"):
                setattr(nested.widget, f"can_{what}_related", False)

    class Meta:
        model = Line
        fields = (
            "position", "key", "field", "kind", "nested", "on_missing", "on_several", "direction", "required",
            "identifier", "default",
        )  # fmt: skip
        labels = {"nested": "its mapping", "on_missing": "if none fits", "on_several": "if several fit"}
        widgets = {
            "key": UnfoldAdminTextInputWidget(attrs={"placeholder": "customer_id", "spellcheck": "false"}),
            "field": UnfoldAdminTextInputWidget(
                attrs={
                    "list": "odoo-fields",
                    "placeholder": "ref",
                    "autocomplete": "off",
                    "spellcheck": "false",
                }
            ),
        }


class LineFormSet(HubFormSet[Line, Mapping, HubForm[Line]]):
    def clean(self) -> None:
        rows = [
            form
            for form in self.forms
            if hasattr(form, "cleaned_data")
            and not form.cleaned_data.get("DELETE")
            and (form.instance.pk or form.has_changed())
        ]
        _number(rows)
        _check_keys(rows)
        self._check_nesting(rows)
        self._check_fields(rows)
        super().clean()
        _check_identifier(rows)

    def save_existing_objects(self, commit: bool = True) -> list[Line]:
        """Free what rows may hand to one another, a key or the identifier's mark, before any is saved."""
        if commit:
            moving = [
                form
                for form in self.initial_forms
                if form in self.deleted_forms or "key" in form.changed_data
            ]
            for form in moving:
                Line.objects.filter(pk=form.instance.pk).update(key=f"_moving_{form.instance.pk}")
            Line.objects.filter(mapping=self.instance, identifier=True).update(identifier=False)
            marked = [form.instance.pk for form in self.initial_forms if form.instance.identifier]
            Line.objects.filter(pk__in=marked).update(identifier=True)
        return super().save_existing_objects(commit)

    def _check_nesting(self, rows: list[HubForm[Line]]) -> None:
        for form in rows:
            nested = form.instance.nested
            if nested is not None and self.instance.pk in _all_inside(nested):
                form.add_error("nested", f"“{nested}” contains this mapping, so this one cannot contain it.")

    def _check_fields(self, rows: list[HubForm[Line]]) -> None:
        fields = known_fields(self.instance)
        if not fields:
            return  # they are read when Odoo answers; until then nothing can be said of them
        for form in rows:
            line = form.instance
            problem = line_problem(line, self.instance.model, fields) if line.field else None
            if problem and not form.errors:
                form.add_error(_where(problem, form), problem)


def _all_inside(mapping: Mapping) -> set[int]:
    """The mapping's key, and those of all that its relations lead to."""
    found: set[int] = set()
    waiting = {mapping.pk}
    while waiting:
        found |= waiting
        lines = Line.objects.filter(mapping__in=waiting, nested__isnull=False)
        waiting = {pk for pk in lines.values_list("nested", flat=True) if pk is not None} - found
    return found


def _number(rows: list[HubForm[Line]]) -> None:
    """New rows go behind those that were there."""
    place = max((form.instance.position for form in rows if form.instance.pk), default=-1)
    for form in rows:
        if not form.instance.pk:
            place += 1
            form.instance.position = place


def _check_identifier(rows: list[HubForm[Line]]) -> None:
    marked = [form for form in rows if form.instance.identifier]
    if not marked:
        raise ValidationError(
            "Mark one line as the identifier: its value names a record in the address of the API."
        )
    for form in marked[1:]:
        first = marked[0].instance.key
        form.add_error("identifier", f"“{first}” is the identifier already; only one line can be.")


def _check_keys(rows: list[HubForm[Line]]) -> None:
    """Each row against those above it, so that the error is on the later one of two."""
    if lines_problem([form.instance for form in rows if form.instance.key]) is None:
        return
    for index, form in enumerate(rows):
        for earlier in rows[:index]:
            problem = lines_problem([_as(earlier, identifier=True), _as(form, identifier=False)])
            if problem and "key" not in form.errors:
                form.add_error("key", problem[0].upper() + problem[1:])


def _as(form: HubForm[Line], *, identifier: bool) -> Line:
    line = form.instance
    return Line(
        key=line.key,
        field=line.field,
        direction=line.direction,
        kind=line.kind,
        constant=line.constant,
        write_when=line.write_when,
        identifier=identifier,
    )


def _where(problem: str, form: HubForm[Line]) -> str:
    """Which field of the row the sentence is about."""
    if "set the direction" in problem:
        return "direction"
    if form.instance.identifier and ("cannot name a record" in problem):
        return "identifier"
    return "field"


class LineInline(HubInline[Line, Mapping]):
    model = Line
    form = LineForm
    formset = LineFormSet
    fk_name = "mapping"
    ordering_field = "position"
    hide_ordering_field = True
    template_before = "mappings/admin/about_lines.html"
    verbose_name = "line"
    hide_title = True
    fields = (
        "key", "field", "kind", "nested", "direction", "required", "identifier", "default", "on_missing", "on_several",
        "formats", "position",
    )  # fmt: skip
    readonly_fields = ("formats",)

    @admin.display(description="more")
    def formats(self, obj: Line) -> str:
        """Where a table, formats and the like are set."""
        if not obj.pk:
            return NOTHING
        return link(reverse("admin:mappings_line_change", args=[obj.pk]), "formats …")

    def get_extra(self, request: HttpRequest, obj: Mapping | None = None, **kwargs: Any) -> int:
        return 0 if obj else 2
