"""The preview's page: what a mapping makes of a real record, and what a JSON would do in Odoo. Nothing is written."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
)

from endpoints import preview, registry
from endpoints.admin.json_input import JsonObjectField, text
from endpoints.configfile.samples import sample
from endpoints.models import Endpoint
from mappings.admin.asking import brief_client, in_words
from mappings.admin.problems import loaded
from mappings.compile import compile_mapping
from mappings.fieldtypes import INT32_MAX
from mappings.line_error import LineError
from mappings.models import Connection, Line
from mappings.models import Mapping as FieldMap
from mappings.spec import MappingSpec
from synchub.admin.words import pretty
from synchub.errors import HubError


class ShowForm(forms.Form):
    odoo_id = forms.IntegerField(
        label="Odoo id",
        required=False,
        min_value=1,
        max_value=INT32_MAX,
        widget=UnfoldAdminIntegerFieldWidget(attrs={"placeholder": "the newest"}),
    )


class TryForm(forms.Form):
    payload = JsonObjectField(label="JSON")
    name = forms.CharField(
        label="changes the record called",
        required=False,
        help_text="Empty: a new record, as with POST.",
        widget=UnfoldAdminTextInputWidget(),
    )


def of_endpoint(request: HttpRequest, pk: int) -> HttpResponse:
    if not request.user.has_perm("endpoints.change_endpoint"):
        raise PermissionDenied
    endpoint = get_object_or_404(Endpoint.objects.prefetch_related("mapping", *loaded("mapping__")), pk=pk)
    back = ("endpoint", endpoint, reverse("admin:endpoints_endpoint_change", args=[pk]))
    return _page(request, endpoint.mapping, back, endpoint if endpoint.enabled else None)


def of_mapping(request: HttpRequest, pk: int) -> HttpResponse:
    if not request.user.has_perm("mappings.change_mapping"):
        raise PermissionDenied
    mapping = get_object_or_404(FieldMap.objects.prefetch_related(*loaded()), pk=pk)
    return _page(request, mapping, ("mapping", mapping, reverse("admin:mappings_mapping_change", args=[pk])))


def _page(
    request: HttpRequest, mapping: FieldMap, back: tuple[str, Any, str], endpoint: Endpoint | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": f"Preview of {back[0]} {back[1]}",
        "mapping": mapping,
        "back": back,
        "show": ShowForm(),
        "try": TryForm(),
    }
    try:
        subject = _subject(mapping, endpoint)
        made = sample(subject.mapping)
        context["try"] = TryForm(initial={"payload": text(made[1] if made else {})})
        if request.method == "POST":
            act = _try if "payload" in request.POST else _show
            context |= act(request, subject, mapping.connection)
    except HubError as error:
        context["problem"] = in_words(error)
    return TemplateResponse(request, "endpoints/admin/preview.html", context)


def _subject(mapping: FieldMap, endpoint: Endpoint | None) -> preview.Subject:
    if endpoint is not None:
        return registry.get(endpoint.name)
    return preview.Alone(compile_mapping(mapping), mapping.connection_id)


def _show(request: HttpRequest, subject: preview.Subject, connection: Connection) -> dict[str, Any]:
    form = ShowForm(request.POST)
    if not form.is_valid():
        return {"show": form}
    found = preview.from_odoo(subject, form.cleaned_data["odoo_id"], client=brief_client(connection))
    if found is None:
        return {"show": form, "problem": "Odoo has no such record, or this login may not see it."}
    sendable = text(_sendable(subject.mapping, found.document))
    return {
        "show": form,
        "raw": pretty(found.raw),
        "document": pretty(found.document),
        "problem": found.problem,
        "try": TryForm(initial={"payload": sendable, "name": found.name}),
    }


def _try(request: HttpRequest, subject: preview.Subject, connection: Connection) -> dict[str, Any]:
    form = TryForm(request.POST)
    if not form.is_valid():
        return {"try": form}
    name = form.cleaned_data["name"] or None
    told = preview.to_odoo(subject, form.cleaned_data["payload"], name, client=brief_client(connection))
    made = preview.as_json(told)
    return {
        "try": form,
        "told": told,
        "missing": name if name and told.odoo_id is None and not told.problems else "",
        "values": pretty(made["values"]),
        "calls": [
            (
                f"{call.model}.{call.method}",
                pretty(shown["args"]),
                pretty(shown["context"]) if call.context else "",
            )
            for call, shown in zip(told.calls, made["calls"], strict=True)
        ],
        "problems": _linked(told.problems),
    }


def _linked(problems: list[LineError]) -> list[dict[str, str]]:
    """Each problem with the address of the line that it is about, which may be in a nested mapping."""
    ids = [problem.line_id for problem in problems if problem.line_id]
    mappings = dict(Line.objects.filter(pk__in=ids).values_list("pk", "mapping"))
    return [
        {
            "key": problem.key,
            "text": problem.text,
            "url": f"{reverse('admin:mappings_mapping_change', args=[mappings[problem.line_id]])}#line-{problem.line_id}"
            if problem.line_id in mappings
            else "",
        }
        for problem in problems
    ]


def _sendable(spec: MappingSpec, document: Mapping[str, Any]) -> dict[str, Any]:
    """Of a document, what a consumer may send back."""
    result: dict[str, Any] = {}
    for line in spec.incoming:
        value: Any = document
        for part in line.path:
            value = value.get(part) if isinstance(value, Mapping) else None
        if line.constant is not None or not line.from_odoo:
            continue
        place = result
        for part in line.path[:-1]:
            place = place.setdefault(part, {})
        place[line.path[-1]] = value
    return result
