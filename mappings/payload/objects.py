"""From one JSON object, with everything inside its relations, to values by Odoo field. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from mappings.convert import Values
from mappings.fieldtypes import WrongValue
from mappings.html import check_emptied
from mappings.line_error import LineError
from mappings.names import NO_NAME
from mappings.relations import Structure
from mappings.spec import LineSpec, MappingSpec

MAX_ITEMS = 5000


def missing(line: LineSpec, key: str) -> LineError:
    return LineError(f"“{key}” is required.", code="REQUIRED", key=key, line=line)


def read_object(
    spec: MappingSpec, payload: Mapping[str, Any], *, creating: bool, place: str = "", lenient: bool = False
) -> tuple[Values, dict[str, Any]]:
    """(canonical values by field, what was sent by key). `place` is put before keys in messages: `lines[2].`.

    `lenient` drops read-only keys instead of refusing them: inside relations, consumers send back whole objects that they
    have read.
    """
    values: Values = {}
    sent = _sent(spec, payload, place)
    by_field: dict[str, LineSpec] = {}
    for line in spec.incoming:
        # Scripts make their values later: see `scripted`.
        if line.constant is not None or line.script is not None or line.key not in sent:
            continue
        value = parse_value(line, sent[line.key], f"{place}{line.key}")
        other = by_field.setdefault(line.field.name, line)
        if other is not line:
            value = _agreed(other, values[line.field.name], line, value, place)
        values[line.field.name] = value
    values |= _unsent(spec, set(sent), values, place, creating=creating)
    check_emptied(spec, values, place=place)
    if not lenient:
        _refuse_read_only(spec, sent, creating=creating)
    return values, sent


def completed(spec: MappingSpec, values: Values) -> Values:
    """The values to create a nested record with, if it turns out to be new. Raises LineError."""
    sent = {line.key for line in spec.incoming if line.field.name in values}
    return values | _unsent(spec, sent, values, "", creating=True)


def _unsent(spec: MappingSpec, sent: set[str], values: Values, place: str, *, creating: bool) -> Values:
    """Adds constants, and for a new record defaults. Raises LineError for missing required keys."""
    result: Values = {}
    for line in spec.incoming:
        key, name = f"{place}{line.key}", line.field.name
        if line.constant is not None:
            result[name] = parse_value(line, line.constant, key)
        elif creating and line.key not in sent:
            if line.default is not None and name not in values:
                result[name] = parse_value(line, line.default, key)
            elif line.required and line.default is None:
                raise missing(line, key)
    return result


def _agreed(one: LineSpec, value: Any, other: LineSpec, also: Any, place: str) -> Any:
    """The value of a field that was sent under two keys: the exact one, if one key shows less of it."""
    if other.present(value) == other.present(also):
        return value
    if one.present(also) == one.present(value):
        return also
    key = f"{place}{other.key}"
    raise LineError(
        f"“{key}” and “{place}{one.key}” are the same field of Odoo ({one.field.name}), but two different values were "
        "sent. Send one of them, or the same value.",
        code="TYPE",
        key=key,
        line=other,
    )


def _refuse_read_only(spec: MappingSpec, sent: Mapping[str, Any], *, creating: bool) -> None:
    for key, value in sent.items():
        line = spec.by_key[key]
        repeated = line.identifier and not creating and value is not None  # compared with the record later
        if line.constant is not None:
            raise LineError(
                f"“{key}” always has the same value here and cannot be written.",
                code="READONLY",
                key=key,
                line=line,
            )
        if not line.to_odoo and not repeated:
            raise LineError(
                f"“{key}” comes from Odoo and cannot be written.", code="READONLY", key=key, line=line
            )


def sent_identifier(spec: MappingSpec, payload: Mapping[str, Any]) -> Any:
    """The identifier's value in a payload; None if it has none."""
    return _sent(spec, payload, "").get(spec.identifier.key)


def parse_value(line: LineSpec, value: Any, place: str) -> Any:
    """One key's JSON as its canonical value, or a relation's structure. Raises LineError."""
    needed = line.required or line.identifier
    if needed and not line.steps and value in (None, "", []):
        raise _empty(line, place)
    if line.nested is not None:
        return _relation(line, line.nested, value, place)
    try:
        parsed = line.parse(value)
    except WrongValue as error:
        raise LineError(f"“{place}”: {error}.", code=error.code, key=place, line=line) from None
    if needed and parsed is None:
        raise _empty(line, place)
    if line.identifier and parsed == NO_NAME:
        raise LineError(
            f"“{place}”: “{NO_NAME}” names no record, Odoo writes it where a number is still to be given. Send another; where Odoo "
            "is to give it, set the direction of its line to “from Odoo only”.",
            code="TYPE",
            key=place,
            line=line,
        )
    return parsed


