"""Between Odoo's rows and the documents that consumers see. Pure: a spec and data in, data out.

row         field → wire value, as read from Odoo    from_row()  →  values
values      field → canonical value                  to_wire()   →  wire values
fragments   key → JSON of what is not a single field's value: relations, scripts
            values and fragments                     present()   →  document
"""

from collections.abc import Collection, Mapping
from typing import Any

import orjson

from mappings.names import NO_NAME
from mappings.spec import MappingSpec
from synchub.errors import UnfitValue

_STAMPS = frozenset({"create_date", "write_date"})

Values = dict[str, Any]
Fragments = dict[str, Any]


def from_row(spec: MappingSpec, row: Mapping[str, Any]) -> Values:
    """Odoo's values in canonical form; fields without a line are kept as they came. Raises UnfitValue."""
    known = spec.from_wire
    try:
        return {
            name: known[name](value) if name in known else value
            for name, value in row.items()
            if name not in _STAMPS or name in known
        }
    except (TypeError, ValueError):
        raise _unfit(spec, row) from None


def _unfit(spec: MappingSpec, row: Mapping[str, Any]) -> UnfitValue:
    for name, field in spec.by_field.items():
        try:
            field.type.from_wire(row.get(name, False))
        except (TypeError, ValueError):
            return UnfitValue(
                f"What Odoo has in the field {field.odoo_name} of {spec.model} is not of the type {field.type.name}, which it was of when "
                "its fields were read."
            )
    return UnfitValue(f"What Odoo has in a field of {spec.model} is not of the type that it was of.")


def to_wire(spec: MappingSpec, values: Mapping[str, Any]) -> Values:
    """All of one language: under Odoo's own names."""
    fields = [(spec.by_field[name], value) for name, value in values.items()]
    return {field.odoo_name: field.type.to_wire(value) for field, value in fields}


def present(spec: MappingSpec, values: Mapping[str, Any], fragments: Mapping[str, Any]) -> dict[str, Any]:
    """The document that a consumer sees. A key without a value yet is null."""
    document: dict[str, Any] = {}
    for groups, key, field, shown, fragment in spec.shown:
        place = document
        for group in groups:
            place = place.setdefault(group, {})
        if fragment is not None:
            place[key] = fragments.get(fragment)
        else:
            value = values.get(field)
            place[key] = value if shown is None else shown(value)
    return document


def present_nested(spec: MappingSpec, values: Mapping[str, Any], fragments: Mapping[str, Any]) -> Any:
    """A record inside another's document: the bare identifier where its mapping has no other line."""
    if len(spec.lines) == 1:
        return spec.identifier.present(values.get(spec.identifier.field.name))
    return present(spec, values, fragments)


def without(spec: MappingSpec, document: Any, fields: Collection[str]) -> Any:
    """The document without keys that show these fields of Odoo and can be written."""
    for line in spec.lines if fields and isinstance(document, dict) else ():
        if line.to_odoo and line.field.odoo_name in fields:
            place = document
            for group in line.path[:-1]:
                place = place.get(group, {})
            place.pop(line.path[-1], None)
    return document


def document_text(spec: MappingSpec, values: Mapping[str, Any], fragments: Mapping[str, Any]) -> str:
    """`present` as JSON text, ready to be served."""
    return orjson.dumps(present(spec, values, fragments)).decode()


def external_id(spec: MappingSpec, values: Mapping[str, Any]) -> str | None:
    """The record's name outside: its identifier's external value as text."""
    value = spec.identifier.present(values.get(spec.identifier.field.name))
    if value is None or value in ("", NO_NAME) or value is False:
        return None
    return str(value)


def differing(values: Mapping[str, Any], base: Mapping[str, Any] | None) -> Values:
    """The `values` that differ from `base`: only these need to be sent."""
    if base is None:
        return dict(values)
    return {name: value for name, value in values.items() if name not in base or base[name] != value}
