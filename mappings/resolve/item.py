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
    """One record to be written. `base` is what Odoo has of it; None for one that is new.

    Of what Odoo has already nothing is sent, but for what it would work out anew: when the quantity of an order's line changes,
    the price, unless that comes along.

    `seen` is what Odoo had of it when the consumer wrote, `own` the external ids of the lines that these writes may have added:
    a line that is neither was added by others since, and stays. These are noted in `others`, by field. `rules` says, by field,
    what becomes of lines that both sides changed; fields in which Odoo's value stayed are noted in `yielded`, those that a person has
    to decide about in `asked` (see `sides.undecided`).

    After `resolve`: `values` are canonical, relations as ids; `commands` are what can only be said as wire
    values: x2many commands; `translations` are the values in other languages, each of which takes a write of its own
    when the record is there, and `children` the items inside that have such; `lines` are a new record's own, by one2many
    field, `added` the new ones of a record that Odoo has; or `problem` says why it cannot be written.
    """

    odoo_id: int | None
    written: Values
    base: Values | None = None
    external_id: str = ""
    seen: Values = field(default_factory=dict)
    own: Collection[str] = ()
    rules: Mapping[str, Rule] = field(default_factory=dict)
    others: dict[str, set[int]] = field(default_factory=dict)
    yielded: set[str] = field(default_factory=set)
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)
    values: Values = field(default_factory=dict)
    commands: dict[str, Any] = field(default_factory=dict)
    translations: dict[str, Values] = field(default_factory=dict)
    children: "list[tuple[MappingSpec, Item]]" = field(default_factory=list)
    lines: "dict[str, list[Item]]" = field(default_factory=dict)
    added: "dict[str, list[Item]]" = field(default_factory=dict)
    problem: LineError | None = None

    def inside(self) -> "Iterator[tuple[MappingSpec, Item]]":
        """At all depths, the items with values in other languages."""
        for spec, child in self.children:
            yield spec, child
            yield from child.inside()

    @property
    def is_translated(self) -> bool:
        """Is anything to be written in other languages, of this one or inside it?"""
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
