"""Checks a domain against the fields of its model, and finds its relative dates.

Only schemas that were read from Odoo are known. Where a path leads to another model, only Odoo can tell what is right.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from mappings import relative_dates
from mappings.domains import Domain, Term
from mappings.relative_dates import Relative
from mappings.schema import Fields, FieldsOf

_LIKE = frozenset({"like", "ilike", "not like", "not ilike", "=like", "=ilike"})
_ORDER = frozenset({"<", "<=", ">", ">="})
_EQUAL = frozenset({"=", "!=", "<>", "=?"})
_LISTS = frozenset({"in", "not in"})
_TREE = frozenset({"child_of", "parent_of"})
_INSIDE = frozenset({"any", "not any"})
_TEXTS = frozenset({"char", "text", "html"})
_NUMBERS = frozenset({"integer", "float", "monetary", "many2one_reference"})
_RELATIONS = frozenset({"many2one", "one2many", "many2many"})
_ALWAYS_TIMES = frozenset({"create_date", "write_date"})
# `date_order.month_number`: parts of a date, whole numbers (Odoo 17 and later).
_DATE_PART = re.compile(r"[a-z_]+_number|day_of_(?:year|month|week)")


@dataclass(frozen=True)
class _Path:
    """Where a term's path ends: the field's facts (None: unknown), or why it leads nowhere."""

    facts: dict[str, Any] | None = None
    problem: str = ""

    @property
    def type(self) -> str:
        return str(self.facts["type"]) if self.facts else ""


def problems(domain: Domain, model: str, fields_of: FieldsOf) -> list[str]:
    """What is wrong, as sentences for an administrator. Each names the term."""
    return list(_problems(domain, model, fields_of, ""))


def bind(domain: Domain, model: str, fields_of: FieldsOf) -> Domain:
    """The domain with its relative dates as `Relative`, which `domains.expand` turns into dates.

    A text is a relative date only if it is compared with a date: with a date field, or by an order (`<`, `>=`, …) with a
    field that is not known. Any other text stays as it is.
    """
    return [item if isinstance(item, str) else _bound(item, model, fields_of) for item in domain]


def unread(domain: Domain, model: str, fields_of: FieldsOf) -> set[str]:
    """The models on the domain's paths whose fields are not known. Read them, then ask again."""
    missing: set[str] = set()

    def asked(name: str) -> Fields:
        fields = fields_of(name)
        if not fields:
            missing.add(name)
        return fields

    bind(domain, model, asked)
    return missing


def _bound(term: Term, model: str, fields_of: FieldsOf) -> Term:
    field, operator, value = term
    path = _follow(field, model, fields_of)
    if operator in _INSIDE:
        inner = str((path.facts or {}).get("relation") or "")
        return (field, operator, bind(value, inner, fields_of))
    if path.type not in ("date", "datetime") and (path.facts is not None or operator not in _ORDER):
        return term
    if isinstance(value, (list, tuple)):
        return (field, operator, [_relative(one, path.type) or one for one in value])
    return (field, operator, _relative(value, path.type) or value)


def _relative(value: Any, type_: str) -> Relative | None:
    return relative_dates.read(value, is_date=type_ == "date") if isinstance(value, str) else None


def _problems(domain: Domain, model: str, fields_of: FieldsOf, where: str) -> Iterator[str]:
    for place, item in enumerate(domain, start=1):
        if isinstance(item, str):
            continue
        field, operator, value = item
        name = f"{where}item {place} ({field} {operator} …)"
        path = _follow(field, model, fields_of)
        problem = path.problem or (_misfit(path, operator, value) if path.facts else "")
        if problem:
            yield f"{name[0].upper()}{name[1:]}: {problem}"
        elif operator in _INSIDE and path.facts:
            yield from _problems(value, str(path.facts["relation"]), fields_of, f"{name}, ")


