"""From which other fields Odoo works a field out, and where it keeps one, as `fields_get` tells. Pure."""

from collections.abc import Callable, Mapping
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


def kept_in(
    name: str, model: str, fields: Callable[[str], Mapping[str, Mapping[str, Any]]]
) -> tuple[str, str, str]:
    """Where Odoo keeps a field's value: by which relation one gets there (empty: in the record itself), the model, the field.

    `fields` gives a model's.
    """
    own = fields(model)
    match own.get(name, {}).get("depends"):
        case [str(path)] if path.count(".") == 1:
            relation, _, field = path.partition(".")
            owner = own.get(relation, {}).get("relation")
            if owner:
                return relation, owner, field
    return "", model, name


def only_worked_out(facts: Mapping[str, Any]) -> bool:
    """Does a field's value never come from a person? Odoo works it out and lets nobody type it; over RPC it takes what is sent
    all the same, and an order's total is wrong from then on."""
    return bool(facts.get("readonly")) and bool(not facts.get("store", True) or facts.get("depends"))
