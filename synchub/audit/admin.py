"""Exchanges: what was asked and answered, in either direction."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from synchub.admin.base import ReadOnlyAdmin
from synchub.admin.paging import CappedPaginator
from synchub.admin.words import ago, badge, pretty, shortened
from synchub.audit.models import Direction, Exchange

# Calls to Odoo that are about no model.
NO_TARGET = {"version": "Odoo's version", "authenticate": "log in"}


class _Named(admin.SimpleListFilter):
    """By one of the names that recent exchanges bear. All rows are never looked through for them."""

    recent = 2_000

    @classmethod
    def of(cls, field: str) -> type["_Named"]:
        return type(f"By{field.title()}", (cls,), {"title": field, "parameter_name": field})

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
    list_filter = ("direction", "failed", _Named.of("endpoint"), _Named.of("connection"))
    search_fields = ("request_id__exact",)
    search_help_text = "The whole request id, as the answer's X-Request-ID has it."
    ordering = ("-id",)
    paginator = CappedPaginator
    show_full_result_count = False
    empty_text = "Nothing has been asked or answered yet. Each request to an endpoint and each call to Odoo shows up here."
    fieldsets = (
        (None, {"fields": ("way", "at", "outcome", "method", "target", "endpoint", "connection", "records")}),
        ("Who asked", {"fields": ("access_key", "address", "request_id")}),
        ("What was sent", {"fields": ("request_bytes", "request_text")}),
        ("What came back", {"fields": ("took", "response_bytes", "response_text")}),
    )

    @admin.display(description="time", ordering="id")
    def when(self, exchange: Exchange) -> str:
        return ago(exchange.at)

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

    @admin.display(description="body")
    def request_text(self, exchange: Exchange) -> str:
        return pretty(exchange.request) if exchange.request else ""

    @admin.display(description="body")
    def response_text(self, exchange: Exchange) -> str:
        return pretty(exchange.response) if exchange.response else ""
