"""Which field of a model says whether a record is in Odoo's archive: `x_active` in models that were made in Odoo itself (Studio), as
all of their fields are called so. Pure."""

from collections.abc import Container, Mapping
from typing import Any

USUAL = "active"
_NAMES = (USUAL, "x_active")  # where a model has both, Odoo goes by the first


def archive_field(fields: Container[str]) -> str:
    """Its name; empty where the model has no archive."""
    return next((name for name in _NAMES if name in fields), "")


def is_archived(row: Mapping[str, Any], field: str) -> bool:
    return bool(field) and row.get(field) is False
