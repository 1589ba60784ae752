"""one2many: the lines of a record, matched with those that it has."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mappings.children import added_since, existing, matched
from mappings.convert import Values
from mappings.relations import Structure, names_of_children, seen_lines
from mappings.renumbered import called_as_now, renumbered
from mappings.resolve.item import Announce, Item, Resolve
from mappings.resolve.leading import leading
from mappings.resolve.own import complete
from mappings.sides import LeadsTo, Lines, by_hand, hub_wins
from mappings.spec import LineSpec, MappingSpec
from synchub.odoo import OdooClient


@dataclass
class _Family:
    """The lines of one record: as they were sent, as Odoo has them, and by their places those that are to be written."""

    item: Item
    sent: Sequence[Structure]
    rows: Sequence[Values]
    children: dict[int, Item] = field(default_factory=dict)

    def gone(self, spec: MappingSpec) -> list[int]:
        """Those of Odoo that were not sent. Nobody who sent the others has seen an archived one: it stays."""
        kept = {child.odoo_id for child in self.children.values()}
        return [row["id"] for row in self.rows if row["id"] not in kept and not spec.is_archived(row)]


def resolve_children(
    model: str,
    line: LineSpec,
    spec: MappingSpec,
    items: Sequence[Item],
    client: OdooClient,
    announce: Announce,
    deeper: Resolve,
) -> None:
    name = line.field.name
    parents = {item.odoo_id for item in items if item.odoo_id is not None}
    there = existing(model, line, spec, parents, client)
    for item in items:
        _call_as_now(name, spec, item, there.get(item.odoo_id or 0, []))
    families = [
        _Family(item, item.written[name]["$children"], there.get(item.odoo_id, []) if item.odoo_id else [])
        for item in items
    ]
    shown = [(one.sent, one.item.seen.get(seen_lines(name)) or []) for one in families]
    leads_to = leading(spec, shown, client)
    known = matched(spec, [(one.sent, one.rows) for one in families], client)
    for family, found in zip(families, known, strict=True):
        family.children = _children(line, spec, family, found, leads_to)
    deeper(spec, [child for one in families for child in one.children.values()], client, announce)
    gone = [one.gone(spec) for one in families]
    seen = [
        (_seen_ids(spec, one.item, name, one.rows, client), one.item.own, ids)
        for one, ids in zip(families, gone, strict=True)
    ]
    # One that somebody has added since was not seen by who sent the others either: it stays as well.
    added = added_since(spec, seen, client)
    for family, ids in zip(families, gone, strict=True):
        family.item.others[name] = added & set(ids)
        _write(line, spec, family, [one for one in ids if one not in added])


def _write(line: LineSpec, spec: MappingSpec, family: _Family, removed: Sequence[int]) -> None:
    """Have the record write its lines, as x2many commands."""
    name, item = line.field.name, family.item
    commands: list[Any] = [[2, one, 0] for one in removed]
    for place, child in family.children.items():
        if child.problem is not None:
            item.problem = item.problem or by_hand(child.problem).inside(f"{line.key}[{place}].")
        if child.yielded:
            item.yielded.add(name)
        wire = child.wire(spec)
        if child.odoo_id is None:
            commands.append([0, 0, wire | ({"id": child.external_id} if child.external_id else {})])
        elif wire:
            commands.append([1, child.odoo_id, wire])
    if commands:
        item.commands[name] = commands
    new = [child for child in family.children.values() if child.odoo_id is None]
    if new:
        (item.lines if item.odoo_id is None else item.added)[name] = new
    item.children += [(spec, child) for child in family.children.values() if child.is_translated]


def _call_as_now(name: str, spec: MappingSpec, item: Item, rows: Sequence[Values]) -> None:
    """Lines that have got another identifier in Odoo since they were shown are written, and compared, under that one."""
    shown = item.seen.get(seen_lines(name))
    if not rows or not shown:
        return
    sent = item.written[name]["$children"]
    names = renumbered(spec, sent, shown, item.seen.get(name) or [], rows)
    if names:
        children = called_as_now(spec, sent, names)
        item.written = {**item.written, name: {**item.written[name], "$children": children}}
        item.seen = {**item.seen, seen_lines(name): called_as_now(spec, shown, names)}


def _children(
    line: LineSpec,
    spec: MappingSpec,
    family: _Family,
    found: Sequence[Values | None],
    leads_to: LeadsTo,
) -> dict[int, Item]:
    """The lines that are to be written, by their places; what Odoo has changed of them since stays."""
    item, children, rows = family.item, family.sent, family.rows
    name = line.field.name
    shown = item.seen.get(seen_lines(name))
    if not shown:
        return {place: _child(spec, *one) for place, one in enumerate(zip(children, found, strict=True))}
    ids = item.seen.get(name) or []
    left = [row for row in rows if row["id"] in ids and not spec.is_archived(row)]
    rule = item.rules.get(name, hub_wins)
    lines = Lines(spec, children, found, left, shown, leads_to)
    beside = lines.beside_odoo(rule)
    if any(one.yields for one in beside):
        item.yielded.add(name)
    if item.problem is None and any(one.problem is not None for one in beside):
        item.asked[name] = lines.undecided(rule)
    inside = [one.field.name for one in spec.written_relations]
    result = {}
    for place, (one, row) in enumerate(zip(beside, found, strict=True)):
        if one.problem is not None:
            item.problem = item.problem or one.problem.inside(f"{line.key}[{place}].")
        elif one.child is not None:
            result[place] = _child(spec, one.child, row)
            result[place].seen = one.seen
            result[place].own = set(names_of_children(one.child["$values"]))
            result[place].rules = dict.fromkeys(inside, rule)
    return result


def _seen_ids(spec: MappingSpec, item: Item, name: str, rows: Sequence[Values], client: OdooClient) -> Any:
    """Which lines Odoo had when these were written. Of lines inside lines only how they were shown is known, where it is."""
    shown = item.seen.get(seen_lines(name))
    if name in item.seen or shown is None:
        return item.seen.get(name)
    [found] = matched(spec, [(shown, rows)], client)
    return [row["id"] for row in found if row is not None]


def _child(spec: MappingSpec, child: Structure, row: Values | None) -> Item:
    written = dict(child["$values"])
    if spec.identifier.to_odoo:
        written[spec.identifier.field.name] = child["$ref"]
    if row is not None:
        there = Item(row["id"], written, base=row)
        if spec.is_archived(row) and spec.archive not in written:
            there.commands[spec.archive] = True  # who writes a line wants it to be seen
        return there
    item = Item(None, written, external_id=child.get("$external_id", ""))
    complete(spec, item)
    return item
