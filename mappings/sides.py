"""Lines of a record (one2many) that Odoo has changed since the consumer saw them. Pure.

Who changes one line of an order sends the others along as they were. What was only sent along is Odoo's: what it has there
by now stays, and a line that it has removed is not made anew. Where both changed the same value of a line, or one changed
what the other removed, the rule of the relation's line decides.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mappings.convert import Values
from mappings.line_error import LineError
from mappings.payload import says_the_same
from mappings.relations import Structure, counted, is_partial, is_structure, seen_lines
from mappings.spec import LineSpec, MappingSpec

_DECIDE = "Decide in the conflict inbox whose value counts."
_AGAIN = "“Send again” writes what was sent, “Discard” leaves what Odoo has."
ODOO, HUB, ASK = "odoo", "hub", "ask"
Rule = Callable[[MappingSpec, Values | None, str], str]
"""Whose value counts where both sides changed one of a line: by the line's mapping, what Odoo has of it (None where it is gone), and
the field (empty where it is gone)."""


LeadsTo = Callable[[str, Any], list[int] | None]
"""Which records of Odoo a relation inside a line means, by its field and its value; None where that is not known."""


def hub_wins(_spec: MappingSpec, _row: Values | None, _field: str) -> str:
    return HUB


def ids(value: Any) -> list[int]:
    """What a relation of Odoo's has: of a many2one, or a list."""
    return sorted(value) if isinstance(value, list) else [] if value is None else [value]


@dataclass(frozen=True)
class Beside:
    """A line as it is to be written: None where it stays removed. `yields`: what was sent of it gives way to what Odoo has;
    `problem`: a person has to decide; `seen`: what the consumer saw of lines inside it."""

    child: Structure | None
    yields: bool = False
    problem: LineError | None = None
    seen: Values = field(default_factory=dict)


def beside_odoo(
    spec: MappingSpec,
    children: Sequence[Structure],
    rows: Sequence[Values | None],
    left: Sequence[Values],
    shown: Sequence[Structure],
    rule: Rule,
    leads_to: LeadsTo,
) -> list[Beside]:
    """For each line. `rows` are what Odoo has of them, `left` what it has still of what it had then, `shown` the lines as the
    consumer saw them."""
    known = dict(counted(shown))
    names = {one["$ref"] for one in shown}
    # A line that is called otherwise by now is not there under its name, and yet not removed.
    renamed = not spec.named_by_odoo and any(row.get(spec.identifier.field.name) not in names for row in left)
    result = []
    for (key, child), row in zip(counted(children), rows, strict=True):
        if key not in known or (row is None and renamed):
            result.append(Beside(child))
        elif row is None or spec.is_archived(row):
            result.append(_removed(spec, child, known[key]["$values"], rule(spec, row, "")))
        else:
            result.append(_changed(spec, child, row, known[key]["$values"], rule, leads_to))
    return result


def undecided(
    spec: MappingSpec,
    children: Sequence[Structure],
    rows: Sequence[Values | None],
    left: Sequence[Values],
    shown: Sequence[Structure],
    rule: Rule,
    leads_to: LeadsTo,
) -> dict[str, list[Structure]]:
    """What is kept for a person's word on lines that both sides changed, where the rule is to ask. `odoo`: the lines to be
    written where Odoo's counts. `seen`: what they are compared with then, whosever counts: the lines as the consumer saw them,
    but for what both changed, of which it is what Odoo has. If Odoo has something else once more by then, that is another
    question."""

    def odoo_wins(spec: MappingSpec, row: Values | None, name: str) -> str:
        return HUB if rule(spec, row, name) == HUB else ODOO

    seen, odoo = dict(counted(shown)), []
    beside = beside_odoo(spec, children, rows, left, shown, odoo_wins, leads_to)
    for (key, child), row, one in zip(counted(children), rows, beside, strict=True):
        if not one.yields:
            odoo.append(child)
        elif row is None or one.child is None:
            del seen[key]
        else:
            was = seen[key]["$values"]
            both = _both_changed(spec, child, row, was, leads_to)
            there = {name: row[name] for name in both if odoo_wins(spec, row, name) == ODOO}
            seen[key] = {**seen[key], "$values": {**was, **there}}
            odoo.append({**child, "$values": {**child["$values"], **there}})
    return {"seen": list(seen.values()), "odoo": odoo}


