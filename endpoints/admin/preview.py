"""The preview beside a mapping's form: what its lines, saved or not, make of a real record, and what JSON would do in Odoo.
Nothing is written.

The page posts its whole form and what it wants: `preview-do` is "names", "show" or "try".
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, JsonResponse
from django.urls import reverse

from endpoints import preview, registry
from endpoints.admin import choosing
from endpoints.admin.json_input import JsonObjectField
from endpoints.admin.json_input import text as as_text
from endpoints.configfile.samples import sample
from endpoints.models import Endpoint
from mappings.admin import draft as drafts
from mappings.admin.asking import brief_client, in_words
from mappings.admin.draft import Draft
from mappings.domains import Domain, expand
from mappings.fieldtypes import INT32_MAX
from mappings.line_error import LineError
from mappings.models import Line
from mappings.paths import at, put
from mappings.schema import known_fields
from mappings.spec import MappingSpec
from synchub.admin.words import readable
from synchub.errors import HubError

_SHORT = 60

Answer = dict[str, Any]


def view(request: HttpRequest, pk: int | None = None) -> JsonResponse:
    """Problems are part of the answer: `problem` concerns all of it, `unfinished` are rows that were left out."""
    act = _ACTS.get(request.POST.get("preview-do", ""))
    if act is None:
        return JsonResponse({"problem": "This page is out of date; load it again."}, status=400)
    answer: Answer = {"problem": "", "unfinished": []}
    try:
        draft = drafts.read(request, pk)
        answer["unfinished"] = [{"row": row, "text": text} for row, text in draft.problems if row]
        answer |= act(request, draft)
    except HubError as error:
        answer["problem"] = in_words(error)
    return JsonResponse(answer)


def _subject(request: HttpRequest, draft: Draft, spec: MappingSpec | None = None) -> preview.Alone:
    domain, context = _limits(request, draft)
    return preview.Alone(spec or draft.spec(), draft.mapping.connection_id, domain, context)


def _limits(request: HttpRequest, draft: Draft) -> tuple[Domain, dict[str, Any]]:
    """The domain of the chosen endpoint, and the context that it sends with each write."""
    name = request.POST.get("preview-endpoint", "")
    if not name:
        return [], {}
    if not request.user.has_perm("endpoints.view_endpoint"):
        raise PermissionDenied
    endpoint = Endpoint.objects.select_related("mapping").filter(name=name, mapping=draft.mapping.pk).first()
    if endpoint is None:
        return [], {}
    domain = expand(registry.domain_of(endpoint), datetime.now(UTC), draft.mapping.connection.time_zone)
    return domain, {} if endpoint.chatter else dict(registry.QUIET)


def _names(request: HttpRequest, draft: Draft) -> Answer:
    """Records to choose from, as [id, name]."""
    domain, _ = _limits(request, draft)
    fields = known_fields(draft.mapping)
    named = [
        line.field
        for line in draft.lines
        if line.identifier and fields.get(line.field, {}).get("type") in ("char", "text")
    ]
    searched = request.POST.get("preview-search", "")
    with brief_client(draft.mapping.connection) as client:
        return {"records": choosing.records(client, draft.mapping.model, searched, domain, named)}


def _show(request: HttpRequest, draft: Draft) -> Answer:
    subject = _subject(request, draft)
    client = brief_client(draft.mapping.connection)
    found = preview.from_odoo(subject, _number(request.POST.get("preview-id", "")), client=client)
    if found is None:
        return {"problem": "Odoo has no such record, or this login may not see it."}
    spec = subject.mapping
    values = {
        draft.rows[line.id]: _told(found.raw.get(line.field.name), at(found.document, line.path))
        for line in spec.outgoing
        if line.id in draft.rows
    }
    return {
        "problem": found.problem,
        "id": found.raw["id"],
        "raw": readable(found.raw),
        "document": readable(found.document),
        "payload": as_text(_sendable(spec, found.document)),
        "name": found.name or "",
        "values": values,
    }


def _try(request: HttpRequest, draft: Draft) -> Answer:
    subject = _subject(request, draft)
    text, name = request.POST.get("preview-payload", ""), request.POST.get("preview-name", "").strip() or None
    made = sample(subject.mapping) if not text.strip() else None
    if made is not None:
        text = as_text(made[1])
    try:
        payload = JsonObjectField().clean(text)
    except ValidationError as error:
        return {"wrong": " ".join(error.messages)}
    told = preview.to_odoo(subject, payload, name, client=brief_client(draft.mapping.connection))
    shown = preview.as_json(told)
    sent = {
        line.field.name: draft.rows[line.id] for line in subject.mapping.incoming if line.id in draft.rows
    }
    return {
        "payload": text,
        "heading": _heading(told, name),
        "refused": bool(told.problems),
        "problems": _placed(told.problems, draft),
        "values": {
            row: _short(shown["values"][field]) for field, row in sent.items() if field in shown["values"]
        },
        "sent": readable(shown["values"]) if told.calls else "",
        "calls": [
            {
                "name": f"{call['model']}.{call['method']}",
                "args": readable(call["args"]),
                "context": readable(call["context"]) if call["context"] else "",
            }
            for call in shown["calls"]
        ],
    }


_ACTS: dict[str, Callable[[HttpRequest, Draft], Answer]] = {"names": _names, "show": _show, "try": _try}


def _heading(told: preview.ToOdoo, name: str | None) -> str:
    if told.problems:
        return "This would be refused."
    if name and told.odoo_id is None:
        return f"Odoo has no record called “{name}”: the API would answer 404."
    if not told.calls:
        return "Nothing would be sent: Odoo has all that already."
    return (
        f"This changes the record with Odoo id {told.odoo_id}." if told.odoo_id else "This creates a record."
    )


def _placed(problems: list[LineError], draft: Draft) -> list[dict[str, str]]:
    """Each problem with its row, and with a link to its line if that is in another mapping."""
    elsewhere = {one.line_id for one in problems if one.line_id and one.line_id > 0} - set(draft.rows)
    mappings = dict(Line.objects.filter(pk__in=elsewhere).values_list("pk", "mapping"))
    return [
        {
            "key": problem.key,
            "text": problem.text,
            "row": draft.row_of(problem.line_id, problem.key),
            "url": f"{reverse('admin:mappings_mapping_change', args=[mappings[problem.line_id]])}#line-{problem.line_id}"
            if problem.line_id in mappings
            else "",
        }
        for problem in problems
    ]


def _number(text: str) -> int | None:
    return min(int(text), INT32_MAX) if text.isascii() and text.isdecimal() and len(text) < 12 else None


def _told(raw: Any, shown: Any) -> str:
    """“12.5 → "12,50"”, or one value if both are the same."""
    before, after = _short(raw), _short(shown)
    return after if before == after else f"{before} → {after}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHORT else f"{text[:_SHORT]}…"


def _sendable(spec: MappingSpec, document: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a document that a consumer may send back."""
    result: dict[str, Any] = {}
    for line in spec.incoming:
        if line.constant is not None or not line.from_odoo:
            continue
        put(result, line.path, at(document, line.path))
    return result
