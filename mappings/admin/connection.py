"""Connections: does Odoo answer, and what to change if it does not."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from mappings import wakeup
from mappings.admin import asking, notices, schema_runs, secret_goes
from mappings.models import Connection
from synchub import moments
from synchub.admin.base import HubAdmin
from synchub.admin.buttons import Button, Link
from synchub.admin.forms import HubForm
from synchub.admin.once import shown_once
from synchub.admin.secret_input import SecretInput
from synchub.admin.words import NOTHING, ago, badge, problem, shortened
from synchub.errors import ConfigurationError

ACCESS_FIELDS = {"url", "url_env", "database", "login", "secret", "secret_env", "company_id"}

SHOWN_BY = {"language", "company_id"}
"""Fields after whose change Odoo tells other values of the same records."""


def pause_said(connection: Connection) -> str:
    """Who paused it, since when and why; the hub itself does after a refused login."""
    by = f"by {connection.paused_by}" if connection.paused_by else "by the hub"
    reason = f": {connection.paused_reason}" if connection.paused_reason else ""
    return f"Paused since {moments.at(connection.paused_at)}, {by}{reason}"


class ConnectionForm(HubForm[Connection]):
    """The secret goes in and never comes out: the field is always empty, and empty keeps what is stored."""

    runs_the_hub = False
    """Is it filled in by somebody who may do everything?"""
    secret = forms.CharField(
        label="API key or password",
        required=False,
        widget=SecretInput(),
    )

    class Meta:
        model = Connection
        exclude = ("secret",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        help_text = "In Odoo: Preferences → Account Security → New API Key."
        if getattr(self.instance, "has_secret", False):
            help_text = f"One is stored. Leave empty to keep it. {help_text}"
        if "secret" in self.fields:
            self.fields["secret"].help_text = help_text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.instance.pk:
            wrong = secret_goes.problems(
                self.instance,
                cleaned,
                has_secret=getattr(self.instance, "has_secret", True),
                runs_the_hub=self.runs_the_hub,
            )
            for name, said in wrong:
                self.add_error(name, said)
        if cleaned.get("secret"):
            self.instance.secret = cleaned["secret"]
        elif self.instance.pk:
            try:
                _ = self.instance.secret
            except ConfigurationError as error:
                self.instance.secret = "?"  # noqa: S105  # never saved: the form has an error
                self.add_error("secret", str(error))
        if self.instance.pk and "database" in self.changed_data:
            for said in notices.in_the_way(connection_id=self.instance.pk):
                self.add_error("database", said)
        return cleaned

    def add_error(self, field: str | None, error: Any) -> None:
        """What is wrong with a variable stands at the field in whose place it is, for whoever has no field for variables."""
        if field is None and hasattr(error, "error_dict"):
            places = {
                name: name if name in self.fields else name.removesuffix("_env") for name in error.error_dict
            }
            found: dict[str, list[Any]] = {}
            for name, errors in error.error_dict.items():
                found.setdefault(places[name], []).extend(errors)
            error = ValidationError(found)
        super().add_error(field, error)


@admin.register(Connection)
class ConnectionAdmin(HubAdmin[Connection]):
    form = ConnectionForm
    list_display = ("name", "state", "address", "database", "login", "last_answer", "trouble")
    search_fields = ("name", "url", "database")
    kept_secret = frozenset({"secret", "webhook_digest"})
    actions = ("test_selected",)
    readonly_fields = ("state", "last_answer", "trouble", "fields_read", "secret_kept")
    empty_text = "Nothing is connected yet. Add the Odoo database that the hub is to work with: its address, its name and a login."
    buttons = (
        Button("test", "Test the connection", "network_check"),
        Button("read_fields", "Read the models and fields from Odoo now", "refresh"),
        Button(
            "pause",
            "Pause",
            "pause",
            confirm="Nothing is pushed or pulled over it, and live endpoints answer that it is paused. Writes to the others are "
            "accepted and kept.",
            reason="Why? It is shown wherever something waits for it.",
        ),
        Button("resume", "Resume", "play_arrow"),
        Button(
            "new_webhook",
            "New address for Odoo's webhook",
            "webhook",
            confirm="Odoo can tell the hub of a change at once: an automation rule calls this address. Where there is one "
            "already, it is good no longer.",
        ),
    )
    fieldsets = (
        (None, {"fields": ("name", "url", "database", "login", "secret")}),
        ("Works as", {"fields": (("company_id", "language", "time_zone"),)}),
        (
            "Limits",
            {"fields": (("concurrency", "rate_per_second", "read_timeout"),), "classes": ("collapse",)},
        ),
        (
            "From environment variables",
            {"fields": (("url_env", "secret_env"),), "classes": ("collapse",)},
        ),
    )
    is_it_well = ("Is it well?", {"fields": (("state", "last_answer"), ("trouble", "fields_read"))})

    def get_fieldsets(self, request: HttpRequest, obj: Connection | None = None) -> Any:
        if obj is None:
            return self.fieldsets
        [(heading, basics), *others] = self.fieldsets
        if not self.has_change_permission(request, obj):
            # Who may only look would be shown the model's value in the place of an input.
            basics = {"fields": tuple("secret_kept" if f == "secret" else f for f in basics["fields"])}
        return (self.is_it_well, (heading, basics), *others)

    def get_form(self, request: HttpRequest, obj: Connection | None = None, change: bool = False, **kwargs: Any) -> Any:  # fmt: skip
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.runs_the_hub = request.user.is_superuser
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Connection | None = None) -> Any:
        # Variables are those of the machine, whoever they are meant for: they would be sent to the address that stands beside.
        beyond = () if request.user.is_superuser else secret_goes.VARIABLES
        return (*super().get_readonly_fields(request, obj), *beyond)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        # A secret that cannot be decrypted any more must not take the page with it on which to enter it anew.
        return super().get_queryset(request).defer("secret").annotate(has_secret=~Q(secret=""))

    def save_model(self, request: HttpRequest, obj: Connection, form: HubForm[Connection], change: bool) -> None:  # fmt: skip
        if change and obj.paused_at and ACCESS_FIELDS & set(form.changed_data):
            if obj.is_refused:
                obj.paused_at, obj.paused_reason = None, ""
                said = "The connection was paused; with what you have changed it is tried again."
            else:
                said = f"The connection is still paused, by {obj.paused_by}; press “Resume” to let the hub use it again."
            messages.info(request, said)
        super().save_model(request, obj, form, change)
        if change and "database" in form.changed_data:
            notices.moved.send(sender=Connection, connection_id=obj.pk)
            messages.info(
                request,
                "The hub's copies of the old database's records are dropped, and read anew from this one.",
            )
        elif change and SHOWN_BY & set(form.changed_data):
            for mapping_id in obj.mappings.values_list("pk", flat=True):
                notices.mapping_changed.send(sender=Connection, mapping_id=mapping_id)
        if not change:
            messages.info(request, "Now press “Test the connection” to see whether Odoo answers.")

    def offers(self, button: Button, obj: Connection) -> bool:
        paused = obj.paused_at is not None
        return {"pause": not paused, "resume": paused, "read_fields": not paused}.get(button.name, True)

    def links(self, obj: Connection) -> list[Link]:
        return [
            Link(
                "Add a mapping",
                "add",
                f"{reverse('admin:mappings_mapping_add')}?connection={obj.pk}",
                ("mappings.add_mapping",),
            ),
            Link(
                "Mappings",
                "alt_route",
                f"{reverse('admin:mappings_mapping_changelist')}?connection__id__exact={obj.pk}",
            ),
            Link(
                "Runs",
                "directions_run",
                f"{reverse('admin:endpoints_run_changelist')}?connection__id__exact={obj.pk}",
            ),
            Link(
                "Exchanges",
                "swap_horiz",
                f"{reverse('admin:audit_exchange_changelist')}?connection={obj.name}",
            ),
        ]

    def test(self, request: HttpRequest, obj: Connection) -> None:
        tested = asking.test(obj)
        text = f"{obj}: {tested.text}"
        if tested.ok and obj.paused_at:
            text += " It is still paused; press “Resume” to let the hub use it again."
        (messages.success if tested.ok else messages.error)(request, text)

    def new_webhook(self, request: HttpRequest, obj: Connection) -> None:
        address = request.build_absolute_uri(f"/odoo_events/{obj.new_webhook()}")
        messages.success(request, shown_once(f"Address for the webhook of “{obj}”", address))
        messages.info(
            request,
            "In Odoo: Settings → Technical → Automation Rules, one for each model; trigger “On save” (and “On deletion”), "
            "action “Send Webhook Notification” to this address.",
        )

    def pause(self, request: HttpRequest, obj: Connection) -> None:
        obj.pause(request.user.get_username(), request.POST.get("reason", "").strip())
        messages.success(request, f"“{obj}” is paused: what is written waits, and nothing is lost.")

    def read_fields(self, request: HttpRequest, obj: Connection) -> None:
        if schema_runs.running(obj) is not None:
            messages.info(request, f"The fields of “{obj}” are being read already.")
        elif wakeup.read_fields(obj.pk):
            messages.success(
                request,
                "Odoo's models and fields are read within seconds. Load this page again to see how far it is.",
            )
        else:
            messages.error(
                request,
                "No worker can be told now: Redis does not answer. Try again in a minute; else it is done at night.",
            )

    def resume(self, request: HttpRequest, obj: Connection) -> None:
        obj.resume()
        messages.success(request, f"“{obj}” is in use again; what waits goes on within half a minute.")

    @admin.action(description="Test the connection", permissions=["operate"])
    def test_selected(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        for connection in queryset:
            self.test(request, connection)

    @admin.display(description="state")
    def state(self, obj: Connection) -> str:
        if obj.paused_at:
            return badge("paused", "warning" if obj.paused_by else "danger", pause_said(obj))
        if obj.last_error:
            return badge("does not answer", "warning", obj.last_error)
        if obj.last_ok_at:
            return badge("answers", "success")
        return badge("never tried", "info")

    @admin.display(description="API key or password")
    def secret_kept(self, obj: Any) -> str:
        return "one is stored" if obj.has_secret else "none"

    @admin.display(description="address", ordering="url")
    def address(self, obj: Connection) -> str:
        return obj.effective_url

    @admin.display(description="last answer", ordering="last_ok_at")
    def last_answer(self, obj: Connection) -> str:
        return ago(obj.last_ok_at)

    @admin.display(description="models and fields")
    def fields_read(self, obj: Connection) -> str:
        return schema_runs.shown(obj)

    @admin.display(description="problem")
    def trouble(self, obj: Connection) -> str:
        text = pause_said(obj) if obj.paused_at else obj.last_error
        return problem(shortened(text, 200)) if text else NOTHING
