"""Names that are free again. Two records of Odoo may have one identifier; only one of them is named by it here."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.db import connection

from endpoints.models import Record
from endpoints.registry import EndpointSpec


def inherit(endpoint: EndpointSpec, left: Mapping[str, Any]) -> None:
    """Names that records gave up (text, and the identifier's value) go to the oldest of those that had to do without, if
    there is one. In the caller's transaction."""
    field = endpoint.mapping.identifier.field.name
    named = Record.objects.filter(
        endpoint_id=endpoint.id, deleted_at=None, external_id__in=list(left)
    ).values_list("external_id", flat=True)
    free = {name: value for name, value in left.items() if name not in set(named)}
    if not free:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH heir AS (
                   SELECT DISTINCT ON (f.name) f.name, r.id
                   FROM unnest(%s::text[], %s::jsonb[]) AS f (name, known)
                   JOIN endpoints_record r ON r."values" @> f.known
                   WHERE r.endpoint_id = %s AND r.external_id IS NULL AND r.deleted_at IS NULL
                   ORDER BY f.name, r.id)
               UPDATE endpoints_record r
               SET external_id = heir.name, updated_at = now(),
                   problem = CASE WHEN r.state = 'synced' THEN '' ELSE r.problem END
               FROM heir WHERE r.id = heir.id""",
            [list(free), [orjson.dumps({field: value}).decode() for value in free.values()], endpoint.id],
        )
