"""The first sync without doubles: how far it is, and the next step."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from endpoints import jobs, matching
from endpoints.admin.run import LOOK_AGAIN, progress
from endpoints.models import Endpoint, Run, RunKind, RunState
from synchub.errors import HubError


def page(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows the report's numbers; POST takes the step named by the button."""
    if not request.user.has_perm("endpoints.change_endpoint"):
        raise PermissionDenied
    endpoint = get_object_or_404(Endpoint, pk=pk)
    if request.method == "POST":
        step = next((step for name, step in _STEPS.items() if name in request.POST), None)
        if step is not None:
            step(request, endpoint)
        return redirect("admin:endpoints_endpoint_first_sync", pk)
    last = Run.objects.filter(endpoint=endpoint, kind=RunKind.MATCH).first()
    report = matching.report(pk)
    context = {
        **admin.site.each_context(request),
        "title": f"First sync of {endpoint}",
        "endpoint": endpoint,
        "original": endpoint,
        "report": report,
        "new": report["exact"] + report["ambiguous"] + report["none"] + report["missing"],
        "held": matching.holds(pk),
        "run": last,
        "runs_now": last is not None and last.state in (RunState.QUEUED, RunState.RUNNING),
        "bar": progress(last) if last else "",
        "rows_url": f"{reverse('admin:endpoints_match_changelist')}?endpoint__id__exact={pk}",
        "opts": Endpoint._meta,
    }
    answer = TemplateResponse(request, "endpoints/admin/first_sync.html", context)
    if context["runs_now"]:
        answer["Refresh"] = str(LOOK_AGAIN)
    return answer


def _match(request: HttpRequest, endpoint: Endpoint) -> None:
    if jobs.ask(endpoint.pk, RunKind.MATCH, request.user.get_username()):
        messages.success(
            request, "Odoo is read and compared; nothing is written. This page shows how far it is."
        )
    else:
        messages.warning(request, "That is under way already.")


def _exact(request: HttpRequest, endpoint: Endpoint) -> None:
    count = matching.approve_exact(endpoint.pk, request.user.get_username())
    messages.success(request, f"{count:,} are those records of Odoo.")


def _create(request: HttpRequest, endpoint: Endpoint) -> None:
    count = matching.create_unmatched(endpoint.pk, request.user.get_username())
    messages.success(request, f"{count:,} are to be created in Odoo.")


def _release(request: HttpRequest, endpoint: Endpoint) -> None:
    try:
        matching.release(endpoint.pk)
    except HubError as error:
        messages.warning(request, str(error))
    else:
        _log(request, endpoint, "Released the push after matching.")
        messages.success(request, "Released: what waited is sent to Odoo now.")


def _again(request: HttpRequest, endpoint: Endpoint) -> None:
    matching.start_again(endpoint.pk)
    _log(request, endpoint, "Held the push, to match anew.")
    messages.success(request, "The push is held. What is new is matched anew.")


def _log(request: HttpRequest, endpoint: Endpoint, text: str) -> None:
    admin.site.get_model_admin(Endpoint).log_change(request, endpoint, text)


_STEPS: dict[str, Callable[[HttpRequest, Endpoint], None]] = {
    "match": _match,
    "exact": _exact,
    "create": _create,
    "release": _release,
    "again": _again,
}
