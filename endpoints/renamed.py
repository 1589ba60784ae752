"""Writes on their way that name a record which is called otherwise from now on: they mean that record still, whoever takes its old name.

A relation may name it by another field than the endpoint's identifier: customers that have Odoo's id here, by their number.
"""

from collections.abc import Mapping
from typing import Any

import orjson
from django.db import connection

from endpoints import registry
from endpoints.models import Record
from endpoints.registry import EndpointSpec
from mappings.mentions import Naming, named_by, renamed


def follow(endpoint: EndpointSpec, record: Record, before: Mapping[str, Any]) -> None:
    """Its values were these until now. To be called inside the transaction that gives it others."""
    model = endpoint.mapping.model
    for field in registry.named_by(endpoint.connection_id, model):
        old, new = before.get(field), record.values.get(field)
        if old not in (None, new) and _means_it_alone(endpoint, record, field, old):
            _follow(endpoint, record, (model, field), old)


def _means_it_alone(endpoint: EndpointSpec, record: Record, field: str, old: Any) -> bool:
    """By anything but their identifier several may be called alike."""
    if field == endpoint.mapping.identifier.field.name:
        return True
    others = Record.objects.filter(endpoint_id=endpoint.id, deleted_at=None, values__contains={field: old})
    return not others.exclude(pk=record.pk).exists()


def _follow(endpoint: EndpointSpec, record: Record, of: Naming, old: Any) -> None:
    """Where Odoo has the record, it is named by Odoo's id from now on: so it does not matter when Odoo hears of the new name."""
    new = {"$ref": record.values[of[1]]}
    if record.odoo_id is not None:
        new["$id"] = record.odoo_id
    specs = {
        one.id: one.mapping for one in registry.mirrors(endpoint.connection_id) if of in named_by(one.mapping)
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id, endpoint_id, "values" FROM endpoints_change
               WHERE endpoint_id = ANY(%s) AND state IN ('pending', 'claimed', 'failed')
                 AND jsonb_path_exists("values", '$.**."$ref" ? (@ == $old)', %s::jsonb)
               ORDER BY id FOR UPDATE""",
            [list(specs), orjson.dumps({"old": old}).decode()],
        )
        for change_id, endpoint_id, values in cursor.fetchall():
            written = renamed(specs[endpoint_id], orjson.loads(values), of, old, new)
            cursor.execute(
                """UPDATE endpoints_change SET "values" = %s WHERE id = %s""",
                [orjson.dumps(written).decode(), change_id],
            )
