"""Records: the hub's copies, each with its changes and their outcomes."""

import uuid
from contextlib import suppress
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from endpoints.admin import words
from endpoints.admin.there import there
from endpoints.models import Change, Record
from endpoints.models.record import RELATIONS
from synchub import moments
from synchub.admin.base import ReadOnlyAdmin
from synchub.admin.buttons import Link
from synchub.admin.paging import CappedPaginator, is_list
from synchub.admin.words import NOTHING, ago, badge, link, pretty, problem, shortened, table

_CHANGES_SHOWN = 50
_NAMELESS = Q(deleted_at=None, external_id=None, odoo_id__isnull=False)
_EMPTY = "What names it is empty in Odoo: consumers see it in lists, and cannot read or change it by itself."


class InTheApi(admin.SimpleListFilter):
    title = "shown to consumers"
    parameter_name = "removed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "yes"), ("yes", "no: deleted")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Record]) -> QuerySet[Record]:
        match self.value():
            case "no":
                return queryset.filter(deleted_at=None)
            case "yes":
                return queryset.exclude(deleted_at=None)
        return queryset


class Named(admin.SimpleListFilter):
    title = "has a name"
    parameter_name = "named"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "no: consumers cannot call it")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Record]) -> QuerySet[Record]:
        return queryset.filter(_NAMELESS) if self.value() == "no" else queryset


@admin.register(Record)
class RecordAdmin(ReadOnlyAdmin[Record]):
    list_display = ("name", "endpoint", "odoo", "record_state", "updated", "trouble")
    list_filter = ("endpoint", "state", InTheApi, Named)
    list_select_related = ("endpoint",)
    search_fields = ("external_id",)  # see get_search_results
    search_help_text = "The beginning of a record's identifier, its id in Odoo, or its handle (~…)."
    ordering = ("-id",)
    paginator = CappedPaginator
    show_full_result_count = False
    empty_text = (
        "No records yet. They come with an endpoint's first pull from Odoo, or with the first POST to it."
    )
    fieldsets = (
        (None, {"fields": ("record_state", "trouble_in_full", "endpoint", "external_id", "odoo", "dates")}),
        ("What consumers see", {"fields": ("document_shown",)}),
        ("Its changes, newest first", {"fields": ("changes_shown",)}),
        ("Values by Odoo's fields", {"fields": ("values_shown", "base_shown", "handle", "version")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Record]:
        rows = there(super().get_queryset(request))
        return rows.defer("document", "values", "base") if is_list(request) else rows

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Record], search_term: str
    ) -> tuple[QuerySet[Record], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        wanted = Q(external_id__startswith=term)
        if term.isdecimal() and int(term) < 2**31:
            wanted |= Q(odoo_id=int(term))
        with suppress(ValueError):
            wanted |= Q(handle=uuid.UUID(term.removeprefix("~")))
        return queryset.filter(wanted), False

    def links(self, obj: Record) -> list[Link]:
        return [
            Link("Endpoint", "api", reverse("admin:endpoints_endpoint_change", args=[obj.endpoint_id])),
            Link(
                "Changes",
                "outbox",
                f"{reverse('admin:endpoints_change_changelist')}?record__id__exact={obj.pk}",
            ),
        ]

    @admin.display(description="record", ordering="external_id")
    def name(self, record: Record) -> str:
        return shortened(str(record), 60)

    @admin.display(description="Odoo id", ordering="odoo_id", empty_value=NOTHING)
    def odoo(self, record: Record) -> str | None:
        return str(record.odoo_id) if record.odoo_id else None

    @admin.display(description="state")
    def record_state(self, record: Record) -> str:
        if record.deleted_at and record.state == "synced":
            return badge("deleted", "", f"since {moments.at(record.deleted_at)}")
        return words.record_badge(record.state, deleted=record.deleted_at is not None)

    @admin.display(description="updated")
    def updated(self, record: Record) -> str:
        return ago(record.updated_at)

    @admin.display(description="problem")
    def trouble(self, record: Record) -> str:
        if not record.problem and _is_nameless(record):
            return shortened(_EMPTY)
        return problem(shortened(record.problem)) if record.problem else NOTHING

    @admin.display(description="problem")
    def trouble_in_full(self, record: Record) -> str:
        if not record.problem and _is_nameless(record):
            return _EMPTY
        return problem(record.problem) if record.problem else "none"

    @admin.display(description="dates")
    def dates(self, record: Record) -> str:
        written = f"; last written in Odoo {record.write_date} (UTC)" if record.write_date else ""
        return f"here since {moments.at(record.created_at)}, changed {moments.at(record.updated_at)}{written}"

    @admin.display(description="document")
    def document_shown(self, record: Record) -> str:
        return pretty(record.document)

    @admin.display(description="with writes on their way")
    def values_shown(self, record: Record) -> str:
        return pretty(record.values)

    @admin.display(description="as Odoo had them")
    def base_shown(self, record: Record) -> str:
        if record.base is None:
            return "the same"
        return pretty({name: value for name, value in record.base.items() if name != RELATIONS})

    @admin.display(description="changes")
    def changes_shown(self, record: Record) -> str:
        changes = Change.objects.filter(record=record).defer("values").order_by("-id")[:_CHANGES_SHOWN]
        rows = [
            (
                link(
                    reverse("admin:endpoints_change_change", args=[change.pk]), change.get_operation_display()
                ),
                words.change_badge(change.state),
                ago(change.created_at),
                change.access_key or NOTHING,
                shortened(change.error),
            )
            for change in changes
        ]
        return table(
            ("operation", "state", "when", "by", "problem"), rows, "Nobody has written to it through the hub."
        )


def _is_nameless(record: Record) -> bool:
    return record.deleted_at is None and record.external_id is None and record.odoo_id is not None
