"""Undoing a push: shows what would go back and what would not, before anything is done."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from endpoints import jobs, registry, undoing
from endpoints.admin.there import there
from endpoints.models import Did, OnDelete, Operation, Record, Run, RunKind
from endpoints.registry import EndpointSpec
from mappings.admin.asking import brief_client, in_words
from mappings.models import Connection
from mappings.spec import MappingSpec
from synchub.errors import HubError

SHOWN = 200
CHOICES = {
    undoing.LEAVE: "stays",
    OnDelete.ARCHIVE.value: "is archived",
    OnDelete.UNLINK.value: "is deleted",
}


def page(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows what would happen, POST asks for it. `created`: what to do with records that the run created."""
    if not request.user.has_perm("endpoints.change_run"):
        raise PermissionDenied
    run = get_object_or_404(there(Run.objects.select_related("endpoint")), pk=pk, kind=RunKind.PUSH)
    created = request.POST.get("created") or request.GET.get("created") or undoing.LEAVE
    if created not in CHOICES or run.endpoint is None:
        created = undoing.LEAVE
    if request.method == "POST" and run.endpoint is not None:
        who = request.user.get_username()
        asked = jobs.ask(run.endpoint.pk, RunKind.UNDO, who, {"run": run.pk, "created": created})
        if asked is None:
            messages.warning(request, "That is under way already.")
            return redirect("admin:endpoints_run_change", pk)
        messages.success(request, "The undo is queued; this is its run.")
        return redirect("admin:endpoints_run_change", asked.pk)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": f"Undo: {run}",
        "run": run,
        "original": run,
        "created": created,
        "opts": Run._meta,
    }
    try:
        context |= _looked_at(run, created)
    except HubError as error:
        context["problem"] = in_words(error)
    return TemplateResponse(request, "endpoints/admin/undo.html", context)


def _looked_at(run: Run, created: str) -> dict[str, Any]:
    rows = undoing.pending(run.pk)
    everything = rows.values("record").distinct().count()
    ids = list(rows.order_by("record").values_list("record_id", flat=True).distinct()[:SHOWN])
    endpoint = registry.get(run.endpoint.name) if run.endpoint else None
    if endpoint is None or not ids:
        return {"rows": [], "count": 0}
    with brief_client(Connection.objects.get(pk=endpoint.connection_id)) as client:
        plans = undoing.plans(endpoint, client, ids, rows, created)
    names = {
        one.pk: str(one) for one in Record.objects.filter(pk__in=ids).only("external_id", "odoo_id", "handle")
    }
    choices = _choices(endpoint)
    return {
        "rows": [_row(endpoint.mapping, plan, names.get(plan.step.record_id, "")) for plan in plans],
        "count": everything,
        "more": everything > len(ids),
        "back": sum(plan.operation is not None for plan in plans),
        "stay": sum(bool(plan.left) for plan in plans),
        "choices": choices if rows.filter(did=Did.CREATE).exists() else [],
    }


def _choices(endpoint: EndpointSpec) -> list[tuple[str, str]]:
    return [
        (value, text)
        for value, text in CHOICES.items()
        if value != OnDelete.ARCHIVE or endpoint.mapping.can_archive
    ]


def _row(spec: MappingSpec, plan: undoing.Plan, name: str) -> dict[str, Any]:
    step = plan.step
    if plan.operation is Operation.DELETE:
        back = ["archived" if plan.on_delete == OnDelete.ARCHIVE else "deleted in Odoo"]
    elif plan.operation is Operation.RESTORE:
        back = ["taken out of the archive"]
    else:
        back = []
    values = [
        (undoing.key_of(spec, key), _shown(spec, key, step.after.get(key)), _shown(spec, key, value))
        for key, value in plan.changes.items()
    ]
    return {
        "name": name,
        "url": reverse("admin:endpoints_record_change", args=[step.record_id]),
        "did": Did(step.first if step.first == Did.CREATE else step.last).label,
        "back": back,
        "values": values,
        "left": plan.left,
    }


def _shown(spec: MappingSpec, name: str, value: Any) -> str:
    line = spec.line_of(name)
    shown = line.present(value) if line and line.nested is None and line.script is None else value
    text = "empty" if shown in (None, "", []) else str(shown)
    return text if len(text) <= 80 else f"{text[:80]}…"
