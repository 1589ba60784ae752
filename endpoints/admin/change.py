"""Changes: writes on their way to Odoo, and those that Odoo refused."""

from django.contrib import admin, messages
from django.db.models import CharField, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse

from endpoints import decisions, editing, overtaken, successors, wakeup
from endpoints.admin import change_edit
from endpoints.admin.change_columns import ChangeColumns
from endpoints.admin.there import there
from endpoints.giving_up import discard_all
from endpoints.models import Change, ChangeState, Conflict
from mappings.models import Line
from synchub.admin.base import ReadOnlyAdmin
from synchub.admin.buttons import Button, Link
from synchub.admin.confirming import Confirmation, asked_about, ticked
from synchub.admin.paging import CappedPaginator, is_list

DISCARD = (
    "Odoo will not get this change, and it cannot be brought back. What Odoo has counts from then on; "
    "a record that Odoo never got disappears from the API."
)
REASON = "Why? It is kept with the change."


@admin.register(Change)
class ChangeAdmin(ChangeColumns, ReadOnlyAdmin[Change]):
    list_display = ("what", "record_link", "endpoint", "change_state", "tried", "trouble", "created")
    list_filter = ("state", "endpoint", "operation")
    search_fields = ("record__external_id__startswith", "request_id__exact")
    search_help_text = "The beginning of the record's identifier, or a request id."
    ordering = ("-id",)
    paginator = CappedPaginator
    show_full_result_count = False
    actions = ("send_again_selected", "discard_selected")
    empty_text = "Nobody has written anything yet. Each POST, PUT or DELETE that an endpoint accepts shows up here until Odoo has it, and for a month after."
    buttons = (
        Button("send_again", "Send again", "replay"),
        Button(
            "hand_over",
            "Write it to the new one",
            "move_down",
            confirm="Odoo has lost the record that this was about, and has another one of the same identifier by now. What the change "
            "says is written to that one, whatever it has there.",
        ),
        Button("give_up", "Discard", "delete_sweep", confirm=DISCARD, reason=REASON),
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "change_state",
                    "trouble_in_full",
                    "what",
                    "record_link",
                    "endpoint",
                    "tried",
                    "next_try",
                )
            },
        ),
        ("What it writes, by Odoo's fields", {"fields": ("values_shown",)}),
        ("Where it came from", {"fields": ("access_key", "asked_in", "accepted_at", "settled")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Change]:
        line_key = Line.objects.filter(pk=OuterRef("line_id")).values("key")[:1]
        rows = (
            there(super().get_queryset(request))
            .select_related("endpoint", "record")
            .defer("record__document", "record__values", "record__base", "record__fragments")
            .annotate(line_key=Subquery(line_key, output_field=CharField()))
        )
        return rows.defer("values", "fragments") if is_list(request) else rows

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        # The pages of records and runs link to their changes.
        mine = ("record__id__exact", "settled_in__exact", "undoes__exact")
        return lookup in mine or super().lookup_allowed(lookup, value, request)

    def get_urls(self) -> list[URLPattern]:
        edit = self.admin_site.admin_view(change_edit.page)
        return [path("<int:pk>/edit/", edit, name="endpoints_change_edit"), *super().get_urls()]

    def links(self, obj: Change) -> list[Link]:
        asked = Conflict.objects.filter(decided_at=None, change_ids__contains=[obj.pk], record=obj.record_id)
        url = reverse("admin:endpoints_change_edit", args=[obj.pk])
        edit = Link("Edit and send again", "edit", url, ("endpoints.change_change",))
        return [
            *(
                Link(
                    "Who is right?",
                    "call_split",
                    reverse("admin:endpoints_conflict_change", args=[one]),
                )
                for one in asked.values_list("pk", flat=True)
            ),
            *([edit] if editing.may_edit(obj) else []),
            Link("Record", "description", reverse("admin:endpoints_record_change", args=[obj.record_id])),
            Link("Endpoint", "api", reverse("admin:endpoints_endpoint_change", args=[obj.endpoint_id])),
        ]

    def named(self, obj: Change) -> str:
        return f"{obj.get_operation_display().capitalize()} {obj.record} ({obj.endpoint})"

    def offers(self, button: Button, obj: Change) -> bool:
        if button.name == "send_again":
            return obj.state == ChangeState.FAILED
        if button.name == "hand_over":
            return successors.successor(obj) is not None
        return obj.state in (ChangeState.FAILED, ChangeState.PENDING)

    def send_again(self, request: HttpRequest, obj: Change) -> None:
        self._send_again(request, [obj.pk], {obj.endpoint_id})

    def hand_over(self, request: HttpRequest, obj: Change) -> None:
        count = successors.hand_over(obj.pk, request.user.get_username())
        if count is None:
            messages.warning(request, "There is no other record of this identifier any more.")
        elif count:
            wakeup.push(obj.endpoint_id)
            messages.success(request, "Queued for the new record; it is sent at once.")
        else:
            messages.warning(request, f"Discarded: {overtaken.REASON}")

    def give_up(self, request: HttpRequest, obj: Change) -> None:
        self._discard(request, [obj.pk])

    @admin.action(description="Send again", permissions=["operate"])
    def send_again_selected(self, request: HttpRequest, queryset: QuerySet[Change]) -> None:
        rows = list(queryset.order_by().values_list("pk", "endpoint_id"))
        self._send_again(request, [pk for pk, _ in rows], {endpoint_id for _, endpoint_id in rows})

    @admin.action(description="Discard…", permissions=["operate"])
    def discard_selected(self, request: HttpRequest, queryset: QuerySet[Change]) -> HttpResponse | None:
        ids = list(asked_about(request, queryset).order_by().values_list("pk", flat=True))
        if "confirmed" in request.POST:
            self._discard(request, ids)
            return None
        confirmation = Confirmation(
            "Discard",
            DISCARD,
            f"{len(ids):,} change{'s' if len(ids) != 1 else ''}",
            cancel_url=request.get_full_path(),
            hidden=ticked(request, "discard_selected", queryset),
            reason=REASON,
        )
        return self.ask(request, confirmation)

    def _send_again(self, request: HttpRequest, ids: list[int], endpoint_ids: set[int]) -> None:
        failed = list(
            Change.objects.filter(pk__in=ids, state=ChangeState.FAILED).values_list("pk", flat=True)
        )
        decisions.retry(failed, request.user.get_username())
        refused = len(failed)
        done = Change.objects.filter(pk__in=failed, state=ChangeState.DISCARDED).count()
        for endpoint_id in endpoint_ids:
            wakeup.push(endpoint_id)
        if refused > done:
            messages.success(request, f"{refused - done:,} queued again; they are sent at once.")
        if done:
            messages.warning(request, f"{done:,} discarded: {overtaken.REASON}")
        if refused < len(ids):
            messages.warning(
                request, f"{len(ids) - refused:,} left alone: only refused changes can be sent again."
            )

    def _discard(self, request: HttpRequest, ids: list[int]) -> None:
        reason = request.POST.get("reason", "").strip()[:500]
        count, is_all = discard_all(ids, request.user.get_username(), reason)
        if count:
            messages.success(request, f"{count:,} discarded.")
        if not is_all:
            messages.warning(
                request, "There are more, which would take too long now: discard them once more."
            )
            return
        left = Change.objects.filter(pk__in=ids).exclude(state=ChangeState.DISCARDED).count()
        if left:
            messages.warning(
                request, f"{left:,} left alone: what is in Odoo, or on its way there, cannot be discarded."
            )
