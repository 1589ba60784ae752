"""From which fields Odoo works out a field, and where it stores one, as `fields_get` tells. Pure."""

from collections.abc import Callable, Mapping
from typing import Any


def sources(name: str, fields: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """The fields of the same model that a field is worked out from, directly or through other fields: the due date from the
    payment terms, through a field that nobody sees."""
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
    """Where Odoo stores a field's value: the relation that leads there (empty: the record itself), the model, the field.

    `fields` gives the fields of a model.
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
    """Whether a field's value never comes from a person. Odoo works it out and nobody can type it, but over RPC it accepts a
    value all the same, and an order's total would be wrong from then on."""
    return bool(facts.get("readonly")) and bool(not facts.get("store", True) or facts.get("depends"))
