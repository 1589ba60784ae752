"""The conflict inbox: who is right, field by field."""

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from endpoints import inbox
from endpoints.admin.there import there
from endpoints.models import Conflict
from synchub.admin.paging import CappedPaginator, is_list
from synchub.admin.question import QuestionAdmin
from synchub.admin.words import NOTHING, ago, badge, pretty, shortened

ALWAYS = {
    "": "this time only; ask again the next time",
    "lines": "always so for these keys",
    "endpoint": "always so for the whole endpoint",
}


class Open(admin.SimpleListFilter):
    title = "state"
    parameter_name = "decided"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "decided"), ("all", "all")]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        yield {**first, "display": "open"}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Conflict]) -> QuerySet[Conflict]:
        match self.value():
            case "yes":
                return queryset.exclude(decided_at=None)
            case "all":
                return queryset
        return queryset.filter(decided_at=None) if is_list(request) else queryset


LEFT = (
    "There are more than could be decided at once: choose those that are left, and decide them the same way."
)


@admin.register(Conflict)
class ConflictAdmin(QuestionAdmin[Conflict]):
    list_display = ("what", "in_endpoint", "keys", "odoo_has", "consumer_sent", "found", "outcome")
    list_filter = (Open, "endpoint")
    ordering = ("-id",)
    paginator = CappedPaginator
    show_full_result_count = False
    actions = ("take_odoo_s", "take_the_hub_s")
    question_template = "endpoints/admin/conflict.html"
    empty_text = (
        "No conflict waits for you. Where an endpoint or a line is set to “ask a person”, fields that Odoo and a consumer "
        "both changed show up here."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conflict]:
        rows = there(super().get_queryset(request)).select_related("record", "endpoint")
        return rows.defer("record__document", "record__values", "record__base", "record__fragments")

    @admin.action(description="Take Odoo's values", permissions=["operate"])
    def take_odoo_s(self, request: HttpRequest, queryset: QuerySet[Conflict]) -> None:
        self._take(request, queryset, "odoo")

    @admin.action(description="Take the consumer's values", permissions=["operate"])
    def take_the_hub_s(self, request: HttpRequest, queryset: QuerySet[Conflict]) -> None:
        self._take(request, queryset, "hub")

    def _take(self, request: HttpRequest, queryset: QuerySet[Conflict], winner: str) -> None:
        count, all_of_them = inbox.decide_all(
            queryset,
            lambda one: {asked["field"]: winner for asked in one.fields},
            request.user.get_username(),
        )
        messages.success(
            request, f"{count:,} decided: {'Odoo’s' if winner == 'odoo' else 'the consumer’s'} values count."
        )
        if not all_of_them:
            messages.warning(request, LEFT)

    def question(self, request: HttpRequest, obj: Conflict) -> dict[str, Any]:
        return {
            "title": f"{obj.record}: who is right?",
            "conflict": obj,
            "seen": obj.found_at.isoformat(),
            "rows": [_row(one) for one in obj.fields],
            "may_decide": obj.decided_at is None and self.has_operate_permission(request),
            "always": ALWAYS.items(),
        }

    def answered(self, request: HttpRequest, obj: Conflict) -> HttpResponse:
        page = reverse("admin:endpoints_conflict_change", args=[obj.pk])
        everything = request.POST.get("all", "")
        winners = {
            one["field"]: everything or request.POST.get(f"winner-{one['field']}", "") for one in obj.fields
        }
        if not set(winners.values()) <= {"odoo", "hub"}:
            messages.warning(request, "Choose Odoo's or the consumer's value for each key.")
            return redirect(page)
        always = request.POST.get("always", "")
        if always and not self._may_set(request, always):
            messages.warning(request, "You may decide this one, but not change the rule for later ones.")
            return redirect(page)
        if always == "endpoint" and len(set(winners.values())) > 1:
            messages.warning(request, "For the whole endpoint, one side has to win for all keys.")
            return redirect(page)
        seen = request.POST.get("seen", "")
        same = seen in ("", obj.found_at.isoformat())
        if not same or not inbox.decide(obj.pk, winners, request.user.get_username(), obj.found_at):
            messages.warning(
                request, "It was decided meanwhile, or something else is asked by now: look again."
            )
            return redirect(page)
        sides = {"odoo": "Odoo’s", "hub": "the consumer’s"}
        words = ", ".join(f"{one['key']}: {sides[winners[one['field']]]}" for one in obj.fields)
        self.log_change(request, obj, f"Decided whose value counts. {words}.")
        messages.success(request, "Decided. What is to be written is sent at once.")
        if always:
            others, all_of_them = inbox.always(obj, winners, whole_endpoint=always == "endpoint")
            also = f" {others:,} more that waited are decided by that." if others else ""
            messages.success(request, f"From now on it is always so.{also}")
            if not all_of_them:
                messages.warning(request, LEFT)
        return redirect(reverse("admin:endpoints_conflict_changelist"))

    def _may_set(self, request: HttpRequest, always: str) -> bool:
        needed = "endpoints.change_endpoint" if always == "endpoint" else "mappings.change_line"
        return always in ALWAYS and request.user.has_perm(needed)

    @admin.display(description="record")
    def what(self, conflict: Conflict) -> str:
        return shortened(str(conflict.record), 60)

    @admin.display(description="endpoint", ordering="endpoint")
    def in_endpoint(self, conflict: Conflict) -> str:
        return str(conflict.endpoint)

    @admin.display(description="keys")
    def keys(self, conflict: Conflict) -> str:
        return shortened(", ".join(one["key"] for one in conflict.fields))

    @admin.display(description="Odoo has")
    def odoo_has(self, conflict: Conflict) -> str:
        return self._values(conflict, "current")

    @admin.display(description="the consumer sent")
    def consumer_sent(self, conflict: Conflict) -> str:
        return self._values(conflict, "wanted")

    def _values(self, conflict: Conflict, name: str) -> str:
        return shortened("; ".join(_brief(one["shown"][name]) for one in conflict.fields), 80)

    @admin.display(description="found", ordering="id")
    def found(self, conflict: Conflict) -> str:
        return ago(conflict.found_at)

    @admin.display(description="decision")
    def outcome(self, conflict: Conflict) -> str:
        if conflict.decided_at is None:
            return badge("open", "warning")
        return shortened(f"{conflict.decision} ({conflict.decided_by})")


def _brief(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (dict, list)) and value:
        return json.dumps(value, ensure_ascii=False)
    return NOTHING if value in (None, "", []) else str(value)


def _row(one: dict[str, Any]) -> dict[str, Any]:
    values = {name: _shown(one["shown"][name]) for name in ("base", "current", "wanted")}
    return {**one, **values, "sides": [("odoo", values["current"]), ("hub", values["wanted"])]}


def _shown(value: Any) -> str:
    return pretty(value) if isinstance(value, (dict, list)) and value else _brief(value)
