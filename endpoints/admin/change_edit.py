"""Correcting what a refused change writes, and sending it again."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from endpoints import editing, registry, wakeup
from endpoints.admin.json_input import JsonObjectField, text
from endpoints.admin.there import there
from endpoints.models import Change
from mappings.admin.asking import in_words
from mappings.line_error import LineError
from mappings.spec import MappingSpec
from synchub.audit.redact import is_secret, redact
from synchub.errors import HubError


class EditForm(forms.Form):
    payload = JsonObjectField(label="What it writes, as a consumer would send it", rows=18)


def page(request: HttpRequest, pk: int) -> HttpResponse:
    if not request.user.has_perm("endpoints.change_change"):
        raise PermissionDenied
    change = get_object_or_404(there(Change.objects.select_related("endpoint", "record")), pk=pk)
    back = reverse("admin:endpoints_change_change", args=[pk])
    if not editing.may_edit(change):
        messages.warning(request, "Only a refused write of values can be edited.")
        return redirect(back)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": f"Edit: {change.get_operation_display()} {change.record}",
        "change": change,
        "original": change,
        "back": back,
        "opts": Change._meta,
    }
    try:
        spec = registry.get(change.endpoint.name).mapping
        context["form"] = EditForm(initial={"payload": text(editing.shown(spec, change))})
        if request.method == "POST" and _edited(request, change, context, spec):
            return redirect(back)
    except HubError as error:
        context["problem"] = in_words(error)
    return TemplateResponse(request, "endpoints/admin/change_edit.html", context)


def _edited(request: HttpRequest, change: Change, context: dict[str, Any], spec: MappingSpec) -> bool:
    form = context["form"] = EditForm(request.POST)
    if not form.is_valid():
        return False
    try:
        done = editing.edit(change.pk, form.cleaned_data["payload"], request.user.get_username())
    except LineError as error:
        form.add_error("payload", error.text)
        return False
    if not done:
        messages.warning(request, "It is no longer refused: nothing was changed.")
        return True
    wakeup.push(change.endpoint_id)
    pages: Any = admin.site.get_model_admin(Change)
    # The history is kept for good, longer than the change: it must not contain secrets.
    more = [*settings.EXCHANGE_SECRETS, *_secret_fields(spec)]
    before = redact(text(change.values), more=more).text
    pages.log_change(request, change, f"Edited and sent again. Before, it wrote: {before}")
    messages.success(request, "Queued with these values; they are sent at once.")
    return True


def _secret_fields(spec: MappingSpec) -> Iterator[str]:
    """Odoo's names of fields whose keys are those of secrets. A change stores values by Odoo's names."""
    for line in spec.lines:
        if any(is_secret(part, settings.EXCHANGE_SECRETS) for part in line.path):
            yield from (line.field.name, "$ref") if line.identifier else (line.field.name,)
        if line.nested is not None:
            yield from _secret_fields(line.nested)
