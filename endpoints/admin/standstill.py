"""Pausing and resuming everything: a page that asks why."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from endpoints import pauses
from endpoints.models import Endpoint

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
    context = {
        **admin.site.each_context(request),
        "title": "Pause everything",
        "about": "All endpoints",
        "text": _TEXT,
        "reason": "Why? It is shown on the first page.",
        "cancel_url": reverse("admin:index"),
        "hidden": (),
        "opts": Endpoint._meta,
    }
    return TemplateResponse(request, "synchub/admin/confirm.html", context)
