"""From which other fields Odoo works a field out, as `fields_get` tells. Pure."""

from collections.abc import Mapping
from typing import Any


def sources(name: str, fields: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """Of the same model, also by way of others: what is due goes by the payment terms, by way of a field that nobody sees."""
    found: set[str] = set()
    left = [name]
    while left:
        for path in fields.get(left.pop(), {}).get("depends") or ():
            first = str(path).partition(".")[0]
            if first not in found:
                found.add(first)
                left.append(first)
    return frozenset(found)
