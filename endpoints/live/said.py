"""What a change says: a record that Odoo has, and nobody could name or the hub's user may not read, is shown as null, and so is a
value that Odoo does not tell. Sent back, that empties nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from mappings import languages, nested
from mappings.convert import document_text, from_row
from mappings.line_error import LineError
from mappings.payload import Written, read_payload
from mappings.spec import MappingSpec
from mappings.unsaid import has_null, without_unsaid
from synchub.odoo import OdooClient


def check_said(spec: MappingSpec, payload: Mapping[str, Any]) -> None:
    """Before Odoo is asked for anything. Raises LineError, unless it may be about a null that was shown for want of the value."""
    try:
        read_payload(spec, payload, creating=False)
    except LineError:
        if not has_null(payload):
            raise


def without_untold(
    spec: MappingSpec, payload: Mapping[str, Any], row: Mapping[str, Any]
) -> Mapping[str, Any]:
    """What was sent of a record of which Odoo tells `row`, but for nulls where it does not tell the value: no yes-or-no, and nothing
    that is required, can be null otherwise."""
    untold = {
        name for name, field in spec.by_field.items() if not field.language and field.odoo_name not in row
    }
    if not untold or not has_null(payload):
        return payload
    shown = orjson.loads(document_text(spec, from_row(spec, row), {}))
    return without_unsaid(spec, payload, shown, spec.by_field.keys() - untold)


def as_said(
    spec: MappingSpec,
    connection_id: int,
    row: Mapping[str, Any],
    payload: Mapping[str, Any],
    written: Written,
    client: OdooClient,
) -> Written:
    """`row` is what Odoo has; it is looked at more closely only where null may be such a record or value."""
    untold = {name for name in spec.by_field if name not in row} & written.values.keys()
    names = ({line.field.name for line in spec.written_relations} & written.values.keys()) | untold
    doubtful = any(
        ((name in untold or row.get(spec.by_field[name].odoo_name)) and written.values[name] is None)
        or _has_lines(written, name)
        for name in names
    )
    if not doubtful or not has_null(payload):
        return written
    [whole] = languages.added(spec, [row], client)
    [inner] = nested.Reader(connection_id, client).inner(spec, [whole])
    shown = orjson.loads(document_text(spec, from_row(spec, whole), inner.fragments))
    meant = spec.by_field.keys() - names
    said = read_payload(spec, without_unsaid(spec, payload, shown, meant), creating=False)
    values = {
        name: said.values[name] if name in names else value
        for name, value in written.values.items()
        if name not in names or name in said.values
    }
    return replace(written, values=values)


def _has_lines(written: Written, name: str) -> bool:
    value = written.values[name]
    return isinstance(value, dict) and has_null(value)
