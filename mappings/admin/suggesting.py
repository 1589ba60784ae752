"""“Suggest lines”: from a pasted JSON or from Odoo's newest record to lines that a person has ticked."""

import json
import logging
from typing import Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from mappings import suggest
from mappings.admin.asking import brief_client, in_words, read_fields
from mappings.admin.lines import beside, nesting_problem
from mappings.admin.notices import mapping_changed
from mappings.admin.suggest_forms import ProposalFormSet, SampleForm
from mappings.admin.suggestions import described
from mappings.compile import line_problem
from mappings.models import Direction, Line, Mapping
from mappings.schema import Fields, known_fields
from synchub.errors import HubError, OdooError

logger = logging.getLogger(__name__)

_LOOKED_AT = 1000
"""So many of Odoo's newest records are looked at, to see whether each has a name of its own."""
_SURE = 0.8  # less similar lines are offered, but not ticked


def view(request: HttpRequest, mapping: Mapping) -> HttpResponse:
    """The page's three steps: the sample, the proposed lines, and back to the mapping with the ticked ones."""
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": f"Suggest lines for mapping {mapping}",
        "mapping": mapping,
        "sample": SampleForm(),
        "back": reverse("admin:mappings_mapping_change", args=[mapping.pk]),
    }
    try:
        problem = read_fields(mapping.connection, mapping.model)
        fields = known_fields(mapping)
        if not fields:
            context["problem"] = f"The fields of {mapping.model} are not known yet. {problem}"
        elif "proposals-TOTAL_FORMS" in request.POST:
            answer = _add(request, mapping, fields, context)
            if answer is not None:
                return answer
        elif request.method == "POST":
            _propose(request, mapping, fields, context)
    except HubError as error:
        context["problem"] = in_words(error)
    context["fields"] = described(known_fields(mapping))
    return TemplateResponse(request, "mappings/admin/suggest.html", context)


def _inner(mapping: Mapping) -> list[Mapping]:
    others = Mapping.objects.filter(connection=mapping.connection_id).exclude(pk=mapping.pk)
    return list(others.prefetch_related("lines"))


def _propose(request: HttpRequest, mapping: Mapping, fields: Fields, context: dict[str, Any]) -> None:
    inner = _inner(mapping)
    nested: dict[str, list[suggest.Inner]] = {}
    for one in inner:
        keys = frozenset(line.key for line in one.lines.all())
        nested.setdefault(one.model, []).append(suggest.Inner(one.pk, keys))
    there = list(mapping.lines.all())
    taken = [(line.key, line.field) for line in there]
    if "newest" in request.POST:
        wanted = [name for name, facts in fields.items() if suggest.is_ordinary(facts)]
        with brief_client(mapping.connection) as client:
            rows = client.search_read(mapping.model, [], wanted, limit=1, order="id desc")
        if not rows:
            context["problem"] = f"Odoo has no record of {mapping.model} that this login may see."
            return
        found = suggest.from_record(rows[0], fields, nested, taken)
    else:
        form = context["sample"] = SampleForm(request.POST)
        if not form.is_valid():
            return
        found = suggest.from_json(form.cleaned_data["sample"], fields, nested, taken)
    named = any(line.identifier for line in there)
    if not named:
        found = _named_for_sure(mapping, fields, found, context)
    initial = [
        {
            "add": one.like >= _SURE or one.identifier,
            "key": one.key,
            "field": one.field,
            "nested": one.nested,
            "direction": Direction.FROM_ODOO if one.from_odoo_only else Direction.BOTH,
            "identifier": one.identifier and not named,
            "example": json.dumps(one.example, ensure_ascii=False)[:60],
        }
        for one in found.lines
    ]
    context["left"] = found.left
    context["asked"] = True
    context["proposals"] = ProposalFormSet(initial=initial, prefix="proposals", inner=inner, fields=fields)


def _named_for_sure(
    mapping: Mapping, fields: Fields, found: suggest.Suggestion, context: dict[str, Any]
) -> suggest.Suggestion:
    """The suggestion with an identifier that no two of Odoo's newest records share, as far as Odoo tells."""
    never: set[str] = set()
    try:
        with brief_client(mapping.connection) as client:
            while (one := suggest.naming(found)) is not None and one.field != "id":
                rows = client.search_read(
                    mapping.model, [(one.field, "!=", False)], [one.field], limit=_LOOKED_AT, order="id desc"
                )
                value = suggest.shared(rows, one.field)
                if not value:
                    break
                never.add(one.field)
                context["note"] = (
                    f"“{one.field}” cannot be the identifier: in Odoo several records have “{value[:60]}” there, and none of them could be "
                    "called by it."
                )
                found = suggest.named_otherwise(found, fields, never)
    except OdooError as error:
        logger.info("Whether each record of %s has a name of its own is not known: %s", mapping.model, error)
    return found


def _add(
    request: HttpRequest, mapping: Mapping, fields: Fields, context: dict[str, Any]
) -> HttpResponse | None:
    formset = ProposalFormSet(request.POST, prefix="proposals", inner=_inner(mapping), fields=fields)
    context["proposals"], context["asked"] = formset, True
    if not formset.is_valid():
        return None
    ticked = [form for form in formset.forms if form.cleaned_data.get("add")]
    if not ticked:
        context["problem"] = "Tick the lines that you want."
        return None
    with transaction.atomic():
        Mapping.objects.select_for_update(of=("self",)).get(pk=mapping.pk)  # two people may add at once
        there = list(Line.objects.filter(mapping=mapping))
        place = max((line.position for line in there), default=-1) + 1
        lines = [(form, form.line(mapping, place + number)) for number, form in enumerate(ticked)]
        if _problems(there, lines, mapping, fields):
            return None
        for _, line in lines:
            line.save()
    mapping_changed.send(sender=Mapping, mapping_id=mapping.pk)
    return redirect(context["back"])


def _problems(there: list[Line], lines: list[tuple[Any, Line]], mapping: Mapping, fields: Fields) -> bool:
    """Shows each problem at its row. Whether there were any."""
    for form, line in lines:
        try:
            line.full_clean(validate_constraints=False)
        except forms.ValidationError as error:
            for name, texts in error.message_dict.items():
                form.add_error(name if name in form.fields else None, texts)
            continue
        problem = line_problem(line, mapping.model, fields)
        within = nesting_problem(mapping, line.nested) if line.nested is not None else ""
        at_odds = next((text for earlier in there if (text := beside(earlier, line))), "")
        if within:
            form.add_error("nested", within)
        elif problem:
            form.add_error(problem.column if problem.column in form.fields else "field", problem.text)
        elif line.identifier and any(earlier.identifier for earlier in there):
            form.add_error("identifier", "Another line is the identifier already.")
        elif at_odds:
            form.add_error("key", at_odds)
        there.append(line)
    return any(form.errors for form, _ in lines)
