"""How the candidates of a match differ, by the hub's copies of them. They agree in what they were found by."""

import json
from typing import Any

from endpoints.models import Match, Record

_SHOWN = 8


def told_apart(match: Match) -> list[dict[str, Any]]:
    """Each candidate with `pk`, its copy's here (None: no copy), and `apart`: {key: value} where it differs from the others, or
    from what was sent if it is the only one. Keys that were not sent do not count against it."""
    copies: dict[int | None, tuple[int, dict[str, Any]]] = {
        odoo_id: (pk, _plain(document))
        for pk, odoo_id, document in Record.objects.filter(
            endpoint=match.endpoint_id, odoo_id__in=[one["id"] for one in match.candidates]
        ).values_list("pk", "odoo_id", "document")
    }
    documents = [document for _, document in copies.values()]
    sent: dict[str, Any] | None = None
    if len(match.candidates) == 1:
        sent = {key: value for key, value in _plain(match.record.document).items() if value not in (None, "")}
        documents.append(sent)
    found = []
    for one in match.candidates:
        pk, own = copies.get(one["id"], (None, {}))
        apart = {
            key: value
            for key, value in own.items()
            if value not in (None, "", False)
            and (sent is None or key in sent)
            and any(document.get(key) != value for document in documents)
        }
        found.append({**one, "pk": pk, "apart": dict(list(apart.items())[:_SHOWN])})
    return found


def _plain(document: str) -> dict[str, Any]:
    """Without nested values, which are too long to compare by eye."""
    return {key: value for key, value in json.loads(document).items() if not isinstance(value, (dict, list))}
