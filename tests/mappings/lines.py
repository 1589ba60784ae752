"""Specs to test with, made of lines and of fields as Odoo describes them."""

from typing import Any

from mappings.compile import build
from mappings.models import Direction, Line
from mappings.spec import MappingSpec

FIELDS: dict[str, dict[str, Any]] = {
    "id": {"type": "integer", "string": "ID", "readonly": True},
    "ref": {"type": "char", "string": "Reference"},
    "name": {"type": "char", "string": "Name", "size": 20},
    "comment": {"type": "html", "string": "Notes"},
    "color": {"type": "integer", "string": "Color"},
    "latitude": {"type": "float", "string": "Latitude", "digits": [10, 7]},
    "limit": {"type": "monetary", "string": "Limit"},
    "active": {"type": "boolean", "string": "Active"},
    "day": {"type": "date", "string": "Day"},
    "write_date": {"type": "datetime", "string": "Changed", "readonly": True},
    "at": {"type": "datetime", "string": "At"},
    "kind": {"type": "selection", "string": "Kind", "selection": [["contact", "Contact"], ["other", "Other Address"]]},
    "image": {"type": "binary", "string": "Image"},
    "country_id": {"type": "many2one", "string": "Country", "relation": "res.country"},
    "category_id": {"type": "many2many", "string": "Tags", "relation": "res.partner.category"},
    "child_ids": {"type": "one2many", "string": "Contacts", "relation": "res.partner", "relation_field": "parent_id"},
    "res_id": {"type": "many2one_reference", "string": "Document"},
    "about": {"type": "reference", "string": "About"},
    "properties": {"type": "properties", "string": "Properties"},
    "total": {"type": "float", "string": "Total", "readonly": True, "store": False},
}  # fmt: skip
TO, FROM, BOTH = Direction.TO_ODOO, Direction.FROM_ODOO, Direction.BOTH


def line(key: str, field: str, **facts: Any) -> Line:
    return Line(key=key, field=field, **facts)


def spec(*lines: Line, extra: tuple[str, ...] = ()) -> MappingSpec:
    for number, one in enumerate(lines, start=1):
        one.pk = number
    return build("test", "res.partner", lines, FIELDS, extra)
