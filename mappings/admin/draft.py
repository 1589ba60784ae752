"""A mapping as its form has it, saved or not, to try it before saving. Nothing is written."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from mappings.compile import compile_mapping
from mappings.models import Line, Mapping
from mappings.spec import MappingSpec
from synchub.errors import ConfigurationError

_UNNAMED = "this mapping"


@dataclass(frozen=True)
class Draft:
    """`lines` are those that can be used; new ones have negative primary keys. `rows`: a line's place in the form ("lines-3"),
    by its primary key. `problems`: what is wrong with rows, as (row, sentence)."""

    mapping: Mapping
    lines: list[Line] = field(default_factory=list)
    rows: dict[int, str] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)

    def spec(self) -> MappingSpec:
        """The spec of the lines that can be used. Raises NotReady, ConfigurationError."""
        if not self.lines:
            raise ConfigurationError("There is no finished line yet: give one a key and a field of Odoo.")
        if self.problems and not any(line.identifier for line in self.lines):
            raise ConfigurationError(
                "The identifier is missing: mark a line, and see to what is said at the lines."
            )
        return compile_mapping(self.mapping, lines=self.lines)

    def row_of(self, line_id: int | None, key: str) -> str:
        """The row that a problem is about: its line's, or that of the relation it is inside ("lines[0].price")."""
        if line_id in self.rows:
            return self.rows[line_id]
        holding = [
            line for line in self.lines if key == line.key or key.startswith((f"{line.key}[", f"{line.key}."))
        ]
        return self.rows[max(holding, key=lambda line: len(line.key)).pk] if holding else ""


def may_try(request: HttpRequest, stored: Mapping | None) -> bool:
    """Only those may try who could save: the mapping and its lines, which have permissions of their own."""
    pages: Any = admin.site.get_model_admin(Mapping)
    if stored is None:
        return pages.has_add_permission(request) and request.user.has_perm("mappings.add_line")
    return pages.has_change_permission(request, stored) and request.user.has_perm("mappings.change_line")


def read(request: HttpRequest, pk: int | None) -> Draft:
    """From the form's POST; `pk` is None for a new mapping. Raises ConfigurationError if it lacks a connection or a model,
    Http404, PermissionDenied."""
    pages: Any = admin.site.get_model_admin(Mapping)
    stored = pages.get_object(request, str(pk)) if pk is not None else None
    if pk is not None and stored is None:
        raise Http404
    if not may_try(request, stored):
        raise PermissionDenied
    form = pages.get_form(request, stored, change=stored is not None)(request.POST, instance=stored)
    form.is_valid()
    mapping: Mapping = form.instance
    for name in ("connection", "model"):
        if name in form.errors:
            raise ConfigurationError(f"{form.fields[name].label}: {' '.join(form.errors[name])}")
    mapping.name = mapping.name or _UNNAMED
    draft = Draft(mapping)
    for formset_class, inline in pages.get_formsets_with_inlines(request, stored):
        prefix = formset_class.get_default_prefix()
        rows = formset_class(**pages.get_formset_kwargs(request, mapping, inline, prefix))
        if issubclass(rows.model, Line):
            _take(draft, rows)
    return draft


def _take(draft: Draft, rows: Any) -> None:
    rows.is_valid()
    draft.problems.extend(("", text) for text in rows.non_form_errors())
    ordered = sorted(enumerate(rows.forms), key=lambda one: (_position(one[1]), one[0]))
    for number, form in ordered:
        if form in rows.deleted_forms or not (form.instance.pk or form.has_changed()):
            continue
        if form.errors:
            draft.problems.extend((form.prefix, text) for text in _sentences(form))
            continue
        line: Line = form.instance
        line.pk = line.pk or -(number + 1)
        draft.lines.append(line)
        draft.rows[line.pk] = form.prefix


def _position(form: Any) -> int:
    return form.instance.position or 0


def _sentences(form: Any) -> list[str]:
    """What is wrong with a row, with the input's name if the sentence does not say what it is about."""
    told: list[str] = []
    for name, texts in form.errors.items():
        label = str(form.fields[name].label or name) if name in form.fields else ""
        general = label and all(text.startswith(("This ", "Enter ", "Select ")) for text in texts)
        told += [f"{label[0].upper()}{label[1:]}: {text}" if general else text for text in texts]
    return told
