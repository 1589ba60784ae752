"""Canonical values as `load()` reads them: every cell is text, an empty one means "no value".

Source: Odoo 18, `ir.fields.converter` in `odoo/addons/base/models/ir_fields.py`. Datetimes are read in the context's
time zone, so that a table with any has to go with `tz: UTC`: see `context`.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from mappings.fieldtypes import Many2oneType, PerLanguageText, SelectionType, X2manyType
from mappings.spec import FieldSpec, MappingSpec

_UTC = {"tz": "UTC"}


ExternalIds = Mapping[str, Mapping[int, str]]
"""By many2one field, the external ids of all that its cells name; see `named`."""
NONE: ExternalIds = {}


def context(fields: Iterable[FieldSpec]) -> dict[str, str]:
    """What a table of these fields is read in. Without times it is left to the connection: which day is today, for a date that
    Odoo fills in, goes by its time zone."""
    return _UTC if any(field.type.name == "datetime" for field in fields) else {}


def columns(spec: MappingSpec, fields: Iterable[str], named: ExternalIds = NONE) -> list[str]:
    """The column heads: relations are given by database id, or by external id where those are given."""
    return [_column(spec.by_field[name], external=name in named) for name in fields]


def _column(field: FieldSpec, *, external: bool) -> str:
    if field.type.name in ("many2one", "one2many", "many2many"):
        return f"{field.odoo_name}/{'id' if external else '.id'}"
    return field.odoo_name


def is_exact(field: FieldSpec, value: Any) -> bool:
    """`load` reads every cell as what is meant, but lists of children, years before 1000, and a selection's value that another option
    before it has as its value or label, whatever the case."""
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
        return False  # `load` writes them without zeros in front, and cannot read them then
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
    # repr keeps every digit of a float, which str would as well; integers and texts are as they are.
    return value if isinstance(value, str) else repr(value)
