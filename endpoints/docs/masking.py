"""Which values of a record may appear in documentation, which is passed around: none about people. Pure.

Shown as they are: numbers, choices, dates, codes and names of things (products, orders, countries). Made up: all values of
models that may describe people, all long texts, and whatever looks like an address, a telephone or account number. Unknown
models are treated as ones about people.
"""

import re
from typing import Any

from mappings.fieldtypes import BooleanType, FieldType, SelectionType, TextType
from mappings.spec import FieldSpec

_THINGS = re.compile(
    r"(product|uom|stock|mrp|sale|purchase|account|res\.country|res\.currency|res\.lang"
    r"|res\.partner\.(category|industry|title))(\.|$)"
)
_PERSONAL_FIELD = re.compile(
    r"mail|phone|mobile|fax|street|zip|city|vat|birth|gender|marital|iban|acc_|account_number|holder|partner|customer"
    r"|contact|employee|user|owner|signature|signed|passport|ssn|latitude|longitude|salary|wage|website|password|token"
)
_CODES = frozenset(
    {"id", "ref", "code", "default_code", "barcode", "client_order_ref", "reference", "sequence"}
)
_LOOKS_PERSONAL = re.compile(r"@|(\+|00)?\d[\d ()/.\-]{7,}|[A-Z]{2}\d{2}[ A-Z0-9]{10,}")

# By words in a field's name; the first that fits counts.
_MADE_UP = [
    ("mail", "alex@example.com"),
    ("phone", "+32 2 555 01 00"),
    ("mobile", "+32 2 555 01 00"),
    ("fax", "+32 2 555 01 00"),
    ("website", "https://www.example.com"),
    ("street", "Example Street 1"),
    ("city", "Exampleton"),
    ("zip", "1000"),
    ("vat", "BE0000000000"),
    ("name", "Alex Example"),
]


def is_personal(model: str, field: FieldSpec, value: Any) -> bool:
    """Whether this value must not be shown."""
    kind = field.type
    if value is None or isinstance(kind, (BooleanType, SelectionType)):
        return False
    if isinstance(value, str) and _LOOKS_PERSONAL.search(value) and isinstance(kind, TextType):
        return True
    if field.name in _CODES:
        return False
    if kind.name in ("text", "html", "binary", "image") or _PERSONAL_FIELD.search(field.name):
        return True
    return not _THINGS.match(model) and not field.name.endswith("_date")


# The smallest picture there is. Nothing tells that a field holds pictures, but Odoo refuses other values.
_PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def made_up(field: FieldSpec) -> Any:
    """A made-up canonical value of the field."""
    return _of_type(field, field.type)


def without_text(value: Any) -> Any:
    """JSON of unknown meaning, with all texts in it made up."""
    if isinstance(value, dict):
        return {key: without_text(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_text(inner) for inner in value[:3]]
    return "text" if isinstance(value, str) else value


def _of_type(field: FieldSpec, kind: FieldType) -> Any:
    match kind.name:
        case "char" | "text" | "html":
            text = next((text for part, text in _MADE_UP if part in field.name), "")
            if not text:
                text = "EX-1" if field.name in _CODES else "Example"
            size = getattr(kind, "size", None)
            return text[:size] if size else text
        case "integer" | "many2one" | "many2one_reference":
            return 1
        case "float" | "monetary":
            return 12.5
        case "boolean":
            return True
        case "date":
            return "2026-01-31"
        case "datetime":
            return "2026-01-31 08:00:00"
        case "selection":
            options = getattr(kind, "options", ())
            return options[0][0] if options else None
        case "binary" | "image":
            return _PICTURE
        case "one2many" | "many2many":
            return [1]
        case "reference":
            return "res.country,1"
    return None