def _empty(line: LineSpec, place: str) -> LineError:
    return LineError(f"“{place}” is required and cannot be empty.", code="REQUIRED", key=place, line=line)


def _sent(spec: MappingSpec, payload: Mapping[str, Any], place: str) -> dict[str, Any]:
    """The payload's values by full key. Raises LineError."""
    sent: dict[str, Any] = {}
    for key, value in leaves(spec, payload, place):
        if key in sent:  # once dotted, once as nested objects
            raise LineError(
                f"“{place}{key}” is sent twice.", code="TYPE", key=f"{place}{key}", line=spec.by_key[key]
            )
        sent[key] = value
    return sent


def leaves(
    spec: MappingSpec, payload: Mapping[str, Any], place: str, prefix: str = ""
) -> Iterator[tuple[str, Any]]:
    """Full keys with their values. Raises LineError for an unknown key."""
    for name, value in payload.items():
        key = f"{prefix}{name}"
        if key in spec.by_key:
            yield key, value
        elif key in spec.groups:
            if not isinstance(value, dict):
                raise LineError(
                    f"“{place}{key}” has to be an object.", code="TYPE", key=f"{place}{key}", line=None
                )
            yield from leaves(spec, value, place, f"{key}.")
        else:
            shown = f"{place}{key}" if len(key) <= 80 else f"{place}{key[:80]}…"
            known = ", ".join(line.key for line in spec.incoming if line.constant is None)
            raise LineError(
                f"“{shown}” is not a key of this endpoint. It takes: {known}.",
                code="UNKNOWN_KEY",
                key=shown,
                line=None,
            )


def _relation(line: LineSpec, spec: MappingSpec, value: Any, place: str) -> Structure | None:
    kind = line.field.type.name
    if kind == "many2one":
        return None if value is None else _ref(spec, value, place)
    if kind == "one2many":
        return {"$children": [_child(spec, item, at) for item, at in _items(line, value, place)]}
    if isinstance(value, dict) and value and set(value) <= {"add", "remove"}:
        return {
            f"${name}": [
                _ref(spec, item, at) for item, at in _items(line, value.get(name), f"{place}.{name}")
            ]
            for name in ("add", "remove")
        }
    return {"$set": [_ref(spec, item, at) for item, at in _items(line, value, place)]}


def _items(line: LineSpec, value: Any, place: str) -> list[tuple[Any, str]]:
    if value is None:
        return []
    if not isinstance(value, list):
        offered = "a list" if line.field.type.name == "one2many" else 'a list, or {"add": […], "remove": […]}'
        raise LineError(f"“{place}” has to be {offered}.", code="TYPE", key=place, line=line)
    if len(value) > MAX_ITEMS:
        raise LineError(f"“{place}” has more than {MAX_ITEMS} items.", code="TYPE", key=place, line=line)
    return [(item, f"{place}[{index}]") for index, item in enumerate(value)]


def _ref(spec: MappingSpec, value: Any, place: str) -> Structure:
    """A record named by its identifier alone, or by an object that has it."""
    if not isinstance(value, dict):
        return _named(spec, value, place, {})
    values, sent = read_object(spec, value, creating=False, place=f"{place}.", lenient=True)
    return _named(spec, sent.get(spec.identifier.key), f"{place}.{spec.identifier.key}", values)


def _child(spec: MappingSpec, value: Any, place: str) -> Structure:
    if not isinstance(value, dict):
        return _ref(spec, value, place)
    values, sent = read_object(spec, value, creating=False, place=f"{place}.", lenient=True)
    given, key = sent.get(spec.identifier.key), f"{place}.{spec.identifier.key}"
    if given is None and not spec.identifier.to_odoo:
        return {"$ref": None, "$values": values}  # a new record, which Odoo will name
    return _named(spec, given, key, values)


def _named(spec: MappingSpec, name: Any, place: str, values: Values) -> Structure:
    line = spec.identifier
    return {"$ref": parse_value(line, name, place), "$by": line.field.name, "$values": values}
