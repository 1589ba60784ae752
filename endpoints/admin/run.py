"""Runs: background work, while it goes on and afterwards."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from endpoints.admin import run_links, undo
from endpoints.admin.there import there
from endpoints.models import Footprint, Run, RunKind, RunState
from mappings.admin.filters import ByConnection
from mappings.models import Connection
from synchub.admin.base import ReadOnlyAdmin
from synchub.admin.buttons import Link
from synchub.admin.paging import CappedPaginator
from synchub.admin.words import NOTHING, Look, ago, badge, duration, link, problem, shortened, table

LOOKS: dict[str, Look] = {
    RunState.QUEUED: "info",
    RunState.RUNNING: "info",
    RunState.DONE: "success",
    RunState.FAILED: "danger",
    RunState.INTERRUPTED: "warning",
}


def progress(run: Run) -> str:
    """A bar if the total is known, otherwise the count so far."""
    if not run.total:
        return format_html('<span class="hub-number">{}</span>', f"{run.seen:,}")
    text = f"{run.seen:,} of {max(run.total, run.seen):,}"
    return format_html(
        '<span class="hub-progress"><progress value="{}" max="{}" aria-label="{}"></progress>'
        '<span class="hub-number">{}</span></span>',
        run.seen,
        max(run.total, run.seen),
        text,
        text,
    )


def took(started_at: datetime, ended_at: datetime | None) -> str:
    seconds = ((ended_at or timezone.now()) - started_at).total_seconds()
    return f"{seconds:.1f} s" if seconds < 10 else duration(seconds)


def pace(run: Run) -> str:
    """Records per second, and, while it runs, how long the rest takes at that pace."""
    seconds = ((run.ended_at or timezone.now()) - run.started_at).total_seconds()
    if not run.seen or seconds <= 0:
        return NOTHING
    rate = run.seen / seconds
    text = f"{rate:,.0f} records per second" if rate >= 1 else f"{rate * 60:,.1f} records per minute"
    if run.state == RunState.RUNNING and run.total and run.total > run.seen:
        text += f", about {duration((run.total - run.seen) / rate)} to go"
    return text


_WROTE_SHOWN = 50
LOOK_AGAIN = 5
"""Seconds after which the browser reloads a page that shows progress. Nothing can be typed there."""


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin[Run]):
    list_display = ("started", "kind", "of", "run_state", "done", "changed", "failed", "lasted", "said")
    list_filter = ("state", "kind", "endpoint", ("connection", ByConnection))
    list_select_related = ("endpoint",)  # a connection's row holds its secret: see get_queryset
    ordering = ("-id",)
    paginator = CappedPaginator
    show_full_result_count = False
    empty_text = "Nothing has run yet. As soon as an endpoint is pulled from Odoo, or a write is pushed to it, the work shows up here."
    fields = (
        "kind", "of", "run_state", "done", "pace", "changed", "failed", "told", "started", "lasted", "by", "wrote",
    )  # fmt: skip

    def get_fields(self, request: HttpRequest, obj: Run | None = None) -> tuple[str, ...]:
        return self.fields

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(undo.page)
        return [path("<int:pk>/undo/", page, name="endpoints_run_undo"), *super().get_urls()]

    def links(self, obj: Run) -> list[Link]:
        return run_links.links(obj)

    def render_change_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().render_change_form(request, *args, **kwargs)
        run = kwargs.get("obj")
        if run is not None and run.state in (RunState.QUEUED, RunState.RUNNING):
            answer["Refresh"] = str(LOOK_AGAIN)
        return answer

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        return there(super().get_queryset(request)).prefetch_related(
            Prefetch("connection", Connection.objects.defer("secret"))
        )

    @admin.display(description="pace")
    def pace(self, run: Run) -> str:
        return pace(run)

    @admin.display(description="of", ordering="endpoint__name")
    def of(self, run: Run) -> str:
        if run.kind == RunKind.REMOVAL:
            return str(run.about)
        return f"connection {run.connection}" if run.connection else str(run.endpoint)

    @admin.display(description="started", ordering="id")
    def started(self, run: Run) -> str:
        return ago(run.started_at)

    @admin.display(description="state", ordering="state")
    def run_state(self, run: Run) -> str:
        return badge(run.get_state_display(), LOOKS.get(run.state, ""))

    @admin.display(description="records")
    def done(self, run: Run) -> str:
        return progress(run)

    @admin.display(description="took")
    def lasted(self, run: Run) -> str:
        return took(run.started_at, run.ended_at)

    @admin.display(description="asked for by")
    def by(self, run: Run) -> str:
        return run.asked_by or "the hub itself"

    @admin.display(description="what it wrote")
    def wrote(self, run: Run) -> str:
        if run.kind != RunKind.PUSH:
            return NOTHING
        rows = Footprint.objects.filter(run=run).select_related("record").order_by("id")[: _WROTE_SHOWN + 1]
        shown = [
            (
                link(
                    reverse("admin:endpoints_record_change", args=[one.record_id]),
                    shortened(str(one.record), 60),
                ),
                one.get_did_display(),
                shortened(", ".join(one.changed) or NOTHING),
                shortened(one.outcome or NOTHING),
            )
            for one in rows
        ]
        more = [("…", "", "", "")] if len(shown) > _WROTE_SHOWN else []
        over = run.state not in (RunState.QUEUED, RunState.RUNNING)
        empty = "Nothing is kept: it changed nothing, or too long ago." if over else "Nothing yet."
        return table(("record", "was", "fields", "undone since"), [*shown[:_WROTE_SHOWN], *more], empty)

    @admin.display(description="message")
    def said(self, run: Run) -> str:
        if not run.message:
            return ""
        text = shortened(run.message)
        if tries := _tries(run):
            text = format_html("{} {}", text, tries)
        return problem(text) if run.state == RunState.FAILED else text

    @admin.display(description="message")
    def told(self, run: Run) -> str:
        return " ".join(filter(None, (run.message, _tries(run)))) or NOTHING


def _tries(run: Run) -> str:
    """For a row that stands for several attempts: see RunLog."""
    return f"Tried {run.attempts + 1:,} times." if run.kind == RunKind.PUSH and run.attempts else ""
