"""The report of the first sync: for each new record, what Odoo may have already."""

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from endpoints import matching
from endpoints.admin import candidates
from endpoints.admin.there import there
from endpoints.models import Match, Verdict
from synchub.admin.paging import CappedPaginator
from synchub.admin.question import QuestionAdmin
from synchub.admin.words import NOTHING, Look, badge, pretty, shortened

_LOOKS: dict[str, Look] = {Verdict.EXACT: "success", Verdict.AMBIGUOUS: "warning", Verdict.NONE: "info"}


@admin.register(Match)
class MatchAdmin(QuestionAdmin[Match]):
    list_display = ("what", "found", "candidates_shown", "reason_shown", "outcome")
    list_filter = ("endpoint", "verdict", "decision")
    search_fields = ("record__external_id__startswith",)
    search_help_text = "The beginning of the record's identifier."
    ordering = ("id",)
    paginator = CappedPaginator
    show_full_result_count = False
    actions = ("approve", "create_new")
    question_template = "endpoints/admin/match.html"
    empty_text = "Nothing to match. Where an endpoint names keys under “first matched with Odoo by”, what was found shows up here."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Match]:
        return there(super().get_queryset(request)).select_related("record", "endpoint")

    @admin.action(description="Approve those with exactly one", permissions=["operate"])
    def approve(self, request: HttpRequest, queryset: QuerySet[Match]) -> None:
        ids, who, count = (
            list(queryset.order_by().values_list("pk", flat=True)),
            request.user.get_username(),
            0,
        )
        for endpoint_id in set(queryset.order_by().values_list("endpoint_id", flat=True)):
            count += matching.approve_exact(endpoint_id, who, ids)
        messages.success(request, f"{count:,} are those records of Odoo.")
        if count < len(ids):
            messages.warning(request, f"{len(ids) - count:,} left alone: choose for each of them.")

    @admin.action(description="Create in Odoo", permissions=["operate"])
    def create_new(self, request: HttpRequest, queryset: QuerySet[Match]) -> None:
        ids = list(queryset.order_by().values_list("pk", flat=True))
        count = matching.create(Match.objects.filter(pk__in=ids), request.user.get_username())
        messages.success(request, f"{count:,} are to be created in Odoo.")

    def question(self, request: HttpRequest, obj: Match) -> dict[str, Any]:
        return {
            "title": f"{obj.record}: is it in Odoo?",
            "match": obj,
            "candidates": candidates.told_apart(obj),
            "document": pretty(_sent(obj.record.document)),
            "may_decide": matching.holds(obj.endpoint_id) and self.has_operate_permission(request),
            "report": reverse("admin:endpoints_endpoint_first_sync", args=[obj.endpoint_id]),
        }

    def answered(self, request: HttpRequest, obj: Match) -> HttpResponse:
        page, chosen = (
            reverse("admin:endpoints_match_change", args=[obj.pk]),
            request.POST.get("chosen", ""),
        )
        who, known = request.user.get_username(), {str(one["id"]) for one in obj.candidates}
        if not matching.holds(obj.endpoint_id):
            messages.warning(request, "The push was released already: this is decided.")
        elif chosen == "create":
            matching.create(Match.objects.filter(pk=obj.pk), who)
            messages.success(request, f"{obj.record} is to be created in Odoo.")
        elif chosen not in known:
            messages.warning(request, "Choose one of them, or that it is new.")
            return redirect(page)
        elif matching.link(obj, int(chosen), who):
            messages.success(request, f"{obj.record} is Odoo's record {chosen}.")
        else:
            messages.warning(request, "Another new record is that one already: look at that first.")
            return redirect(page)
        rows = reverse("admin:endpoints_match_changelist")
        return redirect(f"{rows}?endpoint__id__exact={obj.endpoint_id}&verdict__exact={obj.verdict}")

    @admin.display(description="new record")
    def what(self, match: Match) -> str:
        return shortened(f"{match.record} ({match.endpoint})", 60)

    @admin.display(description="found", ordering="verdict")
    def found(self, match: Match) -> str:
        return badge(match.get_verdict_display(), _LOOKS[match.verdict])

    @admin.display(description="in Odoo")
    def candidates_shown(self, match: Match) -> str:
        named = [f"{one['name']} (id {one['id']}, by {one['by']})" for one in match.candidates]
        return shortened("; ".join(named), 120) if named else NOTHING

    @admin.display(description="why")
    def reason_shown(self, match: Match) -> str:
        return shortened(match.reason) if match.reason else NOTHING

    @admin.display(description="decided", ordering="decision")
    def outcome(self, match: Match) -> str:
        if not match.decision:
            return badge("open", "warning")
        to = f" {match.odoo_id}" if match.odoo_id else ""
        return f"{match.get_decision_display()}{to} ({match.decided_by})"


def _sent(document: str) -> Any:
    """Without keys that have no value: most of them, in a record that Odoo does not have yet."""
    return {key: value for key, value in json.loads(document).items() if value is not None}