def _removed(spec: MappingSpec, child: Structure, was: Values, rule: str) -> Beside:
    changed = [
        name
        for name, value in child["$values"].items()
        if name in was and not says_the_same(value, was[name])
    ]
    if not changed or rule == ODOO:
        return Beside(None, yields=bool(changed))
    if rule == ASK:
        return Beside(child, problem=_question(spec, changed[0], "it was removed in Odoo"))
    return Beside(child)


def _changed(
    spec: MappingSpec, child: Structure, row: Values, was: Values, rule: Rule, leads_to: LeadsTo
) -> Beside:
    winners = {name: rule(spec, row, name) for name in _both_changed(spec, child, row, was, leads_to)}
    for name, winner in winners.items():
        if winner == ASK:
            line = spec.line_of(name)
            if line is not None and line.nested is not None:
                said = f"it leads to {'another record' if row[name] else 'none'} in Odoo by now"
            else:
                said = f"it is {line.present(row[name]) if line else row[name]} in Odoo by now"
            return Beside(child, problem=_question(spec, name, said))
    values, seen = dict(child["$values"]), dict[str, Any]()
    for name in _compared(spec, child, row, was):
        same = says_the_same(values[name], was[name])
        if spec.by_field[name].type.name == "one2many":
            if same:
                del values[name]
            elif is_structure(was[name]):
                seen[seen_lines(name)] = was[name].get("$children", [])
        elif same or winners.get(name) == ODOO:
            values[name] = row[name]
    return Beside({**child, "$values": values}, yields=ODOO in winners.values(), seen=seen)


def _both_changed(
    spec: MappingSpec, child: Structure, row: Values, was: Values, leads_to: LeadsTo
) -> list[str]:
    values = child["$values"]

    def in_odoo(name: str) -> bool:
        """Has Odoo something else than either?"""
        line = spec.line_of(name)
        if line is None or line.nested is None:
            return not is_structure(values[name]) and not _alike(
                spec, name, row[name], values[name], was[name]
            )
        before = leads_to(name, was[name])
        return (
            not is_partial(values[name])
            and before is not None
            and ids(row[name])
            not in (
                before,
                leads_to(name, values[name]),
            )
        )

    return [
        name
        for name in _compared(spec, child, row, was)
        if spec.by_field[name].type.name != "one2many"
        and not says_the_same(values[name], was[name])
        and in_odoo(name)
    ]


def _compared(spec: MappingSpec, child: Structure, row: Values, was: Values) -> list[str]:
    return [
        name
        for name in child["$values"]
        if name in was and name in row and (line := spec.line_of(name)) is not None and line.constant is None
    ]


def _alike(spec: MappingSpec, name: str, there: Any, *others: Any) -> bool:
    return any(one == there or spec.shows_the_same(name, one, there) for one in others)


def _question(spec: MappingSpec, name: str, said: str) -> LineError:
    line: LineSpec | None = spec.line_of(name)
    key = line.key if line else name
    return LineError(
        f"“{key}”: Odoo and a consumer changed the same line: {said}. {_DECIDE}",
        code="ODOO",
        key=key,
        line=line,
    )


def by_hand(problem: LineError) -> LineError:
    """A problem of lines inside lines, which the conflict inbox does not know."""
    text = problem.text.replace(_DECIDE, _AGAIN)
    return LineError(text, code=problem.code, key=problem.key, line=problem.line, index=problem.index)
