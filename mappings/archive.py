"""Which field of a model says whether a record is archived. Pure.

In models that were made in Odoo itself (Studio) it is `x_active`, since all of their fields begin with `x_`.
"""

from collections.abc import Container, Mapping
from typing import Any

USUAL = "active"
_NAMES = (USUAL, "x_active")  # where a model has both, Odoo goes by the first


def archive_field(fields: Container[str]) -> str:
    """The field's name; empty where the model cannot archive."""
    return next((name for name in _NAMES if name in fields), "")


def is_archived(row: Mapping[str, Any], field: str) -> bool:
    return bool(field) and row.get(field) is False
