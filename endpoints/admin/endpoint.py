"""Endpoints: what is open to whom, and how they are doing."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from endpoints import pulls, removing
from endpoints.admin import counts, deleting, first_sync, moved, preview, secrets, standstill
from endpoints.admin.domain_input import count
from endpoints.admin.endpoint_columns import EndpointColumns
from endpoints.admin.endpoint_form import EndpointForm
from endpoints.admin.endpoint_operations import EndpointOperations
from endpoints.admin.parts import AccessKeyInline, ActionInline, ParameterInline
from endpoints.models import Endpoint, Mode, OnDelete
from mappings import inside
from mappings.admin.problems import loaded
from mappings.admin.suggestions import by_key, described
from mappings.archive import archive_field
from mappings.models import Mapping
from mappings.schema import known_fields
from synchub.admin.buttons import Link

PULLED_WHEN = {"pull_every", "pull_cron"}
WALKED_ANEW = {"mapping", "domain", "mode"}
"""Fields whose change makes the mirror outdated."""


@admin.register(Endpoint)
class EndpointAdmin(EndpointColumns, EndpointOperations):
    form = EndpointForm
    inlines = (ParameterInline, AccessKeyInline, ActionInline)
    list_display = (
        "path_link", "is_well", "mapping_link", "records_held", "changes_waiting", "changes_failed", "last_pull",
        "next_pull", "trouble",
    )  # fmt: skip
    list_display_links = ("path_link",)
    list_filter = ("enabled", "paused", "mapping")
    search_fields = ("name", "mapping__name", "mapping__model")
    readonly_fields = ("is_well", "numbers", "last_pull", "next_pull", "trouble", "try_it", "described")
    change_form_outer_before_template = "endpoints/admin/above_endpoint.html"
    empty_text = "No endpoint yet. An endpoint opens a mapping to consumers as JSON over HTTP. You need a connection and a mapping first."
    is_it_well = ("Is it well?", {"fields": (("is_well", "numbers"), ("last_pull", "next_pull"), "trouble")})
    fieldsets = (
        (None, {"fields": (("name", "mapping"), ("enabled", "paused"), "methods", ("auth", "mode"))}),
        ("Which records", {"fields": ("domain", ("limit", "pull_every", "pull_cron"))}),
        ("What happens in Odoo", {"fields": (("on_delete", "conflicts"), "match_on", "chatter")}),
        ("How consumers write", {"fields": (("put_creates", "post_updates"), "require_if_match")}),
        ("How often consumers may ask", {"fields": (("rate_per_address", "rate_per_key"),)}),
    )
    trial = ("Try it", {"fields": ("described", "try_it")})

    def get_fieldsets(self, request: HttpRequest, obj: Endpoint | None = None) -> Any:
        return (self.is_it_well, *self.fieldsets, self.trial) if obj else self.fieldsets

    def get_queryset(self, request: HttpRequest) -> QuerySet[Endpoint]:
        return (
            super()
            .get_queryset(request)
            .annotate(**counts.counts())
            .select_related("pull_state")
            .prefetch_related("mapping", *loaded("mapping__"), "parameters")
        )

    def prepare(self, rows: Sequence[Endpoint]) -> None:
        inside.note([row.mapping for row in rows])

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Endpoint | None:
        found: Any = super().get_object(request, object_id, from_field)
        if found is not None:
            found.shown_at = request.build_absolute_uri(found.path)  # for the lines to try
        return found  # type: ignore[no-any-return]

    def beside(self, request: HttpRequest, obj: Endpoint | None) -> dict[str, Any]:
        return {"field_suggestions": described(known_fields(obj.mapping)) if obj else []}

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The proposed `on_delete` has to be valid also for a model that cannot archive."""
        found: dict[str, Any] = super().get_changeform_initial_data(request)
        mapping = by_key(Mapping.objects.all(), str(found.get("mapping", "")))
        fields = known_fields(mapping) if mapping else {}
        if fields and not archive_field(fields):
            found.setdefault("on_delete", OnDelete.IGNORE)
        return found

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/first-sync/", wrap(first_sync.page), name="endpoints_endpoint_first_sync"),
            path("standstill/", wrap(standstill.page), name="endpoints_standstill"),
            path("count/", wrap(count), name="endpoints_endpoint_count"),
            # Asked by the page of a mapping, which knows nothing of endpoints.
            path("mapping/preview/", wrap(preview.view), name="endpoints_mapping_preview"),
            path("mapping/<int:pk>/preview/", wrap(preview.view), name="endpoints_mapping_preview"),
            *super().get_urls(),
        ]

    def links(self, obj: Endpoint) -> list[Link]:
        mapping = reverse("admin:mappings_mapping_change", args=[obj.mapping_id])
        shown = Link("Preview", "visibility", f"{mapping}?endpoint={obj.name}#preview")
        matched = Link("First sync", "join", reverse("admin:endpoints_endpoint_first_sync", args=[obj.pk]))
        return [shown, *([matched] if obj.match_on else [])] + [
            Link(label, icon, f"{reverse(f'admin:{name}_changelist')}?{query}")
            for label, icon, name, query in (
                ("Records", "description", "endpoints_record", f"endpoint__id__exact={obj.pk}"),
                ("Changes", "outbox", "endpoints_change", f"endpoint__id__exact={obj.pk}"),
                ("Differences", "difference", "endpoints_difference", f"endpoint__id__exact={obj.pk}"),
                ("Runs", "directions_run", "endpoints_run", f"endpoint__id__exact={obj.pk}"),
                ("Exchanges", "swap_horiz", "audit_exchange", f"endpoint={obj.name}"),
            )
        ]

    # What saving sets off

    def save_model(self, request: HttpRequest, obj: Endpoint, form: Any, change: bool) -> None:
        if "match_on" in form.changed_data:
            obj.matched_at = None
        if "paused" in form.changed_data:
            obj.paused_at = timezone.now() if obj.paused else None
            obj.paused_by, obj.paused_reason = (request.user.get_username() if obj.paused else ""), ""
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        secrets.tell(request, formset)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if change and form.is_moved():
            moved.move(form.instance.name)
        filters_changed = any(f.model is ParameterInline.model and f.has_changed() for f in formsets)
        if change and (filters_changed or WALKED_ANEW & set(form.changed_data)):
            pulls.start_over([form.instance.pk])
            if form.instance.mode == Mode.MIRROR:
                told = "All its records are read from Odoo again, as what it covers has changed."
                if "domain" in form.changed_data:
                    told += (
                        " Those that it no longer covers leave with the next search for deletions. Where that is more than "
                        f"{settings.DELETIONS_BRAKE:.0%} of them, they stay until you choose “Remove what is gone”."
                    )
            else:
                told = "Each request is answered from Odoo itself now; nothing is read beforehand."
            messages.info(request, told)
        elif change and PULLED_WHEN & set(form.changed_data):
            pulls.now([form.instance.pk])

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], dict[Any, Any], set[str], list[Any]]:  # fmt: skip
        told: list[Any] = []
        refused: list[Any] = []
        for endpoint in objs:
            told.append(f"Endpoint {endpoint.path}")
            told.append(deleting.goes_along(endpoint))
            count = removing.waiting(endpoint)
            if count:
                refused.append(
                    f"{count:,} accepted change{' that waits' if count == 1 else 's that wait'} to reach Odoo"
                )
        return told, {"endpoints": len(objs)}, set(), refused

    def delete_model(self, request: HttpRequest, obj: Endpoint) -> None:
        called = obj.name
        removing.begin(obj)

        def remove() -> None:
            if not deleting.remove(obj, called, request.user.get_username()):
                messages.info(
                    request,
                    f"“{called}” is gone for consumers; its records are being removed, as Runs tells.",
                )

        transaction.on_commit(remove)
