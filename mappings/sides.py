"""Lines of a record (one2many) that Odoo has changed since the consumer saw them. Pure.

Whoever changes one line of an order sends the others along as they were. What was only sent along stays as Odoo has it by
now, and a line that Odoo has removed is not created again. Where both sides changed the same value of a line, or one side
changed what the other removed, the rule of the relation's line decides.
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
"""Whose value counts where both sides changed a line: by the line's mapping, what Odoo has of the line (None where it is
gone), and the field (empty where the line is gone). Answers ODOO, HUB or ASK."""

LeadsTo = Callable[[str, Any], list[int] | None]
"""The records of Odoo that a relation inside a line means, by its field and its value; None where that is not known."""


def hub_wins(_spec: MappingSpec, _row: Values | None, _field: str) -> str:
    return HUB


def ids(value: Any) -> list[int]:
    """The ids in a many2one's value, or in a list's."""
    return sorted(value) if isinstance(value, list) else [] if value is None else [value]


@dataclass(frozen=True)
class Beside:
    """A line as it is to be written.

    `child` is None where it stays removed. `yields`: something that was sent gives way to what Odoo has. `problem`: a
    person has to decide. `seen`: what the consumer saw of the lines inside it.
    """

    child: Structure | None
    yields: bool = False
    problem: LineError | None = None
    seen: Values = field(default_factory=dict)


@dataclass(frozen=True)
class Lines:
    """The lines of one record, as each side has them."""

    spec: MappingSpec
    sent: Sequence[Structure]
    rows: Sequence[Values | None]
    """What Odoo has of each line that was sent; None where it has none."""
    left: Sequence[Values]
    """What Odoo still has of the lines it had when the consumer saw them."""
    shown: Sequence[Structure]
    """The lines as the consumer saw them."""
    leads_to: LeadsTo

    def beside_odoo(self, rule: Rule) -> list[Beside]:
        """Each line that was sent, as it is to be written."""
        shown = dict(counted(self.shown))
        names = {one["$ref"] for one in self.shown}
        # A line that has another name by now is missing under its old one, and yet was not removed.
        renamed = not self.spec.named_by_odoo and any(
            row.get(self.spec.identifier.field.name) not in names for row in self.left
        )
        result = []
        for (key, child), row in zip(counted(self.sent), self.rows, strict=True):
            if key not in shown or (row is None and renamed):
                result.append(Beside(child))
            elif row is None or self.spec.is_archived(row):
                result.append(_removed(self.spec, child, shown[key]["$values"], rule(self.spec, row, "")))
            else:
                line = _Line(self.spec, child, row, shown[key]["$values"], self.leads_to)
                result.append(line.beside_odoo(rule))
        return result

    def undecided(self, rule: Rule) -> dict[str, list[Structure]]:
        """What is kept until a person has decided about lines that both sides changed.

        `odoo`: the lines to write if Odoo's values count. `seen`: what these lines are compared with then, whoever's values
        count: the lines as the consumer saw them, with Odoo's values where both sides changed them. If Odoo has yet other
        values by then, that is a new question.
        """

        def odoo_wins(spec: MappingSpec, row: Values | None, name: str) -> str:
            return HUB if rule(spec, row, name) == HUB else ODOO

        seen, odoo = dict(counted(self.shown)), []
        beside = self.beside_odoo(odoo_wins)
        for (key, child), row, one in zip(counted(self.sent), self.rows, beside, strict=True):
            if not one.yields:
                odoo.append(child)
            elif row is None or one.child is None:
                del seen[key]
            else:
                was = seen[key]["$values"]
                both = _Line(self.spec, child, row, was, self.leads_to).both_changed()
                there = {name: row[name] for name in both if odoo_wins(self.spec, row, name) == ODOO}
                seen[key] = {**seen[key], "$values": {**was, **there}}
                odoo.append({**child, "$values": {**child["$values"], **there}})
        return {"seen": list(seen.values()), "odoo": odoo}


def _removed(spec: MappingSpec, child: Structure, was: Values, winner: str) -> Beside:
    """A line that Odoo has removed, or archived."""
    changed = [
        name
        for name, value in child["$values"].items()
        if name in was and not says_the_same(value, was[name])
    ]
    if not changed or winner == ODOO:
        return Beside(None, yields=bool(changed))
    if winner == ASK:
        return Beside(child, problem=_question(spec, changed[0], "it was removed in Odoo"))
    return Beside(child)


@dataclass(frozen=True)
class _Line:
    """A line that Odoo has: `child` as it was sent, `row` as Odoo has it, `was` as the consumer saw it."""

    spec: MappingSpec
    child: Structure
    row: Values
    was: Values
    leads_to: LeadsTo

    def beside_odoo(self, rule: Rule) -> Beside:
        winners = {name: rule(self.spec, self.row, name) for name in self.both_changed()}
        for name, winner in winners.items():
            if winner == ASK:
                return Beside(self.child, problem=_question(self.spec, name, self._as_odoo_has(name)))
        values, seen = dict(self.child["$values"]), dict[str, Any]()
        for name in self._compared():
            same = says_the_same(values[name], self.was[name])
            if self._is_one2many(name):
                if same:
                    del values[name]
                elif is_structure(self.was[name]):
                    seen[seen_lines(name)] = self.was[name].get("$children", [])
            elif same or winners.get(name) == ODOO:
                values[name] = self.row[name]
        return Beside({**self.child, "$values": values}, yields=ODOO in winners.values(), seen=seen)

    def both_changed(self) -> list[str]:
        """Fields that the consumer changed, and of which Odoo has yet another value."""
        values = self.child["$values"]
        return [
            name
            for name in self._compared()
            if not self._is_one2many(name)
            and not says_the_same(values[name], self.was[name])
            and self._odoo_differs(name)
        ]

    def _odoo_differs(self, name: str) -> bool:
        """Whether Odoo has neither what was shown nor what was sent."""
        sent, was, there = self.child["$values"][name], self.was[name], self.row[name]
        line = self.spec.line_of(name)
        if line is None or line.nested is None:
            return not is_structure(sent) and not any(
                one == there or self.spec.shows_the_same(name, one, there) for one in (sent, was)
            )
        if is_partial(sent):
            return False
        before = self.leads_to(name, was)
        return before is not None and ids(there) not in (before, self.leads_to(name, sent))

    def _compared(self) -> list[str]:
        """Fields that all three have a value of, and that are no constants of the mapping."""
        return [
            name
            for name in self.child["$values"]
            if name in self.was
            and name in self.row
            and (line := self.spec.line_of(name)) is not None
            and line.constant is None
        ]

    def _is_one2many(self, name: str) -> bool:
        return self.spec.by_field[name].type.name == "one2many"

    def _as_odoo_has(self, name: str) -> str:
        line, there = self.spec.line_of(name), self.row[name]
        if line is not None and line.nested is not None:
            return f"it leads to {'another record' if there else 'none'} in Odoo by now"
        return f"it is {line.present(there) if line else there} in Odoo by now"


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
