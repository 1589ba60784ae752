"""The state of an endpoint, from rows that are already loaded."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from endpoints import pauses, pulls
from endpoints.admin import counts
from endpoints.docs import FILES
from endpoints.models import Auth, Endpoint, Method, Mode, PullState
from mappings.admin.problems import problem_of
from synchub.admin.words import NOTHING, badge, due, link, preformatted

LIVE_GOES_ON = "It is live: requests go on to Odoo. To stop these, pause its connection."


def pull_state(endpoint: Endpoint) -> PullState | None:
    return getattr(endpoint, "pull_state", None)


def pull_error(endpoint: Endpoint) -> str:
    """The last pull's error. A live endpoint has no pulls that would clear an old one, so it has none."""
    state = pull_state(endpoint)
    return state.last_error or state.went_back if state and endpoint.mode == Mode.MIRROR else ""


def problem_text(endpoint: Endpoint) -> str:
    """What keeps it from working, the most basic problem first; empty if all is well."""
    connection = endpoint.mapping.connection
    if connection.paused_at:
        return pauses.said(
            f"Connection “{connection}”",
            connection.paused_at,
            connection.paused_by or "the hub",
            connection.paused_reason,
        )
    problem = problem_of(
        endpoint.mapping, [parameter.field for parameter in endpoint.parameters.all()], endpoint.name
    )
    if problem:
        return problem
    return pull_error(endpoint)


def paused_said(endpoint: Endpoint) -> str:
    who = pauses.said("It", endpoint.paused_at, endpoint.paused_by, endpoint.paused_reason)
    if endpoint.mode == Mode.LIVE:
        return f"{who} {LIVE_GOES_ON}"
    return f"{who} Nothing is pushed or pulled; writes are accepted and kept."


def state_badge(endpoint: Endpoint, problem: str) -> str:
    if not endpoint.enabled:
        return badge("off", "", "The API answers 404; nothing is pushed or pulled.")
    if endpoint.paused:
        return badge("paused", "warning", paused_said(endpoint))
    if endpoint.match_on and endpoint.matched_at is None:
        return badge("waits for matching", "warning", "Nothing is pushed until its first sync is approved.")
    if problem:
        return badge("problem", "danger", problem)
    if endpoint.mode == Mode.LIVE:
        return badge("live", "success", "Each request asks Odoo; nothing is kept here.")
    state = pull_state(endpoint)
    if state is None or not state.complete:
        return badge("first pull", "info", "Not everything has been fetched from Odoo yet.")
    return badge("well", "success")


def next_pull(endpoint: Endpoint) -> str:
    if (
        endpoint.mode == Mode.LIVE
        or not endpoint.enabled
        or endpoint.paused
        or endpoint.mapping.connection.paused_at
    ):
        return NOTHING
    state = pull_state(endpoint)
    if state is None:
        return "soon"
    if endpoint.pull_every is None and state.next_at - timezone.now() > pulls.NEVER / 2:
        return "when asked"
    return due(state.next_at)


def change_count(endpoint: Any, state: str, count: int, look: str = "") -> str:
    """A number with a link to these changes; zero has no link."""
    if not count:
        return format_html('<span class="hub-quiet hub-number">{}</span>', 0)
    url = f"{reverse('admin:endpoints_change_changelist')}?endpoint__id__exact={endpoint.pk}&state__exact={state}"
    text = counts.shown(count)
    return link(url, badge(text, "danger") if look == "danger" else text)


def curl(endpoint: Endpoint, url: str) -> str:
    """Lines to try in a terminal. They cannot contain the secret, which is not known any more."""
    who = {
        Auth.NONE: "",
        Auth.BASIC: " -u LOGIN:PASSWORD",
        Auth.BEARER: ' -H "Authorization: Bearer TOKEN"',
    }[Auth(endpoint.auth)]
    lines = []
    if Method.GET in endpoint.methods:
        lines.append(f'curl{who} "{url}?limit=5"')
    if Method.POST in endpoint.methods:
        keys = [line.key for line in endpoint.mapping.lines.all() if line.identifier or line.required]
        sample = ", ".join(f'"{key}": "…"' for key in keys if "." not in key)
        lines.append(
            f"curl{who} -X POST {url} \\\n     -H 'Content-Type: application/json' -d '{{{sample}}}'"
        )
    return preformatted("\n\n".join(lines)) if lines else "It allows neither GET nor POST."


def descriptions(endpoint: Endpoint) -> str:
    """Links to the endpoint's description, to read and to pass on to developers."""
    if not endpoint.enabled:
        return "It is off."
    labels = {
        "docs": "Reference",
        "openapi": "OpenAPI",
        "postman": "Postman collection",
        "http": ".http file",
    }
    return format_html_join(
        " · ", "{}", ((link(f"{endpoint.path}.{file}", labels[kind]),) for kind, file in FILES.items())
    )
