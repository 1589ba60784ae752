"""One record on its way to Odoo."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mappings.convert import Values, to_wire
from mappings.line_error import LineError
from mappings.sides import Rule
from mappings.spec import MappingSpec
from synchub.odoo import OdooClient


@dataclass
class Item:
    """One record to be written, before and after `resolve`.

    What Odoo has already is not sent, except what Odoo would otherwise work out anew: the price of an order's line, say,
    when the quantity changes.
    """

    odoo_id: int | None
    written: Values
    base: Values | None = None
    """What Odoo has of it; None for a new record."""
    external_id: str = ""
    seen: Values = field(default_factory=dict)
    """What Odoo had of it when the consumer wrote."""
    own: Collection[str] = ()
    """External ids of the lines that these writes may have added. A line that is neither among them nor in `seen` was
    added by somebody else since then, and stays."""
    rules: Mapping[str, Rule] = field(default_factory=dict)
    """By one2many field, what becomes of lines that both sides changed."""

    # Filled in by `resolve`.
    others: dict[str, set[int]] = field(default_factory=dict)
    """By one2many field, the lines that somebody else added since then."""
    yielded: set[str] = field(default_factory=set)
    """Fields in which a value of Odoo's stayed."""
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Fields that a person has to decide about: see `sides.Lines.undecided`."""
    values: Values = field(default_factory=dict)
    """Canonical values, relations as ids."""
    commands: dict[str, Any] = field(default_factory=dict)
    """What can only be said in wire values: x2many commands."""
    translations: dict[str, Values] = field(default_factory=dict)
    """Values in other languages. Each language takes a write of its own, once the record is there."""
    children: "list[tuple[MappingSpec, Item]]" = field(default_factory=list)
    """Items inside this one that have translations."""
    lines: "dict[str, list[Item]]" = field(default_factory=dict)
    """A new record's lines, by one2many field."""
    added: "dict[str, list[Item]]" = field(default_factory=dict)
    """New lines of a record that Odoo has, by one2many field."""
    problem: LineError | None = None
    """Why it cannot be written."""

    def inside(self) -> "Iterator[tuple[MappingSpec, Item]]":
        """The items with translations, at all depths."""
        for spec, child in self.children:
            yield spec, child
            yield from child.inside()

    @property
    def is_translated(self) -> bool:
        """Whether anything in it has to be written in another language."""
        return bool(self.translations or self.children)

    def parted(self, fields: Sequence[str]) -> "tuple[Item, Item]":
        """As two items: what changes and removes lines in these one2many fields, with all else; and the lines that are new."""
        commands, new = dict(self.commands), Item(self.odoo_id, {})
        for name in fields:
            several = commands.pop(name)
            new.commands[name] = [command for command in several if command[0] == 0]
            if left := [command for command in several if command[0] != 0]:
                commands[name] = left
            new.added[name] = self.added[name]
        added = {name: lines for name, lines in self.added.items() if name not in new.added}
        return replace(self, commands=commands, added=added), new

    def wire(self, spec: MappingSpec) -> Values:
        return to_wire(spec, self.values) | self.commands


Announce = Callable[[MappingSpec, Collection[Any]], None]
"""Is told what a relation is about to create, by its identifiers, before Odoo is; may raise."""

Resolve = Callable[[MappingSpec, Sequence[Item], OdooClient, Announce], None]
"""What relations call for the records inside them: `resolve` itself."""


def to_nobody(_spec: MappingSpec, _names: Collection[Any]) -> None:
    """Nobody else creates the same."""
