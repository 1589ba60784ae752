"""Between a consumer's JSON and Odoo's values, both ways. Pure: a spec and data in, data out.

payload    parsed JSON of a request            read_payload()  →  values
values     field → canonical value             present()       →  document
row        field → wire value, as read from Odoo
                                               from_row()      →  values
                                               to_wire()       ←  values
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from mappings.fieldtypes import WrongValue
from mappings.spec import LineSpec, MappingSpec
from synchub.errors import HubError

Values = dict[str, Any]


class LineError(HubError):
    """A payload does not fit the mapping. `line` is None where no line is concerned (an unknown key).

    `code` is one of the API's: REQUIRED, TYPE, SELECTION, READONLY, UNKNOWN_KEY, DUPLICATE, ….
    """

    def __init__(
        self, text: str, *, code: str, key: str, line: LineSpec | None, index: int | None = None
    ) -> None:
        super().__init__(text)
        self.text = text
        self.code = code
        self.key = key
        self.line = line
        self.index = index

    @property
    def line_id(self) -> int | None:
        return self.line.id if self.line else None


def read_payload(spec: MappingSpec, payload: Mapping[str, Any], *, creating: bool) -> Values:
    """Check a request's object and turn it into canonical values by Odoo field. Raises LineError.

    A new record must bring its required keys and gets defaults; a changed one only has what was sent.
    """
    values: Values = {}
    sent = dict(_leaves(spec, payload))
    for line in spec.lines:
        if line.key in sent:
            if not line.to_odoo:
                continue  # refused below, unless it only repeats what names the record
            values[line.field.name] = _parsed(line, sent[line.key])
        elif creating and line.to_odoo:
            if line.default is not None:
                values[line.field.name] = _parsed(line, line.default)
            elif line.required:
                raise LineError(f"“{line.key}” is required.", code="REQUIRED", key=line.key, line=line)
    for key, value in sent.items():
        line = spec.by_key[key]
        if not line.to_odoo and not (line.identifier and not creating and value is not None):
            raise LineError(
                f"“{key}” comes from Odoo and cannot be written.", code="READONLY", key=key, line=line
            )
    return values


def sent_identifier(spec: MappingSpec, payload: Mapping[str, Any]) -> Any:
    """The identifier's value as a payload has it, None where it has none."""
    return dict(_leaves(spec, payload)).get(spec.identifier.key)


def _parsed(line: LineSpec, value: Any) -> Any:
    if (line.required or line.identifier) and (value is None or value == ""):
        raise LineError(
            f"“{line.key}” is required and cannot be empty.", code="REQUIRED", key=line.key, line=line
        )
    try:
        return line.field.type.parse(value)
    except WrongValue as error:
        raise LineError(f"“{line.key}”: {error}.", code=error.code, key=line.key, line=line) from None


def _leaves(spec: MappingSpec, payload: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    """The payload's values by full key. Raises LineError at a key that no line has."""
    for name, value in payload.items():
        key = f"{prefix}{name}"
        if key in spec.by_key:
            yield key, value
        elif any(line.key.startswith(f"{key}.") for line in spec.lines):
            if not isinstance(value, dict):
                raise LineError(f"“{key}” has to be an object.", code="TYPE", key=key, line=None)
            yield from _leaves(spec, value, f"{key}.")
        else:
            shown = key if len(key) <= 80 else f"{key[:80]}…"
            known = ", ".join(line.key for line in spec.lines if line.to_odoo)
            raise LineError(
                f"“{shown}” is not a key of this endpoint. It takes: {known}.",
                code="UNKNOWN_KEY", key=shown, line=None,
            )  # fmt: skip


def from_row(spec: MappingSpec, row: Mapping[str, Any]) -> Values:
    """What Odoo sent, in canonical values; fields that no line knows are kept as they came."""
    return {
        name: (spec.by_field[name].type.from_wire(value) if name in spec.by_field else value)
        for name, value in row.items()
        if name != "write_date" or name in spec.by_field
    }


def to_wire(spec: MappingSpec, values: Mapping[str, Any]) -> Values:
    return {name: spec.by_field[name].type.to_wire(value) for name, value in values.items()}


def present(spec: MappingSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """The document that a consumer sees. Fields without a value yet are null."""
    document: dict[str, Any] = {}
    for line in spec.outgoing:
        place = document
        for part in line.path[:-1]:
            place = place.setdefault(part, {})
        place[line.path[-1]] = line.field.type.present(values.get(line.field.name))
    return document


def document_text(spec: MappingSpec, values: Mapping[str, Any]) -> str:
    """`present` as JSON text, ready to be served."""
    return orjson.dumps(present(spec, values)).decode()


def external_id(spec: MappingSpec, values: Mapping[str, Any]) -> str | None:
    """How the record is called from outside: the text of its identifier's external value."""
    value = spec.identifier.field.type.present(values.get(spec.identifier.field.name))
    if value is None or value == "" or value is False:
        return None
    return str(value)


def differing(values: Mapping[str, Any], base: Mapping[str, Any] | None) -> Values:
    """What of `values` is not already so in `base`: only that is worth sending."""
    if base is None:
        return dict(values)
    return {name: value for name, value in values.items() if name not in base or base[name] != value}
