"""A query's conditions as terms of a domain, for Odoo to look itself: they find what they find in the mirror."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import ge, gt, le, lt
from typing import Any

from endpoints.conditions import PATTERNS, escaped
from mappings import domains
from mappings.fieldtypes import FloatType, IntegerType, TextType, X2manyType
from mappings.spec import FieldSpec, LineSpec

_NEGATED = ("!=", "not in")
_BOUNDS = {"<": lt, "<=": le, ">": gt, ">=": ge}


@dataclass(frozen=True)
class Condition:
    """A query parameter: canonical `value` compared by one of Odoo's operators; or, with a line, whatever that shows like
    the value."""

    field: FieldSpec
    operator: str
    value: Any
    line: LineSpec | None = None


def terms(condition: Condition) -> domains.Domain:
    """Terms that all have to hold."""
    name, operator, value = condition.field.odoo_name, condition.operator, condition.value
    if operator in PATTERNS:
        _, _, literal = PATTERNS[operator]
        # To Odoo each % and _ of a text stands for others, and a backslash takes that from them.
        found: domains.Domain = [(name, operator, escaped(value or "") if literal else value or "")]
        return found if literal or not value else [*found, *_not_empty(condition.field)]
    if condition.field.type.name == "datetime" and operator in ("=", "!=", ">", "<=") and value is not None:
        return _of_second(name, operator, value)
    if condition.field.is_file:  # whatever else is asked of one, Odoo takes for true
        return [(name, operator, False)]
    values = value if operator in ("in", "not in") else [value]
    if condition.field.type.name == "datetime" and operator in ("in", "not in"):
        return _of_seconds(name, values, negated=operator in _NEGATED)
    if operator not in ("=", "in", *_NEGATED):
        if _is_number(condition.field) and operator in _BOUNDS and _BOUNDS[operator](0, value):
            return ["|", (name, operator, value), (name, "=", False)]
        return [(name, operator, value), *(_not_empty(condition.field) if operator in ("<", "<=") else [])]
    # A list's value is one of its items, read as a list of one; an empty list asks for records without any.
    some = [one for item in values for one in (item if isinstance(item, list) else [item]) if one is not None]
    return _one_of(
        condition.field, some, empty=any(one in (None, []) for one in values), negated=operator in _NEGATED
    )


def _not_empty(field: FieldSpec) -> domains.Domain:
    """Odoo has two empty texts. To it one of them comes before all others, and fits a pattern that fits everything."""
    return [(field.odoo_name, "!=", False)] if isinstance(field.type, TextType) else []


def _is_number(field: FieldSpec) -> bool:
    """What was never set is 0 to everybody; Odoo 17 finds it only where it is asked for as well."""
    return isinstance(field.type, IntegerType | FloatType) and field.name != "id"


def _of_second(name: str, operator: str, value: str) -> domains.Domain:
    """Odoo keeps fractions of a second in its own stamps, and shows whole ones."""
    try:
        after = (datetime.fromisoformat(value) + timedelta(seconds=1)).isoformat(sep=" ")
    except OverflowError:  # at the end of the calendar
        return [(name, operator, value)]
    match operator:
        case "=":
            return [(name, ">=", value), (name, "<", after)]
        case "!=":
            return ["|", "|", (name, "<", value), (name, ">=", after), (name, "=", False)]
        case _:
            return [(name, ">=" if operator == ">" else "<", after)]


def _of_seconds(name: str, values: list[str | None], *, negated: bool) -> domains.Domain:
    empty: domains.Domain = [(name, "!=" if negated else "=", False)]
    each = [_of_second(name, "!=" if negated else "=", one) if one is not None else empty for one in values]
    if negated:  # none of these: all have to hold
        return [term for one in each for term in one]
    return ["|"] * (len(each) - 1) + [term for one in each for term in [*["&"] * (len(one) - 1), *one]]


def _one_of(field: FieldSpec, values: list[Any], *, empty: bool, negated: bool) -> domains.Domain:
    name = field.odoo_name
    is_list = isinstance(field.type, X2manyType)
    # Odoo takes 0 and false for empty, which nobody is shown as null.
    empty = empty and (is_list or field.type.from_wire(False) is None)
    if empty and not is_list:
        values, empty = [*values, False], False
    if _is_number(field) and 0 in values:
        values = [*values, False]
    found: domains.Domain = []
    if values or not empty:
        found.append((name, "not in" if negated else "in", values))
    if empty:
        found.append((name, "!=" if negated else "=", False))
    return found if negated or len(found) == 1 else ["|", *found]
