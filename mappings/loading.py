"""Canonical values as `load()` reads them: every cell is text, an empty one means "no value".

Source: Odoo 18, `ir.fields.converter` in `odoo/addons/base/models/ir_fields.py`. Datetimes are read in the context's
time zone, so a table with any is sent with `tz: UTC`: see `context`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mappings.fieldtypes import Many2oneType, PerLanguageText, SelectionType, X2manyType
from mappings.spec import FieldSpec, MappingSpec

_UTC = {"tz": "UTC"}


ExternalIds = Mapping[str, Mapping[int, str]]
"""By many2one field, the external ids of all records its cells name; see `named`."""
NONE: ExternalIds = {}


def context(fields: Iterable[FieldSpec]) -> dict[str, str]:
    """The context for a table of these fields. Without times the connection's own time zone stays, which decides what “today”
    is for dates that Odoo fills in."""
    return _UTC if any(field.type.name == "datetime" for field in fields) else {}


def columns(spec: MappingSpec, fields: Iterable[str], named: ExternalIds = NONE) -> list[str]:
    """The column heads. Relations are given by external id where `named` has them, otherwise by database id."""
    return [_column(spec.by_field[name], external=name in named) for name in fields]


def _column(field: FieldSpec, *, external: bool) -> str:
    if field.type.name in ("many2one", "one2many", "many2many"):
        return f"{field.odoo_name}/{'id' if external else '.id'}"
    return field.odoo_name


def is_exact(field: FieldSpec, value: Any) -> bool:
    """Whether `load` reads a cell with this value as it is meant. It does not for lists of children, for years before 1000,
    and for a selection's value that, ignoring case, is the value or label of an earlier option."""
    if isinstance(field.type, SelectionType) and isinstance(value, str):
        meant = value.lower()
        for option, label in field.type.options:
            if option == value:
                return True
            if meant in (str(option).lower(), str(label).lower()):
                return False
    if isinstance(field.type, PerLanguageText) and value is None:
        return False  # an empty cell would empty all languages
    if field.type.name in ("date", "datetime") and value is not None and value < "1000":
        return False  # `load` writes them without leading zeros, and cannot read that
    return field.type.name != "one2many"


def cells(
    spec: MappingSpec, fields: Iterable[str], values: Mapping[str, Any], named: ExternalIds = NONE
) -> list[str | bool]:
    return [
        named[name].get(values[name], False) if name in named else _cell(spec.by_field[name], values[name])
        for name in fields
    ]


def _cell(field: FieldSpec, value: Any) -> str | bool:
    if value is None or value == "":
        return False
    if isinstance(field.type, X2manyType):
        return ",".join(str(item) for item in value)
    if isinstance(field.type, Many2oneType):
        return str(value)
    if isinstance(value, bool):
        return "1" if value else "0"
    # repr keeps every digit of a float.
    return value if isinstance(value, str) else repr(value)
