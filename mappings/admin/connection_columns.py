"""What lists and pages of connections show beside their fields."""

from typing import Any

from django.contrib import admin

from mappings.admin import schema_runs
from mappings.models import Connection
from synchub import moments
from synchub.admin.words import NOTHING, ago, badge, problem, shortened


def pause_said(connection: Connection) -> str:
    """Who paused it, since when and why. After a refused login the hub itself does."""
    by = f"by {connection.paused_by}" if connection.paused_by else "by the hub"
    reason = f": {connection.paused_reason}" if connection.paused_reason else ""
    return f"Paused since {moments.at(connection.paused_at)}, {by}{reason}"


class ConnectionColumns:
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
