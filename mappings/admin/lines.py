"""The lines on a mapping's page, checked together, with each error at its row."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from mappings.admin.line_form import SCRIPT_FIELDS, LineForm
from mappings.compile import beside_problem, line_problem, line_spec, lines_problem, value_problems
from mappings.models import Kind, Line, Mapping
from mappings.schema import known_fields
from mappings.spec import LineSpec
from synchub.admin.alike import staying
from synchub.admin.forms import HubForm, HubFormSet, HubInline


class LineFormSet(HubFormSet[Line, Mapping, HubForm[Line]]):
    may_edit_scripts = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._choices: dict[str, list[Any]] = {}
        super().__init__(*args, **kwargs)

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for name in ("nested", "table"):
            if name in form.fields:  # one query for all rows
                if name not in self._choices:
                    self._choices[name] = list(form.fields[name].choices)
                form.fields[name].choices = self._choices[name]
        if not self.may_edit_scripts:
            for name in SCRIPT_FIELDS:
                if name in form.fields:
                    form.fields[name].widget.attrs["readonly"] = True

    def clean(self) -> None:
        rows = staying(self)
        _number(rows)
        self._check_scripts(rows)
        _check_keys(rows)
        self._check_nesting(rows)
        self._check_fields(rows)
        super().clean()
        if rows or self.initial_forms:  # a new mapping may get its lines from a sample later
            _check_identifier(rows)

    def save_existing_objects(self, commit: bool = True) -> list[Line]:
        """Before any row is saved, frees what rows may hand to one another: a key, or being the identifier."""
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

    def _check_scripts(self, rows: list[HubForm[Line]]) -> None:
        for form in rows:
            if not self.may_edit_scripts and set(SCRIPT_FIELDS) & set(form.changed_data):
                form.add_error(
                    "script", "You may not write scripts; who manages users can give you that permission."
                )

    def _check_nesting(self, rows: list[HubForm[Line]]) -> None:
        for form in rows:
            nested = form.instance.nested
            problem = nesting_problem(self.instance, nested) if nested is not None else ""
            if problem:
                form.add_error("nested", problem)

    def _check_fields(self, rows: list[HubForm[Line]]) -> None:
        fields = known_fields(self.instance)
        if not fields:
            return  # unknown until Odoo answers
        for form in rows:
            line = form.instance
            if form.errors or not line.field:
                continue
            problem = line_problem(line, self.instance.model, fields)
            if problem:
                form.add_error(problem.column, problem.text)
            elif line.kind == Kind.PLAIN:
                _check_values(form, line_spec(line, fields, None))


def nesting_problem(mapping: Mapping, nested: Mapping) -> str:
    """Why a mapping cannot use another one inside it; empty if it can."""
    if mapping.connection_id and nested.connection_id != mapping.connection_id:
        return f"“{nested}” is about another connection; a relation stays within one database."
    if mapping.pk in _all_inside(nested):
        return f"“{nested}” contains this mapping, so this one cannot contain it."
    return ""


def _all_inside(mapping: Mapping) -> set[int]:
    """The primary keys of the mapping and of all mappings inside it."""
    found: set[int] = set()
    waiting = {mapping.pk}
    while waiting:
        found |= waiting
        lines = Line.objects.filter(mapping__in=waiting, nested__isnull=False)
        waiting = {pk for pk in lines.values_list("nested", flat=True) if pk is not None} - found
    return found


def _number(rows: list[HubForm[Line]]) -> None:
    """New rows come after existing ones."""
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


def _check_values(form: HubForm[Line], spec: LineSpec) -> None:
    for name, wrong in value_problems(spec, form.instance):
        form.add_error(name, wrong[0].upper() + wrong[1:])


def _check_keys(rows: list[HubForm[Line]]) -> None:
    """Checks each row against those above it, so that the later of two gets the error."""
    if lines_problem([form.instance for form in rows if form.instance.key]) is None:
        return
    for index, form in enumerate(rows):
        for earlier in rows[:index]:
            problem = beside(earlier.instance, form.instance)
            if problem and "key" not in form.errors:
                form.add_error("key", problem)


def beside(earlier: Line, line: Line) -> str:
    """Why the second of two lines cannot be in a mapping with the first; empty if it can."""
    problem = beside_problem([earlier, line])
    return problem[0].upper() + problem[1:] if problem else ""


class LineInline(HubInline[Line, Mapping]):
    model = Line
    form = LineForm
    formset = LineFormSet
    fk_name = "mapping"
    template = "mappings/admin/lines.html"
    ordering_field = "position"
    hide_ordering_field = True
    template_before = "mappings/admin/about_lines.html"
    verbose_name = "line"
    hide_title = True
    # The first set is the row itself; the others unfold below it.
    fieldsets = (
        (None, {"fields": ("key", "field", "kind", "direction", "required", "identifier", "position")}),
        ("Other records", {"fields": ("nested", "on_missing", "on_several")}),
        ("Script", {"fields": ("script", "script_mode", "script_examples")}),
        ("Value", {"fields": ("language", "default", "constant", "write_when", "conflicts", "table")}),
        (
            "What it looks like outside",
            {
                "fields": (
                    "pattern",
                    "time_zone",
                    "decimal_sign",
                    "thousands_sign",
                    "decimals",
                    "trim",
                    "case",
                )
            },
        ),
    )

    def get_extra(self, request: HttpRequest, obj: Mapping | None = None, **kwargs: Any) -> int:
        return 0 if obj else 2

    def get_formset(self, request: HttpRequest, obj: Mapping | None = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.may_edit_scripts = request.user.has_perm("mappings.edit_scripts")
        return formset

    def get_queryset(self, request: HttpRequest) -> QuerySet[Line]:
        rows = super().get_queryset(request).select_related("nested", "table")
        return rows.prefetch_related("schema_problems")
