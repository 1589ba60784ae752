"""What a change says: a record that Odoo has, and nobody could name or the hub's user may not read, is shown as null, and so is a
value that Odoo does not tell. Sent back, that empties nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from endpoints.live.reading import documents_of
from endpoints.registry import EndpointSpec
from mappings.payload import Written, read_payload
from mappings.unsaid import has_null, without_unsaid
from synchub.odoo import OdooClient


def as_said(
    endpoint: EndpointSpec,
    row: Mapping[str, Any],
    payload: Mapping[str, Any],
    written: Written,
    client: OdooClient,
) -> Written:
    """`row` is what Odoo has; it is looked at more closely only where null may be such a record or value."""
    spec = endpoint.mapping
    untold = {name for name in spec.by_field if name not in row} & written.values.keys()
    names = ({line.field.name for line in spec.written_relations} & written.values.keys()) | untold
    doubtful = any(
        ((name in untold or row.get(spec.by_field[name].odoo_name)) and written.values[name] is None)
        or _has_lines(written, name)
        for name in names
    )
    if not doubtful or not has_null(payload):
        return written
    [shown] = documents_of(endpoint, [row], client)
    meant = spec.by_field.keys() - names
    said = read_payload(spec, without_unsaid(spec, payload, orjson.loads(shown), meant), creating=False)
    values = {
        name: said.values[name] if name in names else value
        for name, value in written.values.items()
        if name not in names or name in said.values
    }
    return replace(written, values=values)


def _has_lines(written: Written, name: str) -> bool:
    value = written.values[name]
    return isinstance(value, dict) and has_null(value)
