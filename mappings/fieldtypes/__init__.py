"""Odoo's field types: how a value looks in JSON, in the hub and on the wire.

Three shapes of one value:

    JSON       what a consumer sends and sees          null, "2026-01-31T08:00:00Z"
    canonical  what the hub keeps and compares         None, "2026-01-31 08:00:00"
    wire       what Odoo sends and takes               False, "2026-01-31 08:00:00"

`parse` is JSON → canonical and refuses with a sentence (`WrongValue`); the other three never fail for values that
came through it or from Odoo. Canonical values are JSON-serialisable, and None is "empty" for every type
but boolean.

base        what all share, and the fallback for types that the hub does not know
plain       texts, yes or no, choices, files
measures    numbers, days, moments
relational  other records, by their Odoo ids
"""

from typing import Any

from mappings.fieldtypes.base import INT32_MAX, FieldType, Refusing, WrongValue, json_name, whole
from mappings.fieldtypes.measures import DatetimeType, DateType, FloatType, IntegerType
from mappings.fieldtypes.plain import BinaryType, BooleanType, PerLanguageText, SelectionType, TextType
from mappings.fieldtypes.relational import Many2oneType, ReferenceType, X2manyType

__all__ = [
    "INT32_MAX",
    "BinaryType",
    "BooleanType",
    "DateType",
    "DatetimeType",
    "FieldType",
    "FloatType",
    "IntegerType",
    "Many2oneType",
    "PerLanguageText",
    "ReferenceType",
    "Refusing",
    "SelectionType",
    "TextType",
    "WrongValue",
    "X2manyType",
    "field_type",
    "json_name",
    "whole",
]

_CENTS = 2  # of most currencies: which one it is, only the record knows


def field_type(facts: dict[str, Any]) -> FieldType:
    """The type of a field, from what `fields_get` says of it."""
    name = str(facts.get("type", "unknown"))
    match name:
        case "char" | "text" | "html":
            return TextType(name, size=facts.get("size") or None)
        case "integer":
            return IntegerType(name)
        case "float":
            digits = facts.get("digits")
            return FloatType(name, digits=int(digits[1]) if digits else None)
        case "monetary":
            return FloatType(name, digits=_CENTS)
        case "boolean":
            return BooleanType(name)
        case "date":
            return DateType(name)
        case "datetime":
            return DatetimeType(name)
        case "selection":
            return SelectionType(
                name, options=tuple((value, str(label)) for value, label in facts.get("selection") or ())
            )
        case "binary" | "image":
            return BinaryType(name)
        case "many2one":
            return Many2oneType(name, relation=facts.get("relation") or "")
        case "many2one_reference":
            return Many2oneType(name)
        case "one2many" | "many2many":
            return X2manyType(name, relation=facts.get("relation") or "")
        case "reference":
            return ReferenceType(name)
        case _:
            return FieldType(name)
