"""Mappings: which fields of Odoo show under which keys."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import available_timezones

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Script
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from mappings import inside
from mappings.admin import draft, notices, suggesting, suggestions
from mappings.admin.filters import ByConnection, choices_for
from mappings.admin.line_form import SCRIPT_FIELDS
from mappings.admin.lines import LineInline
from mappings.admin.mapping_form import MappingForm
from mappings.admin.notices import mapping_changed
from mappings.admin.problems import loaded, problem_of
from mappings.models import Kind, Line, Mapping
from mappings.schema import known_fields
from synchub.admin.base import HubAdmin
from synchub.admin.buttons import Button, Link
from synchub.admin.words import NOTHING, link, problem, shortened

_SUGGEST = ("mappings.change_mapping", "mappings.add_line")


@admin.register(Mapping)
class MappingAdmin(HubAdmin[Mapping]):
    form = MappingForm
    inlines = (LineInline,)
    list_display = ("name", "model", "over", "line_count", "users", "trouble")
    list_filter = (("connection", ByConnection),)
    search_fields = ("name", "model")
    fields = (("name", "connection", "model"),)
    change_form_outer_before_template = "mappings/admin/suggestions.html"
    change_form_outer_after_template = "mappings/admin/preview.html"
    empty_text = "No mapping yet. A mapping says which fields of an Odoo model consumers see, and under which keys. You need a connection first."

    buttons = (Button("seen", "The differences to Odoo are well", "done_all"),)

    class Media:
        js = (
            "mappings/called.js",
            "mappings/suggest.js",
            "mappings/lines.js",
            Script("mappings/script_editor.js", type="module"),
            Script("mappings/preview.js", type="module"),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mapping]:
        return super().get_queryset(request).prefetch_related(*loaded(), "endpoints", "used_by__mapping")

    def prepare(self, rows: Sequence[Mapping]) -> None:
        inside.note(rows)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_foreignkey(db_field, request, **choices_for(db_field, kwargs))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self._suggestions)
        suggest = self.admin_site.admin_view(self._suggest)
        return [
            path("suggestions/", view, name="mappings_mapping_suggestions"),
            path("<int:pk>/suggest/", suggest, name="mappings_mapping_suggest"),
            *super().get_urls(),
        ]

    def _suggest(self, request: HttpRequest, pk: int) -> HttpResponse:
        mapping = self.get_object(request, str(pk))
        if mapping is None:
            raise Http404
        if not request.user.has_perms(_SUGGEST):
            raise PermissionDenied
        before = mapping.lines.count()
        answer = suggesting.view(request, mapping)
        if answer.status_code == 302:
            count = Line.objects.filter(mapping=mapping).count() - before
            said = f"{count} line{'s' if count != 1 else ''} added from a suggestion"
            self.log_change(request, mapping, f"{said}.")
            messages.success(request, f"{said}. Press “Show” beside them to see what they do.")
        return answer

    def _suggestions(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            return HttpResponse(status=403)
        return suggestions.view(request)

    def beside(self, request: HttpRequest, obj: Mapping | None) -> dict[str, Any]:
        return {
            "preview": self._preview(request, obj),
            "grown_apart_inside": obj.drift_inside if obj else [],
            "grown_apart": list(obj.schema_problems.all()) if obj else [],
            "suggestions": {
                "models": [],
                "fields": suggestions.described(known_fields(obj)) if obj else [],
                "zones": sorted(available_timezones()),
            },
        }

    def _preview(self, request: HttpRequest, obj: Mapping | None) -> dict[str, Any] | None:
        """Data for the panel beside the lines; None for people who may not try things."""
        if not draft.may_try(request, obj):
            return None
        see_endpoints = obj is not None and request.user.has_perm("endpoints.view_endpoint")
        return {
            "url": reverse("admin:endpoints_mapping_preview", args=[obj.pk] if obj else []),
            "endpoints": list(obj.endpoints.all()) if obj and see_endpoints else [],
            "endpoint": request.GET.get("endpoint", ""),
        }

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.unread:
            messages.warning(
                request,
                f"Saved, but the fields of {form.instance.model} could not be checked: {form.unread} "
                "The hub reads them as soon as Odoo answers.",
            )
        for formset in formsets:
            _tell_of_scripts(request, formset)
        if form.is_moved() and change:
            notices.moved.send(sender=Mapping, mapping_id=form.instance.pk)
        if {"connection", "model"} & set(form.changed_data) or any(
            formset.has_changed() for formset in formsets
        ):
            mapping_changed.send(sender=Mapping, mapping_id=form.instance.pk)

    def response_post_save_add(self, request: HttpRequest, obj: Mapping) -> HttpResponseRedirect:
        if obj.lines.exists() or not request.user.has_perms(_SUGGEST):
            return super().response_post_save_add(request, obj)
        return HttpResponseRedirect(reverse("admin:mappings_mapping_suggest", args=[obj.pk]))  # the next step

    def offers(self, button: Button, obj: Mapping) -> bool:
        return bool(obj.schema_problems.all())

    def seen(self, request: HttpRequest, obj: Mapping) -> None:
        """Forgets noted changes of Odoo's fields. Those that do not fit at all are found again at the next reading."""
        obj.schema_problems.all().delete()
        messages.success(
            request, "Noted. What still does not work is told again when Odoo's fields are next read."
        )

    def links(self, obj: Mapping) -> list[Link]:
        url, add = reverse("admin:endpoints_endpoint_changelist"), reverse("admin:endpoints_endpoint_add")
        return [
            Link(
                "Suggest lines",
                "lightbulb",
                reverse("admin:mappings_mapping_suggest", args=[obj.pk]),
                _SUGGEST,
            ),
            Link("Add an endpoint", "add", f"{add}?mapping={obj.pk}", ("endpoints.add_endpoint",)),
            Link("Endpoints over it", "api", f"{url}?mapping__id__exact={obj.pk}"),
        ]

    # A method, since for a column of the relation itself Django would load the whole connection, with its secret.
    @admin.display(description="connection", ordering="connection__name")
    def over(self, obj: Mapping) -> str:
        return obj.connection.name

    @admin.display(description="lines")
    def line_count(self, obj: Mapping) -> int:
        return len(obj.lines.all())

    @admin.display(description="used by")
    def users(self, obj: Any) -> str:
        inside = {line.mapping.name for line in obj.used_by.all()}
        names = [endpoint.name for endpoint in obj.endpoints.all()]
        names += [f"mapping {name}" for name in sorted(inside)]
        url = reverse("admin:endpoints_endpoint_changelist")
        if not names:
            return NOTHING
        text = shortened(", ".join(names), 60)
        return link(f"{url}?mapping__id__exact={obj.pk}", text) if obj.endpoints.all() else text

    @admin.display(description="problem")
    def trouble(self, obj: Mapping) -> str:
        text = problem_of(obj)
        return problem(shortened(text, 200)) if text else NOTHING


def _tell_of_scripts(request: HttpRequest, formset: Any) -> None:
    """Says of the scripts just saved whether they have examples, which all passed: failing ones are not saved."""
    for form in formset.forms:
        line = form.instance
        if line.pk and line.kind == Kind.SCRIPT and set(SCRIPT_FIELDS) & set(form.changed_data):
            count = len(line.script_examples)
            if count:
                passes = "passes its example" if count == 1 else f"passes its {count} examples"
                messages.success(request, f"The script of “{line.key}” {passes}.")
            else:
                messages.info(
                    request,
                    f"The script of “{line.key}” has no examples; with some, it is tried before each saving.",
                )
