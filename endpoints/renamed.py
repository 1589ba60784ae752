"""Writes on their way that name a record which gets another name here: they mean that record still, whoever takes its old name."""

from typing import Any

import orjson
from django.db import connection

from endpoints import registry
from endpoints.models import Record
from endpoints.registry import EndpointSpec
from mappings.relations import leads_to, renamed


def follow(endpoint: EndpointSpec, record: Record, old: Any) -> None:
    """Its identifier was `old` until now. To be called inside the transaction that gives it another.

    Where Odoo has the record, it is named by Odoo's id from now on: so it does not matter when Odoo hears of the new name.
    """
    of = endpoint.mapping
    new = {"$ref": record.values[of.identifier.field.name]}
    if record.odoo_id is not None:
        new["$id"] = record.odoo_id
    specs = {
        one.id: one.mapping for one in registry.mirrors(endpoint.connection_id) if leads_to(one.mapping, of)
    }
    if old is None or not specs:
        return
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
