"""A query's text as what records are compared with."""

import re
from dataclasses import dataclass
from typing import Any

from endpoints.models import Operator
from mappings.fieldtypes import FieldType, WrongValue, X2manyType
from mappings.spec import LineSpec
from mappings.steps import Lookup, Rounded, Tidied

_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_PART = re.compile(rf"(?:^|(?<=,))(?:{_QUOTED.pattern}(?=,|\Z)|[^,]*)")


@dataclass(frozen=True)
class Given:
    """A value that was given, be it null: django-filter takes a bare None for "not given".

    With a line, whatever it shows like this value is meant.
    """

    value: Any
    operator: str
    line: LineSpec | None = None


def read_text(kind: FieldType, text: str) -> Any:
    """A query's text as a canonical value of this type. Raises WrongValue."""
    if text == "":
        return [] if isinstance(kind, X2manyType) else None
    match kind.name:
        case "integer" | "many2one" | "many2one_reference":
            return kind.parse(number_of(text))
        case "one2many" | "many2many":
            return kind.parse([number_of(text)])
        case "float" | "monetary":
            return kind.parse(_decimal(text))
        case "boolean":
            return kind.parse({"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text))
        case _ if kind.writable:
            return kind.parse(text)
        case _:
            raise WrongValue(f"a field of type {kind.name} cannot be filtered by")


def of_line(line: LineSpec, text: str) -> Given:
    """What a query's text means where a document shows values in other words than Odoo's. Raises WrongValue."""
    first = line.steps[0]
    if isinstance(first, Lookup):
        return _in_table(line, first, text)
    value = None if text == "" else line.parse(_decimal(text) if isinstance(first, Rounded) else text)
    if isinstance(first, Tidied) and first.only_inward and text != value:
        return Given([line.field.type.parse(text), value], Operator.IN)  # as it is shown, or as it was sent
    return Given(value, Operator.EQ, line if line.near(value) else None)


def _in_table(line: LineSpec, table: Lookup, text: str) -> Given:
    """Several values of Odoo may be shown alike, and null where the table knows none. Raises WrongValue."""
    kind = line.field.type
    values, others = ([_of_row(kind, one) for one in some] for some in table.parted(text))
    if text == "" and table.unknown != "pass":
        return Given(others[0], Operator.NE) if len(others) == 1 else Given(others, Operator.NOT_IN)
    if table.unknown == "pass":
        values += _passed_on(kind, table, text, needed=not values)
    if not values:
        raise table.unknown_value(text)
    return Given(values[0], Operator.EQ) if len(values) == 1 else Given(values, Operator.IN)


def _of_row(kind: FieldType, value: Any) -> Any:
    return kind.parse(value) if value is not None and kind.writable else value


def _passed_on(kind: FieldType, table: Lookup, text: str, *, needed: bool) -> list[Any]:
    """Odoo's own value of this text, if it is shown as it is. Raises WrongValue if it is `needed`."""
    try:
        value = read_text(kind, text)
    except WrongValue:
        if needed:
            raise
        return []
    return [value] if table.outward(kind.present(value)) == kind.present(value) else []


def parts_of(text: str) -> list[str]:
    """Several values, comma separated. One that holds a comma stands in quotes, a quote inside of it twice; quotes around
    anything else are part of the value."""
    return [_unquoted(part) for part in _PART.findall(text)]


def _unquoted(part: str) -> str:
    return part[1:-1].replace('""', '"') if _QUOTED.fullmatch(part) and "," in part else part


def number_of(text: str) -> Any:
    return int(text) if re.fullmatch(r"-?[0-9]{1,20}", text) else text


def _decimal(text: str) -> Any:
    fits = re.fullmatch(r"-?[0-9]{1,30}(\.[0-9]{1,30})?([eE][-+]?[0-9]{1,3})?", text)
    return float(text) if fits else text
