"""Other records, by their Odoo ids."""

import re
from dataclasses import dataclass
from typing import Any

from mappings.fieldtypes.base import INT32_MAX, FieldType, WrongValue, json_name, whole


@dataclass(frozen=True)
class Many2oneType(FieldType):
    relation: str = ""
    writable = True
    compared_as = "numeric"

    def parse(self, value: Any) -> int | None:
        return None if value is None else odoo_id(value)

    def from_wire(self, value: Any) -> Any:
        # A bare id with load='', [id, name] without.
        if isinstance(value, (list, tuple)):
            value = value[0] if value else False
        return value or None


@dataclass(frozen=True)
class X2manyType(FieldType):
    relation: str = ""
    writable = True
    compared_as = ""

    def parse(self, value: Any) -> list[int]:
        if value is None:
            return []
        if not isinstance(value, list):
            raise WrongValue(f"a list of Odoo ids is expected, not {json_name(value)}")
        return sorted({odoo_id(item) for item in value})

    def from_wire(self, value: Any) -> list[int]:
        return sorted(value) if isinstance(value, (list, tuple)) else []

    def to_wire(self, value: Any) -> list[list[Any]]:
        return [[6, 0, value or []]]


@dataclass(frozen=True)
class ReferenceType(FieldType):
    writable = True

    def parse(self, value: Any) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z0-9_.]*,[1-9][0-9]{0,9}", value):
            raise WrongValue(f"a reference like res.partner,7 is expected, not {json_name(value)}")
        odoo_id(int(value.partition(",")[2]))
        return value


def odoo_id(value: Any) -> int:
    value = whole(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise WrongValue(f"an Odoo id (a whole number) is expected, not {json_name(value)}")
    if not 0 < value <= INT32_MAX:
        raise WrongValue(f"{value if abs(value) < 10**12 else 'the number'} cannot be an Odoo id")
    return value
