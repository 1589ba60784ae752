"""What lists and pages of changes show beside their fields."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from endpoints.admin import words
from endpoints.models import Change, ChangeState, Operation
from synchub import moments
from synchub.admin.words import NOTHING, ago, due, link, pretty, problem, shortened


class ChangeColumns:
    @admin.display(description="operation", ordering="operation")
    def what(self, change: Change) -> str:
        return change.get_operation_display()

    @admin.display(description="record")
    def record_link(self, change: Change) -> str:
        return link(
            reverse("admin:endpoints_record_change", args=[change.record_id]),
            shortened(str(change.record), 60),
        )

    @admin.display(description="state", ordering="state")
    def change_state(self, change: Change) -> str:
        return words.change_badge(change.state)

    @admin.display(description="attempts")
    def tried(self, change: Change) -> int:
        return change.attempts

    @admin.display(description="next attempt")
    def next_try(self, change: Change) -> str:
        return due(change.not_before) if change.state == ChangeState.PENDING else NOTHING

    @admin.display(description="problem")
    def trouble(self, change: Any) -> str:
        text = _error(change)
        return problem(shortened(text, 160)) if text else NOTHING

    @admin.display(description="problem")
    def trouble_in_full(self, change: Any) -> str:
        return problem(_error(change)) if change.error else "none"

    @admin.display(description="accepted", ordering="id")
    def created(self, change: Change) -> str:
        return ago(change.created_at)

    @admin.display(description="accepted")
    def accepted_at(self, change: Change) -> str:
        return format_html("{} ({})", ago(change.created_at), moments.at(change.created_at))

    @admin.display(description="settled")
    def settled(self, change: Change) -> str:
        if change.settled_at is None:
            return NOTHING
        return format_html("{} ({})", ago(change.settled_at), moments.at(change.settled_at))

    @admin.display(description="values")
    def values_shown(self, change: Change) -> str:
        return (
            pretty(change.values) if change.operation != Operation.DELETE else "none: it deletes the record"
        )

    @admin.display(description="request")
    def asked_in(self, change: Change) -> str:
        if not change.request_id:
            return NOTHING
        return link(f"{reverse('admin:audit_exchange_changelist')}?q={change.request_id}", change.request_id)


def _error(change: Any) -> str:
    """The error, with its line's key in front unless it begins with that. (Further on, the same word may be a value.)"""
    error, key = str(change.error), change.line_key
    if not error or not key:
        return error
    place = error.removeprefix("“").partition("”")[0] if error.startswith("“") else ""
    inside = place.startswith((f"{key}.", f"{key}[")) or place.endswith(f".{key}")
    return error if place == key or inside else f"“{key}”: {error}"
