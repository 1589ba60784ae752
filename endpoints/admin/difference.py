"""Differences between the mirror and Odoo, and the button that heals them."""

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from endpoints import differences
from endpoints.admin.there import there
from endpoints.models import Difference, DifferenceKind
from synchub.admin.base import ReadOnlyAdmin
from synchub.admin.buttons import Button, Link
from synchub.admin.confirming import Confirmation, asked_about, ticked
from synchub.admin.paging import CappedPaginator
from synchub.admin.words import Look, ago, badge, pretty, problem, shortened

HEAL = (
    "Odoo's values take the place of the hub's: the records are read from Odoo again, new ones are added, and those that Odoo "
    "no longer has leave the hub. Nothing is changed in Odoo. A record of which a change waits to reach Odoo stays as it is."
)
LOOKS: dict[str, Look] = {DifferenceKind.MISSING: "warning", DifferenceKind.EXTRA: "danger"}
WHOLE = {
    DifferenceKind.MISSING: "The record is in Odoo, but not in the hub.",
    DifferenceKind.EXTRA: "The record is in the hub, but Odoo has it no more, or the endpoint does not cover it.",
}


def say_healing(request: HttpRequest, count: int) -> None:
    one = count == 1
    messages.success(
        request,
        f"{count:,} {'record is' if one else 'records are'} read from Odoo again within a minute; "
        "see Runs for how far it is.",
    )


@admin.register(Difference)
class DifferenceAdmin(ReadOnlyAdmin[Difference]):
    list_display = ("what", "endpoint", "where", "hub_has", "odoo_has", "found", "state")
    list_filter = ("endpoint", "kind")
    list_select_related = ("endpoint",)
    search_fields = ("name", "key", "field")
    search_help_text = "A record's identifier, a key, or an Odoo field."
    ordering = ("-id",)
    paginator = CappedPaginator
    show_full_result_count = False
    actions = ("heal_selected",)
    buttons = (Button("heal_record", "Heal this record", "healing", confirm=HEAL),)
    empty_text = (
        "No difference is known. Every night the hub compares its records with Odoo's, field by field; “Compare with Odoo” "
        "on an endpoint does it now."
    )
    fields = ("what", "endpoint", "odoo_id", "where", "hub_in_full", "odoo_in_full", "found", "state")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Difference]:
        return there(super().get_queryset(request))

    def get_fields(self, request: HttpRequest, obj: Difference | None = None) -> tuple[str, ...]:
        return self.fields

    def links(self, obj: Difference) -> list[Link]:
        run = Link(
            "The comparison", "directions_run", reverse("admin:endpoints_run_change", args=[obj.run_id])
        )
        if obj.record_id is None:
            return [run]
        record = reverse("admin:endpoints_record_change", args=[obj.record_id])
        return [Link("The record", "description", record), run]

    def heal_record(self, request: HttpRequest, obj: Difference) -> HttpResponse | None:
        say_healing(
            request, differences.heal(Difference.objects.filter(pk=obj.pk), request.user.get_username())
        )
        return None

    @admin.action(description="Heal: take Odoo's values", permissions=["operate"])
    def heal_selected(self, request: HttpRequest, queryset: QuerySet[Difference]) -> HttpResponse | None:
        if "confirmed" in request.POST:
            say_healing(
                request, differences.heal(asked_about(request, queryset), request.user.get_username())
            )
            return None
        count = queryset.count()
        about = "1 difference" if count == 1 else f"{count:,} differences"
        url, hidden = request.get_full_path(), ticked(request, "heal_selected", queryset)
        return self.ask(request, Confirmation("Heal", HEAL, about, cancel_url=url, hidden=hidden))

    @admin.display(description="record", ordering="name")
    def what(self, obj: Difference) -> str:
        return shortened(obj.name, 60) if obj.name else f"Odoo id {obj.odoo_id}"

    @admin.display(description="key")
    def where(self, obj: Difference) -> str:
        if obj.kind != DifferenceKind.VALUE:
            return badge(
                obj.get_kind_display(), LOOKS[DifferenceKind(obj.kind)], WHOLE[DifferenceKind(obj.kind)]
            )
        return shortened(f"{obj.key or obj.field} ({obj.label})")

    @admin.display(description="the hub has")
    def hub_has(self, obj: Difference) -> str:
        return "no such record" if obj.kind == DifferenceKind.MISSING else _brief(obj, obj.hub)

    @admin.display(description="Odoo has")
    def odoo_has(self, obj: Difference) -> str:
        return "no such record" if obj.kind == DifferenceKind.EXTRA else _brief(obj, obj.odoo)

    @admin.display(description="the hub has")
    def hub_in_full(self, obj: Difference) -> str:
        return _full(obj, obj.hub)

    @admin.display(description="Odoo has")
    def odoo_in_full(self, obj: Difference) -> str:
        return _full(obj, obj.odoo)

    @admin.display(description="found", ordering="id")
    def found(self, obj: Difference) -> str:
        return ago(obj.found_at)

    @admin.display(description="state")
    def state(self, obj: Difference) -> str:
        if obj.chosen_at:
            return badge("being healed", "info")
        return problem(shortened(obj.remark)) if obj.remark else badge("open", "warning")


def _brief(obj: Difference, value: Any) -> str:
    if obj.kind != DifferenceKind.VALUE:
        return "the record"
    if value in (None, "", [], {}):
        return "nothing"
    return shortened(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), 80)


def _full(obj: Difference, value: Any) -> str:
    if obj.kind != DifferenceKind.VALUE:
        return WHOLE[DifferenceKind(obj.kind)]
    return pretty(value) if isinstance(value, (dict, list)) else _brief(obj, value)
