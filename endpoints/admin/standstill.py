"""Pausing and resuming everything: a page that asks why."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from endpoints import pauses
from endpoints.models import Endpoint
from synchub.admin import confirming
from synchub.admin.confirming import Confirmation

_TEXT = (
    "Nothing is pushed to Odoo or pulled from it, by any endpoint, until somebody resumes it. Writes are accepted and kept, "
    "and reads are answered from the hub's own copy; none is lost. Live endpoints go on asking Odoo: pause their connection."
)


def page(request: HttpRequest) -> HttpResponse:
    """GET asks; POST pauses, or with `resume` resumes."""
    if not request.user.has_perm("endpoints.change_endpoint"):
        raise PermissionDenied
    if request.method == "POST":
        if "resume" in request.POST:
            pauses.resume_everything()
            messages.success(request, "Everything goes on.")
        else:
            pauses.everything(request.user.get_username(), request.POST.get("reason", "").strip())
            messages.success(request, "Everything is paused. What is written waits, and nothing is lost.")
        return redirect("admin:index")
    confirmation = Confirmation(
        "Pause everything",
        _TEXT,
        "All endpoints",
        cancel_url=reverse("admin:index"),
        reason="Why? It is shown on the first page.",
    )
    return confirming.page(request, admin.site, Endpoint._meta, confirmation)
