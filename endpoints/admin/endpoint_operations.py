"""The buttons of an endpoint: pull, compare, heal, pause."""

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html

from endpoints import differences, jobs, pauses, pulls
from endpoints.admin.difference import HEAL, say_healing
from endpoints.admin.state import LIVE_GOES_ON
from endpoints.models import Endpoint, Mode, PullState, RunKind
from synchub.admin.base import HubAdmin
from synchub.admin.buttons import Button
from synchub.admin.confirming import Confirmation

PAUSE = "Nothing is pushed or pulled until you resume it. Writes are accepted and kept; none is lost."
PAUSE_REASON = "Why? It is shown wherever somebody wonders."


def _named(endpoints: list[Endpoint]) -> str:
    return ", ".join(f"“{endpoint}”" for endpoint in endpoints)


class EndpointOperations(HubAdmin[Endpoint]):
    actions = ("pull_selected", "pause_selected", "resume_selected")
    buttons = (
        Button("pull_now", "Pull now", "download"),
        Button(
            "pull_everything",
            "Pull everything again",
            "cloud_sync",
            confirm="All records are read from Odoo again, while pulls go on and consumers are answered; with many records it takes minutes.",
        ),
        Button(
            "remove_what_is_gone",
            "Remove what is gone",
            "delete_sweep",
            confirm="Records that Odoo no longer has leave the hub, however many they are. Nothing is changed in Odoo.",
        ),
        Button("compare", "Compare with Odoo", "difference"),
        Button("heal", "Heal all differences", "healing", confirm=HEAL),
        Button("pause", "Pause", "pause", confirm=PAUSE, reason=PAUSE_REASON),
        Button("resume", "Resume", "play_arrow"),
    )

    def offers(self, button: Button, obj: Endpoint) -> bool:
        match button.name:
            case "pause":
                return not obj.paused
            case "resume":
                return obj.paused
            case "pull_now" | "pull_everything" | "remove_what_is_gone" | "compare":
                return obj.mode == Mode.MIRROR
            case "heal":
                return obj.differences.exists()
        return True

    def detail(self, button: Button, obj: Endpoint) -> str:
        is_live = button.name == "pause" and obj.mode == Mode.LIVE
        return format_html("<p>{}</p>", LIVE_GOES_ON) if is_live else ""

    def pull_now(self, request: HttpRequest, obj: Endpoint) -> None:
        pulls.now([obj.pk])
        self._say_pull(request, obj, "is pulled within a few seconds")

    def pull_everything(self, request: HttpRequest, obj: Endpoint) -> None:
        if PullState.objects.filter(endpoint=obj, complete=True).exists():
            jobs.ask(obj.pk, RunKind.REREAD, request.user.get_username())
        else:
            pulls.start_over([obj.pk])
        self._say_pull(request, obj, "is read from Odoo from the beginning; see Runs for how far it is")

    def remove_what_is_gone(self, request: HttpRequest, obj: Endpoint) -> None:
        pulls.remove_what_is_gone([obj.pk])
        self._say_pull(request, obj, "is compared with Odoo within a minute; see Runs for what is removed")

    def compare(self, request: HttpRequest, obj: Endpoint) -> None:
        jobs.ask(obj.pk, RunKind.AUDIT, request.user.get_username())
        self._say_pull(request, obj, "is compared with Odoo; what differs is listed under Differences")

    def heal(self, request: HttpRequest, obj: Endpoint) -> None:
        say_healing(request, differences.heal(obj.differences.all(), request.user.get_username()))

    def pause(self, request: HttpRequest, obj: Endpoint) -> None:
        self._pause(request, [obj])

    def resume(self, request: HttpRequest, obj: Endpoint) -> None:
        self._resume(request, [obj])

    @admin.action(description="Pull now", permissions=["operate"])
    def pull_selected(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        for endpoint in queryset:
            if endpoint.mode == Mode.MIRROR:
                self.pull_now(request, endpoint)
            else:
                messages.warning(
                    request, f"“{endpoint}” is live: it asks Odoo at each request, and nothing is pulled."
                )

    @admin.action(description="Pause", permissions=["operate"])
    def pause_selected(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> HttpResponse | None:
        if "confirmed" in request.POST:
            self._pause(request, list(queryset))
            return None
        chosen = list(queryset)
        # Those that are named on the page, also of “all that match”: by the answer others may match.
        hidden = [("action", "pause_selected"), *((ACTION_CHECKBOX_NAME, str(one.pk)) for one in chosen)]
        confirmation = Confirmation(
            "Pause",
            PAUSE,
            ", ".join(str(one) for one in chosen),
            cancel_url=request.get_full_path(),
            hidden=hidden,
            reason=PAUSE_REASON,
        )
        return self.ask(request, confirmation)

    @admin.action(description="Resume", permissions=["operate"])
    def resume_selected(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        self._resume(request, list(queryset))

    def _say_pull(self, request: HttpRequest, obj: Endpoint, what: str) -> None:
        if not obj.enabled or obj.paused or obj.mapping.connection.paused_at:
            messages.warning(
                request, f"“{obj}” is off or paused, or its connection is: it waits until that is over."
            )
        else:
            messages.success(request, f"“{obj}” {what}.")

    def _pause(self, request: HttpRequest, endpoints: list[Endpoint]) -> None:
        reason = request.POST.get("reason", "").strip()
        pauses.endpoints([one.pk for one in endpoints], request.user.get_username(), reason)
        messages.success(request, f"{_named(endpoints)}: paused: writes are accepted and kept.")

    def _resume(self, request: HttpRequest, endpoints: list[Endpoint]) -> None:
        pauses.resume_endpoints([one.pk for one in endpoints])
        messages.success(request, f"{_named(endpoints)}: working again.")
