"""Identifiers that the hub has seen in Odoo, against which relations are checked without asking Odoo."""

from collections.abc import Collection, Iterable
from typing import Any

import orjson
from django.db import connection as database

from mappings.models import KnownIdentifier
from mappings.spec import MappingSpec

_LONGEST = 1000
"""Bytes. PostgreSQL's index takes 2,700 with the model and the field. For longer ones Odoo is asked each time."""


def known(connection_id: int, spec: MappingSpec, values: Collection[Any]) -> set[Any]:
    """Those of these identifiers (canonical values) that the hub has seen on a record of the model."""
    if spec.named_by_odoo:
        return set(values)
    by_text = {text: value for value in values if _fits(text := _text(value))}
    found = KnownIdentifier.objects.filter(
        connection_id=connection_id,
        model=spec.model,
        field=spec.identifier.field.name,
        value__in=list(by_text),
    ).values_list("value", flat=True)
    return {by_text[text] for text in found}


def remember(connection_id: int, spec: MappingSpec, values: Iterable[Any]) -> None:
    """Stores identifiers that were seen. Those known already cost no write."""
    texts = sorted({text for value in values if value not in (None, "") and _fits(text := _text(value))})
    if not texts or spec.named_by_odoo:
        return
    with database.cursor() as cursor:
        cursor.execute(
            """INSERT INTO mappings_knownidentifier (connection_id, model, field, value)
               SELECT %s, %s, %s, value FROM unnest(%s::text[]) AS v (value)
               ON CONFLICT DO NOTHING""",
            [connection_id, spec.model, spec.identifier.field.name, texts],
        )


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()


def _fits(text: str) -> bool:
    return len(text.encode()) <= _LONGEST
