"""Endpoints: what is open to whom, and how it goes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from endpoints import differences, jobs, pauses, pulls
from endpoints.admin import counts, deleting, first_sync, moved, preview, secrets, standstill, state
from endpoints.admin.difference import HEAL, say_healing
from endpoints.admin.domain_input import DomainInput, count
from endpoints.admin.parts import AccessKeyInline, ActionInline, ParameterInline
from endpoints.models import Endpoint, Method, Mode, PullState, RunKind
from mappings import inside
from mappings.admin.problems import loaded
from mappings.admin.suggestions import described
from mappings.models import Mapping
from mappings.schema import known_fields
from synchub.admin.base import HubAdmin, HubForm
from synchub.admin.buttons import Button, Link
from synchub.admin.words import NOTHING, ago, link, problem, shortened

PULLED_WHEN = {"pull_every", "pull_cron"}
WALKED_ANEW = {"mapping", "domain", "mode"}
"""Fields after whose change the mirror no longer is what Odoo's records would be."""

PAUSE = "Nothing is pushed or pulled until you resume it. Writes are accepted and kept; none is lost."
PAUSE_REASON = "Why? It is shown wherever somebody wonders."


def _named(endpoints: list[Endpoint]) -> str:
    return ", ".join(f"“{endpoint}”" for endpoint in endpoints)


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 2, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class EndpointForm(HubForm[Endpoint]):
    methods = forms.MultipleChoiceField(
        choices=Method.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        initial=list(Method.values),
        required=False,
    )

    match_on = LinesField(
        label="first matched with Odoo by",
        required=False,
        help_text="Keys, one line for each way to find a record: email, or name + zip. Before anything is pushed, new records are "
        "looked for in Odoo so, and a person approves what was found. Empty: only the identifier is looked for.",
    )

    class Meta:
        model = Endpoint
        fields = (
            "name", "mapping", "enabled", "mode", "methods", "auth", "domain", "limit", "pull_every", "pull_cron",
            "rate_per_address", "rate_per_key", "on_delete", "conflicts", "match_on", "chatter", "paused",
            "require_if_match", "put_creates", "post_updates",
        )  # fmt: skip
        widgets = {"domain": DomainInput}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.is_moved() and (said := moved.in_the_way(self.instance.name)):
            self.add_error("mapping", said)
        return cleaned

    def is_moved(self) -> bool:
        """Do its records come from another database or model from now on?"""
        if not self.instance.pk or "mapping" not in self.changed_data or "mapping" not in self.cleaned_data:
            return False
        before, now = Mapping.objects.get(pk=self.initial["mapping"]), self.cleaned_data["mapping"]
        return (before.connection_id, before.model) != (now.connection_id, now.model)

    def clean_match_on(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["match_on"].splitlines() if line.strip()]

    def clean_domain(self) -> str:
        return str(self.cleaned_data["domain"]).strip() or "[]"


@admin.register(Endpoint)
class EndpointAdmin(HubAdmin[Endpoint]):
    form = EndpointForm
    inlines = (ParameterInline, AccessKeyInline, ActionInline)
    list_display = (
        "path_link", "is_well", "mapping_link", "records_held", "changes_waiting", "changes_failed", "last_pull",
        "next_pull", "trouble",
    )  # fmt: skip
    list_display_links = ("path_link",)
    list_filter = ("enabled", "paused", "mapping")
    search_fields = ("name", "mapping__name", "mapping__model")
    actions = ("pull_selected", "pause_selected", "resume_selected")
    readonly_fields = ("is_well", "numbers", "last_pull", "next_pull", "trouble", "try_it", "described")
    change_form_outer_before_template = "endpoints/admin/above_endpoint.html"
    empty_text = "No endpoint yet. An endpoint opens a mapping to consumers as JSON over HTTP. You need a connection and a mapping first."
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

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Endpoint | None = None,
    ) -> HttpResponse:
        context["field_suggestions"] = described(known_fields(obj.mapping)) if obj else []
        return super().render_change_form(request, context, add, change, form_url, obj)

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
            count = deleting.waiting(endpoint)
            if count:
                refused.append(
                    f"{count:,} accepted change{' that waits' if count == 1 else 's that wait'} to reach Odoo"
                )
        return told, {"endpoints": len(objs)}, set(), refused

    def delete_model(self, request: HttpRequest, obj: Endpoint) -> None:
        deleting.delete(obj)

    # Buttons and actions

    def offers(self, button: Button, obj: Endpoint) -> bool:
        match button.name:
            case "pause":
                return not obj.paused
            case "resume":
                return obj.paused
            case "compare":
                return obj.mode == Mode.MIRROR
            case "heal":
                return obj.differences.exists()
        return True

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
            self.pull_now(request, endpoint)

    @admin.action(description="Pause", permissions=["operate"])
    def pause_selected(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> HttpResponse | None:
        if "confirmed" in request.POST:
            self._pause(request, list(queryset))
            return None
        chosen = list(queryset)
        hidden = [("action", "pause_selected"), *(("_selected_action", str(one.pk)) for one in chosen)]
        about = ", ".join(str(one) for one in chosen)
        url = request.get_full_path()
        return self.ask(request, "Pause", PAUSE, about, cancel_url=url, hidden=hidden, reason=PAUSE_REASON)

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

    # Columns

    @admin.display(description="address", ordering="name")
    def path_link(self, obj: Endpoint) -> str:
        return obj.path

    @admin.display(description="state")
    def is_well(self, obj: Endpoint) -> str:
        return state.state_badge(obj, state.problem_text(obj))

    @admin.display(description="mapping", ordering="mapping__name")
    def mapping_link(self, obj: Endpoint) -> str:
        return link(reverse("admin:mappings_mapping_change", args=[obj.mapping_id]), obj.mapping)

    @admin.display(description="records")
    def records_held(self, obj: Any) -> str:
        url = f"{reverse('admin:endpoints_record_changelist')}?endpoint__id__exact={obj.pk}&removed=no"
        return link(url, counts.shown(obj.records_there))

    @admin.display(description="waiting")
    def changes_waiting(self, obj: Any) -> str:
        which = "pending" if obj.waiting else "claimed"
        return state.change_count(obj, which, obj.waiting + obj.under_way)

    @admin.display(description="refused")
    def changes_failed(self, obj: Any) -> str:
        return state.change_count(obj, "failed", obj.failed, "danger")

    @admin.display(description="numbers")
    def numbers(self, obj: Any) -> str:
        waiting = obj.waiting + obj.under_way
        return " · ".join(
            f"{counts.shown(count)} {what}"
            for count, what in ((obj.records_there, "records"), (waiting, "waiting"), (obj.failed, "refused"))
        )

    @admin.display(description="last pull")
    def last_pull(self, obj: Endpoint) -> str:
        pull = state.pull_state(obj)
        return ago(pull.last_ok_at if pull else None)

    @admin.display(description="next pull")
    def next_pull(self, obj: Endpoint) -> str:
        return state.next_pull(obj)

    @admin.display(description="problem")
    def trouble(self, obj: Endpoint) -> str:
        text = state.problem_text(obj)
        return problem(shortened(text, 200)) if text else NOTHING

    @admin.display(description="for developers")
    def described(self, obj: Endpoint) -> str:
        return state.descriptions(obj)

    @admin.display(description="in a terminal")
    def try_it(self, obj: Any) -> str:
        return state.curl(obj, obj.shown_at)
