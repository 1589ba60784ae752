"""Connections: does Odoo answer, and what to change if it does not."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from mappings import wakeup
from mappings.admin import asking, notices, schema_runs, secret_goes
from mappings.admin.connection_columns import ConnectionColumns
from mappings.admin.connection_form import ConnectionForm
from mappings.models import Connection
from synchub.admin.base import HubAdmin
from synchub.admin.buttons import Button, Link
from synchub.admin.forms import HubForm
from synchub.admin.once import shown_once

ACCESS_FIELDS = {"url", "url_env", "database", "login", "secret", "secret_env", "company_id"}

SHOWN_BY = {"language", "company_id"}
"""Fields that decide which values Odoo tells of the same records."""


@admin.register(Connection)
class ConnectionAdmin(ConnectionColumns, HubAdmin[Connection]):
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
            # Where there is no input, Django would show the model's value.
            basics = {"fields": tuple("secret_kept" if f == "secret" else f for f in basics["fields"])}
        return (self.is_it_well, (heading, basics), *others)

    def get_form(self, request: HttpRequest, obj: Connection | None = None, change: bool = False, **kwargs: Any) -> Any:  # fmt: skip
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.runs_the_hub = request.user.is_superuser
        return form

    def get_readonly_fields(self, request: HttpRequest, obj: Connection | None = None) -> Any:
        # A variable of the machine may be anybody's secret, and would be sent to the address in this form.
        beyond = () if request.user.is_superuser else secret_goes.VARIABLES
        return (*super().get_readonly_fields(request, obj), *beyond)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        # Where the secret can no longer be decrypted, this page has to work all the same: here it is entered again.
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
