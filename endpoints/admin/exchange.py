"""Exchanges: requests and answers, in either direction."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html

from endpoints.api import replaying
from synchub.admin.base import ReadOnlyAdmin
from synchub.admin.buttons import Button
from synchub.admin.paging import CappedPaginator
from synchub.admin.words import ago, badge, pretty, shortened
from synchub.audit.models import Direction, Exchange
from synchub.middleware import request_id as exchange_id

# Calls to Odoo without a model.
NO_TARGET = {"version": "Odoo's version", "authenticate": "log in"}


class _Named(admin.SimpleListFilter):
    """Filters by a name in recent exchanges. The choices never take a scan of the whole table."""

    recent = 2_000

    @classmethod
    def of(cls, field: str) -> type["_Named"]:
        return type(
            f"By{field.title().replace('_', '')}",
            (cls,),
            {"title": field.replace("_", " "), "parameter_name": field},
        )

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = Exchange.objects.order_by("-id").values_list(str(self.parameter_name), flat=True)
        names = {name for name in rows[: self.recent] if name}
        if chosen := self.value():
            names.add(chosen)
        return [(name, name) for name in sorted(names)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Exchange]) -> QuerySet[Exchange]:
        return queryset.filter(**{str(self.parameter_name): self.value()}) if self.value() else queryset


@admin.register(Exchange)
class ExchangeAdmin(ReadOnlyAdmin[Exchange]):
    list_display = ("when", "way", "method", "what", "outcome", "took", "asked_by")
    list_display_links = ("when", "what")
    list_filter = (
        "direction", "failed", *(_Named.of(one) for one in ("endpoint", "access_key", "status", "method", "connection")),
    )  # fmt: skip
    search_fields = ("request_id__exact", "record__exact", "access_key__exact")
    search_help_text = (
        "A whole request id (the answer's X-Request-ID), a record's identifier, or the name of an access key. What went well is "
        f"kept for {settings.KEEP_EXCHANGES_DAYS} days, what failed for {settings.KEEP_FAILURES_DAYS}."
    )
    buttons = (
        Button(
            "send_again", "Send again", "replay",
            "The hub carries this out now as if it had come from its consumer, with the rights that the access key has now.",
        ),
    )  # fmt: skip
    ordering = ("-id",)
    paginator = CappedPaginator
    show_full_result_count = False
    empty_text = "Nothing has been asked or answered yet. Each request to an endpoint and each call to Odoo shows up here."
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "way",
                    "moment",
                    "outcome",
                    "method",
                    "target",
                    "endpoint",
                    "record",
                    "connection",
                    "records",
                )
            },
        ),
        ("Who asked", {"fields": ("access_key", "address", "request_id", "replayed")}),
        ("What was sent", {"fields": ("header_text", "request_bytes", "request_text", "lacks", "again")}),
        ("What came back", {"fields": ("took", "response_bytes", "response_text")}),
    )

    @admin.display(description="time", ordering="id")
    def when(self, exchange: Exchange) -> str:
        return ago(exchange.at)

    @admin.display(description="at")
    def moment(self, exchange: Exchange) -> str:
        return f"{timezone.localtime(exchange.at):%Y-%m-%d %H:%M:%S %Z}"

    @admin.display(description="direction")
    def way(self, exchange: Exchange) -> str:
        incoming = exchange.direction == Direction.IN
        return badge(
            "in" if incoming else "Odoo", "info" if incoming else "", exchange.get_direction_display()
        )

    @admin.display(description="target")
    def what(self, exchange: Exchange) -> str:
        return shortened(exchange.target or NO_TARGET.get(exchange.method, exchange.method), 80)

    @admin.display(description="status", ordering="status")
    def outcome(self, exchange: Exchange) -> str:
        return badge(exchange.status, "danger" if exchange.failed else "success")

    @admin.display(description="time taken")
    def took(self, exchange: Exchange) -> str:
        return f"{exchange.milliseconds:,} ms"

    @admin.display(description="by")
    def asked_by(self, exchange: Exchange) -> str:
        return exchange.access_key or exchange.connection or exchange.address

    @admin.display(description="sent again")
    def replayed(self, exchange: Exchange) -> str:
        if exchange.replay_of is None:
            return ""
        return f"This is exchange {exchange.replay_of}, replayed by {exchange.replayed_by}."

    @admin.display(description="can be sent again")
    def again(self, exchange: Exchange) -> str:
        return replaying.problem(exchange) or "Yes."

    @admin.display(description="headers")
    def header_text(self, exchange: Exchange) -> str:
        return pretty(exchange.headers) if exchange.headers else ""

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("audit.replay_exchange")

    def offers(self, button: Button, obj: Exchange) -> bool:
        return not replaying.problem(obj)

    def detail(self, button: Button, obj: Exchange) -> str:
        """Everything that will be sent."""
        return format_html(
            "<p>As: {}</p>{}{}",
            f"access key “{obj.access_key}”" if obj.key_id is not None else "anybody, without an access key",
            pretty(obj.headers) if obj.headers else "",
            pretty(obj.request) if obj.request else "",
        )

    def send_again(self, request: HttpRequest, exchange: Exchange) -> HttpResponse | None:
        answer = replaying.replay(exchange, request.user.get_username(), request)
        found = (
            Exchange.objects.filter(replay_of=exchange.pk, request_id=exchange_id()).order_by("-id").first()
        )
        if answer is None:
            messages.error(request, "It failed, or somebody else has sent it again in this moment.")
        elif answer.status_code >= 400:
            messages.warning(request, f"It was refused again, with {answer.status_code}.")
        else:
            messages.success(request, f"It was sent again and answered with {answer.status_code}.")
        return redirect("admin:audit_exchange_change", found.pk) if found else None

    @admin.display(description="body")
    def request_text(self, exchange: Exchange) -> str:
        return pretty(exchange.request) if exchange.request else ""

    @admin.display(description="body")
    def response_text(self, exchange: Exchange) -> str:
        return pretty(exchange.response) if exchange.response else ""
