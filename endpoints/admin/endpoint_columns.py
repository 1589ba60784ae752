"""What lists and pages of endpoints show beside their fields."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html_join

from endpoints.admin import counts, state
from endpoints.models import Endpoint, Mode
from synchub.admin.words import NOTHING, ago, link, problem, shortened


def _nameless(obj: Any) -> list[str]:
    """How many records consumers see in lists but cannot address: everything may look well though most have no name."""
    if not obj.nameless:
        return []
    url = f"{reverse('admin:endpoints_record_changelist')}?endpoint__id__exact={obj.pk}&named=no"
    return [link(url, f"{counts.shown(obj.nameless)} without a name")]


class EndpointColumns:
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
        return format_html_join(
            " · ", "{}", ((one,) for one in (link(url, counts.shown(obj.records_there)), *_nameless(obj)))
        )

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
        parts = (
            f"{counts.shown(obj.records_there)} records",
            *_nameless(obj),
            f"{counts.shown(waiting)} waiting",
            f"{counts.shown(obj.failed)} refused",
        )
        return format_html_join(" · ", "{}", ((part,) for part in parts))

    @admin.display(description="last pull")
    def last_pull(self, obj: Endpoint) -> str:
        pull = state.pull_state(obj)
        return NOTHING if obj.mode == Mode.LIVE else ago(pull.last_ok_at if pull else None)

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
