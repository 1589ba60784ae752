"""The input of a domain: conditions to combine, also with relative dates, and the number of records they cover."""

import json
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.urls import reverse_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from mappings import domain_fields, domains, relative_dates, schema
from mappings.admin.asking import brief_client, in_words
from mappings.models import Mapping
from synchub.errors import HubError

_NAMED = 3


class DomainInput(UnfoldAdminTextareaWidget):  # type: ignore[misc]  # unfold has no types
    """`domain.js` adds a builder below it; what counts is the text."""

    class Media:
        js = ("mappings/called.js", "mappings/domain.js")

    def __init__(self) -> None:
        super().__init__(
            attrs={
                "rows": 2,
                "spellcheck": "false",
                "class": "hub-editor hub-domain-text",
                "data-moments": json.dumps(relative_dates.OFFERED),
                "data-fields-url": reverse_lazy("admin:mappings_mapping_suggestions"),
                "data-count-url": reverse_lazy("admin:endpoints_endpoint_count"),
            }
        )


def count(request: HttpRequest) -> JsonResponse:
    """The number of records that the domain covers now, and some of their names; or what is wrong with it."""
    if not (
        request.user.has_perm("endpoints.change_endpoint") or request.user.has_perm("endpoints.add_endpoint")
    ):
        raise PermissionDenied
    pk = request.POST.get("mapping", "")
    mapping = Mapping.objects.filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 18 else None
    if mapping is None:
        return JsonResponse({"problem": "Choose a mapping first: it says which records are meant."})
    try:
        return JsonResponse({"text": _covered(mapping, request.POST.get("domain", ""))})
    except HubError as error:
        return JsonResponse({"problem": in_words(error)})


def _covered(mapping: Mapping, text: str) -> str:
    """Raises HubError."""
    domain, known = domains.parse(text), schema.fields_of(mapping.connection_id)
    wrong = domain_fields.problems(domain, mapping.model, known)
    if wrong:
        raise domains.DomainError(" ".join(wrong))
    bound = domain_fields.bind(domain, mapping.model, known)
    asked: Any = domains.expand(bound, datetime.now(UTC), mapping.connection.time_zone)
    with brief_client(mapping.connection) as client:
        number = client.search_count(mapping.model, asked)
        rows = client.search_read(mapping.model, asked, ["display_name"], limit=_NAMED, order="id desc")
    if not number:
        return f"No record of {mapping.model} is covered now."
    names = ", ".join(f"“{row['display_name']}”" for row in rows)
    return f"{number:,} record{'' if number == 1 else 's'} of {mapping.model}: {names}{'' if number <= _NAMED else ', …'}"