def _follow(path: str, model: str, fields_of: FieldsOf) -> _Path:
    names = path.split(".")
    for place, name in enumerate(names):
        last = place == len(names) - 1
        if name == "id" and last:
            return _Path({"type": "integer", "id": True})
        fields = fields_of(model) if model else {}
        if not fields:
            known = {"type": "datetime"} if last and name in _ALWAYS_TIMES else None
            return _Path(known)
        facts = fields.get(name)
        if facts is None:
            return _Path(problem=f"{model} has no field {name}.")
        if last:
            return _searchable(model, name, facts)
        if facts["type"] in ("date", "datetime") and _DATE_PART.fullmatch(names[place + 1]):
            return _Path({"type": "integer"})
        if facts["type"] == "properties":
            return _Path()
        if not facts.get("relation"):
            return _Path(problem=f"{name} of {model} is no relation, so that nothing can follow its dot.")
        model = str(facts["relation"])
    return _Path()


def _searchable(model: str, name: str, facts: dict[str, Any]) -> _Path:
    if not facts.get("store", True) and not facts.get("searchable", True):
        return _Path(problem=f"{name} of {model} is computed, and Odoo cannot search by it.")
    return _Path(facts)


def _misfit(path: _Path, operator: str, value: Any) -> str:
    type_, facts = path.type, path.facts or {}
    tree = type_ in _RELATIONS or facts.get("id") or type_ == "many2one_reference"
    if operator in _INSIDE and type_ not in _RELATIONS:
        return f"“{operator}” looks into other records, and {_called(type_)} holds none."
    if operator in _INSIDE:
        return ""
    if operator in _TREE:
        return "" if tree else f"“{operator}” needs a relation, or id."
    if operator in _LIKE:
        if type_ in ("boolean", "binary", "image"):
            return f"“{operator}” compares texts, and {_called(type_)} is none."
        return "" if isinstance(value, str) else f"“{operator}” needs a text."
    if operator in _ORDER and type_ in ("boolean", "binary", "image", "one2many", "many2many"):
        return f"{_called(type_)} is neither less nor more than another; use = or !=."
    if operator in _LISTS:
        if type_ in ("binary", "image"):  # Odoo takes the value for true and finds all records
            return f"{_called(type_)} cannot be looked for in a list; use = or !=, with False."
        if not isinstance(value, (list, tuple)):
            return f"“{operator}” needs a list, like ['a', 'b']."
        return next((problem for one in value if (problem := _value_problem(type_, facts, one))), "")
    if isinstance(value, (list, tuple)):
        return f"“{operator}” compares with one value; for a list there is “{'in' if operator in _EQUAL else 'any'}”."
    if operator in _ORDER and (value is None or value is False) and type_ != "boolean":
        return f"“{operator}” needs a value to compare with."
    return _value_problem(type_, facts, value)


def _value_problem(type_: str, facts: dict[str, Any], value: Any) -> str:
    if value is False or value is None:
        return ""  # empty, for every type
    shown = repr(value)[:40]
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    match type_:
        case "boolean":
            return "" if isinstance(value, bool) or value in (0, 1) else f"{shown} is not True or False."
        case "selection":
            options = [option for option, _ in facts.get("selection") or ()]
            offered = ", ".join(map(repr, options[:12]))
            return "" if not options or value in options else f"{shown} is none of {offered}."
        case "date" | "datetime":
            return _date_problem(type_, value, shown)
        case "binary" | "image":
            return "a file can only be compared with False."
        case _ if type_ in _TEXTS:
            return "" if isinstance(value, str) else f"{shown} is no text; put it between quotes."
        case _ if type_ in _NUMBERS:
            return "" if number else f"{shown} is no number."
        case _ if type_ in _RELATIONS:
            return (
                "" if number or isinstance(value, str) else f"{shown} is no record: give its id or its name."
            )
    return ""


def _date_problem(type_: str, value: Any, shown: str) -> str:
    offered = "'2026-01-31'" if type_ == "date" else "'2026-01-31 08:00:00' (UTC)"
    problem = f"{shown} is no date; write {offered}, 'today - 7 days', 'now - 2 hours' or 'start of month'."
    relative = _relative(value, type_)
    try:
        if relative is not None:
            relative.at(datetime.now(UTC))
        elif not isinstance(value, str):
            return problem
        elif type_ == "datetime" and len(value) > 10:
            datetime.strptime(value, "%Y-%m-%d %H:%M:%S")  # only to see whether it is one
        elif re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            date.fromisoformat(value)
        else:
            return problem
    except (ValueError, OverflowError):
        return problem
    return ""


def _called(type_: str) -> str:
    return {"boolean": "a yes or no", "binary": "a file", "image": "a picture"}.get(
        type_, f"a field of type {type_}"
    )
