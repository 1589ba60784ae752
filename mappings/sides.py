"""Lines of a record (one2many) that Odoo has changed since the consumer saw them. Pure.

Who changes one line of an order sends the others along as they were. What was only sent along is Odoo's: what it has there
by now stays, and a line that it has removed is not made anew. Where both changed the same value of a line, or one changed
what the other removed, the rule of the relation's line decides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mappings.children import is_archived
from mappings.convert import Values
from mappings.line_error import LineError
from mappings.payload import parse_value, says_the_same
from mappings.relations import Structure, counted, is_structure, seen_lines
from mappings.spec import LineSpec, MappingSpec

ODOO, HUB, ASK = "odoo", "hub", "ask"
Rule = Callable[[MappingSpec, Values | None, str], str]
"""Whose value counts where both sides changed one of a line: by the line's mapping, what Odoo has of it (None where it is gone), and
the field (empty where it is gone)."""


def hub_wins(_spec: MappingSpec, _row: Values | None, _field: str) -> str:
    return HUB


def shown_lines(spec: MappingSpec, written: Mapping[str, Any], shown: Mapping[str, Any]) -> Values:
    """What a record shows of the lines that a write is about, to be kept beside what Odoo had of its fields."""
    result: Values = {}
    for line in spec.written_relations:
        structure: Any = written.get(line.field.name)
        if not line.from_odoo or not is_structure(structure) or "$children" not in structure:
            continue
        try:
            there = parse_value(line, shown.get(line.key), line.key)
        except LineError:
            continue  # what is shown has lines that nobody outside could name
        if there and there["$children"]:
            result[seen_lines(line.field.name)] = there["$children"]
    return result


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
) -> list[Beside]:
    """For each line. `rows` are what Odoo has of them, `left` those that none of them is, `shown` the lines as the consumer saw
    them."""
    known = dict(counted(shown))
    names = {one["$ref"] for one in shown}
    # A line that is called otherwise by now is not there under its name, and yet not removed.
    renamed = not spec.named_by_odoo and any(row.get(spec.identifier.field.name) not in names for row in left)
    result = []
    for (key, child), row in zip(counted(children), rows, strict=True):
        if key not in known or (row is None and renamed):
            result.append(Beside(child))
        elif row is None or is_archived(row):
            result.append(_removed(spec, child, known[key]["$values"], rule(spec, row, "")))
        else:
            result.append(_changed(spec, child, row, known[key]["$values"], rule))
    return result


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


def _changed(spec: MappingSpec, child: Structure, row: Values, was: Values, rule: Rule) -> Beside:
    values, yields, seen = dict(child["$values"]), False, dict[str, Any]()
    for name, value in child["$values"].items():
        line = spec.line_of(name)
        if name not in was or name not in row or line is None or line.constant is not None:
            continue
        if line.field.type.name == "one2many":
            if says_the_same(value, was[name]):
                del values[name]
            elif is_structure(was[name]):
                seen[seen_lines(name)] = was[name].get("$children", [])
        elif says_the_same(value, was[name]):
            values[name] = row[name]
        elif not is_structure(value) and not _alike(spec, name, row[name], value, was[name]):
            winner = rule(spec, row, name)
            if winner == ASK:
                said = f"it is {line.present(row[name])} in Odoo by now"
                return Beside(child, problem=_question(spec, name, said))
            if winner == ODOO:
                values[name], yields = row[name], True
    return Beside({**child, "$values": values}, yields, seen=seen)


def _alike(spec: MappingSpec, name: str, there: Any, *others: Any) -> bool:
    return any(one == there or spec.shows_the_same(name, one, there) for one in others)


def _question(spec: MappingSpec, name: str, said: str) -> LineError:
    line: LineSpec | None = spec.line_of(name)
    key = line.key if line else name
    return LineError(
        f"“{key}”: Odoo and a consumer changed the same line: {said}. “Send again” writes what was sent, “Discard” leaves what "
        "Odoo has.",
        code="ODOO",
        key=key,
        line=line,
    )
