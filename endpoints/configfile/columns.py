"""Which key of an item is which column of its row, for reading, writing, comparing and for placing errors.

Relations, secrets and keys with a meaning of their own are left out: they are no plain columns.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.db.models import Model

from endpoints.configfile.items import ConnectionItem, EndpointItem, LineItem

Columns = Mapping[str, str]
"""Column by key, in the file's order."""


def keys(item: type, *, without: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The keys of a class of items, in the file's order."""
    return tuple(one.name for one in dataclasses.fields(item) if one.name not in (*without, "node"))


def _columns(item: type, *, without: tuple[str, ...], **called: str) -> Columns:
    return {key: called.get(key, key) for key in keys(item, without=without)}


CONNECTION = _columns(ConnectionItem, without=("name", "url", "login", "secret"), company="company_id")
LINE = _columns(LineItem, without=("mapping", "table"), mode="script_mode", examples="script_examples")
ENDPOINT = _columns(
    EndpointItem,
    without=(
        "name",
        "mapping",
        "methods",
        "keys",
        "parameters",
        "actions",
        "on_delete",
        "match_on",
        "paused",
        "paused_by_file",
    ),
)


def given(row: Model, columns: Columns) -> dict[str, Any]:
    """A row's values by the item's keys."""
    return {key: getattr(row, column) for key, column in columns.items()}


def put(row: Model, item: object, columns: Columns) -> None:
    for key, column in columns.items():
        setattr(row, column, getattr(item, key))
