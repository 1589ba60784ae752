"""Relations on their way to Odoo: from structures to ids and x2many commands, for a whole batch at once.

For each relation of a mapping, whatever the number of records: one look-up of the records that are named, one `load` of
those that are to be created, one reading of the children there are. Deeper levels likewise.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mappings import languages
from mappings.children import added_since, existing, is_archived, matched
from mappings.commands import made_by_commands, not_carried_out
from mappings.convert import Values, differing, to_wire
from mappings.creating import create_each, write_translations
from mappings.html import check_emptied
from mappings.line_error import LineError
from mappings.lookups import find_ids, ids_of, to_look_up
from mappings.payload import completed
from mappings.relations import Structure, is_partial, is_structure, plain_values, seen_lines
from mappings.sides import HUB, beside_odoo
from mappings.spec import LineSpec, MappingSpec
from synchub.odoo import OdooClient


@dataclass
class Item:
    """One record to be written. `base` is what Odoo has of it; None for one that is new.

    Of what Odoo has already nothing is sent; `whole` sends all or nothing: when the quantity of an order's line
    changes, Odoo computes its price anew unless the price comes along.

    `seen` is what Odoo had of it when the consumer wrote, `own` the external ids of the lines that these writes may have added:
    a line that is neither was added by others since, and stays. These are noted in `others`, by field. `rules` says, by field,
    what becomes of lines that both sides changed; fields in which Odoo's value stayed are noted in `yielded`.

    After `resolve`: `values` are canonical, relations as ids; `commands` are what can only be said as wire
    values: x2many commands; `translations` are the values in other languages, each of which takes a write of its own
    when the record is there, and `children` the items inside that have such; `lines` are a new record's own, by one2many
    field, `added` the new ones of a record that Odoo has; or `problem` says why it cannot be written.
    """

    odoo_id: int | None
    written: Values
    base: Values | None = None
    external_id: str = ""
    whole: bool = False
    seen: Values = field(default_factory=dict)
    own: Collection[str] = ()
    rules: Mapping[str, str] = field(default_factory=dict)
    others: dict[str, set[int]] = field(default_factory=dict)
    yielded: set[str] = field(default_factory=set)
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


def _to_nobody(_spec: MappingSpec, _names: Collection[Any]) -> None:
    """Nobody else creates the same."""


def resolve(
    spec: MappingSpec, items: Sequence[Item], client: OdooClient, announce: Announce = _to_nobody
) -> None:
    """Raises OdooError where Odoo cannot be asked; what is wrong with one item is its `problem`."""
    for item in items:
        item.written = _to_be_written(spec, item)
        plain = plain_values(item.written)
        changed = differing(plain, item.base)
        if item.odoo_id is not None:
            _check_html(spec, item, plain)
        item.values = plain if item.whole else dict(changed)
        _set_apart(spec, item, changed | languages.together(spec, plain, changed))
    _scripted(spec, items, client)
    for line in spec.written_relations:
        written = ((item, item.written.get(line.field.name) or {}) for item in items)
        # What a script has given when the line was one is carried out as it stands.
        concerned = [item for item, value in written if is_structure(value) and "$commands" not in value]
        if concerned and line.nested is not None:
            if line.field.type.name == "one2many":
                _children(spec.model, line, line.nested, concerned, client, announce)
            else:
                _references(line, line.nested, concerned, client, announce)
    for item in items:
        if item.whole and not item.commands and not differing(item.values, item.base):
            item.values = {}
        if item.base is not None:
            item.values |= _said_again(spec, item, item.base)


def _said_again(spec: MappingSpec, item: Item, base: Values) -> Values:
    """What was sent and is so already, where Odoo would work it out anew from what else is written: another partner brings
    other payment terms along, unless these are given."""
    going = [*item.values, *item.commands]
    return {
        name: base[name]
        for name, value in item.written.items()
        if name not in going
        and name in base
        and not is_partial(value)
        and spec.worked_out_anew(name, going, item.written)
    }


def _check_html(spec: MappingSpec, item: Item, plain: Values) -> None:
    try:
        check_emptied(spec, plain, item.base or {})
    except LineError as error:
        item.problem = error


def _set_apart(spec: MappingSpec, item: Item, changed: Values) -> None:
    """What is in other languages is not part of the record's own values.

    Odoo cannot be given a new record in several languages at once: what has no value in the connection's begins with
    another's, as it does when a person writes it in that language.
    """
    item.translations = {}
    item.values = {name: value for name, value in item.values.items() if not spec.by_field[name].language}
    for language, fields in spec.languages.items():
        for field_ in fields:
            if field_.name not in changed:
                continue
            item.translations.setdefault(language, {})[field_.name] = changed[field_.name]
            given = {spec.by_field[name].odoo_name for name in item.values}
            if item.odoo_id is None and field_.odoo_name not in given:
                item.values[field_.name] = changed[field_.name]


def _to_be_written(spec: MappingSpec, item: Item) -> Values:
    """Of a record that Odoo has, without what its lines do not write over; what only looks different as Odoo has it."""
    if item.odoo_id is None:
        return item.written
    base = item.base or {}
    result: Values = {}
    for name, value in item.written.items():
        line = spec.line_of(name)
        limited = line is not None and line.write_when != "always"
        # Not known is not empty: nothing of Odoo's is to be lost.
        if limited and line and (name not in base or not line.writes_over(base[name])):
            continue
        exact = (
            line is not None
            and line.nested is None
            and name in base
            and spec.shows_the_same(name, value, base[name])
        )
        result[name] = base[name] if exact else value
    return result


# x2many by scripts --------------------------------------------------------------------------------------------


def _scripted(spec: MappingSpec, items: Sequence[Item], client: OdooClient) -> None:
    given: dict[str, list[Item]] = {}
    for item in items:
        for name, value in item.written.items():
            if is_structure(value) and "$commands" in value:
                given.setdefault(name, []).append(item)
    for name, concerned in given.items():
        commands = {item.odoo_id: item.written[name]["$commands"] for item in concerned if item.odoo_id}
        there = made_by_commands(spec, name, commands, client)
        for item in concerned:
            left = not_carried_out(item.written[name]["$commands"], there)
            if left:
                item.commands[name] = left


# many2one and many2many ---------------------------------------------------------------------------------------


def _references(
    line: LineSpec, spec: MappingSpec, items: Sequence[Item], client: OdooClient, announce: Announce
) -> None:
    name = line.field.name
    refs = [ref for item in items for ref in _refs(item.written[name])]
    found = find_ids(spec, to_look_up(refs), client)
    refused: dict[Any, str] = {}
    if line.on_missing == "create":
        needed = [ref for item in items for ref in _needed(item.written[name]) if "$id" not in ref]
        _translate_found(spec, [ref for ref in needed if ref["$ref"] in found], found, client)
        if missing := [ref for ref in needed if ref["$ref"] not in found]:
            announce(spec, {ref["$ref"] for ref in missing})
            made, refused = _create_missing(spec, missing, client, announce)
            found |= made
    for item in items:
        structure = item.written[name]
        try:
            if "$ref" in structure:
                _give(item, name, next(iter(_ids(line, item, [structure], found, refused)), None))
            elif "$set" in structure:
                _give(item, name, sorted(set(_ids(line, item, structure["$set"], found, refused))))
            else:
                _add_and_remove(line, item, structure, found, refused)
        except LineError as error:
            item.problem = item.problem or error


def _give(item: Item, name: str, value: Any) -> None:
    if item.whole or item.base is None or item.base.get(name) != value:
        item.values[name] = value


def _add_and_remove(
    line: LineSpec,
    item: Item,
    structure: Structure,
    found: dict[Any, list[int]],
    refused: dict[Any, str],
) -> None:
    there = set((item.base or {}).get(line.field.name) or [])
    added = [one for one in _ids(line, item, structure["$add"], found, refused) if one not in there]
    # What nobody has cannot be among the record's own, so that removing it is done already.
    removed = [one for ref in structure["$remove"] for one in ids_of(ref, found)]
    if item.base is None:
        item.values[line.field.name] = sorted(set(added))
        return
    commands = [[4, one, 0] for one in added] + [[3, one, 0] for one in removed if one in there]
    if commands:
        item.commands[line.field.name] = commands


def _refs(structure: Structure) -> list[Structure]:
    return [*_needed(structure), *structure.get("$remove", [])]


def _needed(structure: Structure) -> list[Structure]:
    """What has to be there: all but what is only removed."""
    if "$ref" in structure:
        return [structure]
    return [ref for name in ("$set", "$add") for ref in structure.get(name, [])]


def _ids(
    line: LineSpec,
    item: Item,
    refs: Sequence[Structure],
    found: dict[Any, list[int]],
    refused: dict[Any, str],
) -> list[int]:
    """Of several with the identifier, one that the record has already is meant: what was read may be sent back."""
    value = (item.base or {}).get(line.field.name)
    there = value if isinstance(value, list) else [value]
    result: list[int] = []
    for ref in refs:
        ids = ids_of(ref, found)
        kept = [one for one in there if one in ids and one not in result]
        ids = kept[:1] if len(ids) > 1 and kept else ids
        problem = problem_of(line, ref["$ref"], ids, refused.get(ref["$ref"], ""))
        if problem is not None:
            raise problem
        result += ids[:1]
    return result


def problem_of(line: LineSpec, ref: Any, ids: Sequence[int], refused: str = "") -> LineError | None:
    """What the line says of an identifier that so many records have. `refused`: why none could be created."""
    if not ids and line.on_missing != "empty":
        created = ", and it could not be created" if line.on_missing == "create" else ""
        return LineError(
            f"“{line.key}”: Odoo has no record with “{ref}” as its {_label(line)}{created}"
            f"{f': {refused}' if refused else '.'}",
            code="RELATION_NOT_FOUND",
            key=line.key,
            line=line,
        )
    if len(ids) > 1 and line.on_several == "error":
        return LineError(
            f"“{line.key}”: Odoo has {len(ids)} records with “{ref}” as their {_label(line)} "
            f"(ids {', '.join(map(str, ids[:5]))}).",
            code="RELATION_AMBIGUOUS",
            key=line.key,
            line=line,
        )
    return None


def _label(line: LineSpec) -> str:
    return line.nested.identifier.field.label if line.nested else line.field.label


def _create_missing(
    spec: MappingSpec, refs: Sequence[Structure], client: OdooClient, announce: Announce
) -> tuple[dict[Any, list[int]], dict[Any, str]]:
    """Ids of what was created, by identifier, and why others were not."""
    items: dict[Any, Item] = {}
    for ref in refs:
        written = {**ref["$values"], spec.identifier.field.name: ref["$ref"]}
        known = items.setdefault(ref["$ref"], Item(None, {}))
        known.written = {**written, **known.written}  # as where the second is sent when it is there already
    for item in items.values():
        _complete(spec, item)
    resolve(spec, list(items.values()), client, announce)
    created: dict[Any, list[int]] = {}
    refused = {ref: str(item.problem) for ref, item in items.items() if item.problem is not None}
    groups: dict[tuple[str, ...], dict[Any, Values]] = {}
    for ref, item in items.items():
        if item.commands:
            keys = ", ".join(line.key for line in spec.written_relations if line.field.name in item.commands)
            refused.setdefault(
                ref,
                f"what a relation creates has no lines of its own ({keys}). Create that record by itself first, or "
                "send it without them.",
            )
        elif item.problem is None:
            groups.setdefault(tuple(sorted(item.values)), {})[ref] = item.values
    for fields, rows in groups.items():
        made, not_made = create_each(spec, fields, rows, client)
        created |= {ref: [one] for ref, one in made.items()}
        refused |= not_made
    translated = [(ids[0], items[ref].translations) for ref, ids in created.items()]
    write_translations(spec, translated, client)
    return created, refused


def _translate_found(
    spec: MappingSpec, refs: Sequence[Structure], found: dict[Any, list[int]], client: OdooClient
) -> None:
    """Records that an earlier attempt created, and whose translations it did not get to, get them now.

    Who created a record cannot be told: what Odoo has no text for in that language is filled in, nothing else changes.
    """
    wanted: dict[int, Values] = {}
    for ref in refs:
        sent = {
            name: v
            for name, v in ref["$values"].items()
            if name in spec.by_field and spec.by_field[name].language
        }
        if sent and len(found[ref["$ref"]]) == 1:
            wanted.setdefault(found[ref["$ref"]][0], {}).update(sent)
    if not wanted:
        return
    own = {spec.by_field[name].odoo_name for values in wanted.values() for name in values}
    rows = client.read(spec.model, list(wanted), sorted(own))
    sent_names = {name for values in wanted.values() for name in values}
    missing: list[tuple[int, dict[str, Values]]] = []
    for row in languages.added(spec, rows, client, only=sent_names):
        translations: dict[str, Values] = {}
        for name, value in wanted[row["id"]].items():
            field_ = spec.by_field[name]
            there, base = (field_.type.from_wire(row[key]) for key in (name, field_.odoo_name))
            if there == base and value not in (there, None):
                translations.setdefault(field_.language, {})[name] = value
        missing.append((row["id"], translations))
    write_translations(spec, missing, client)


def _complete(spec: MappingSpec, item: Item) -> None:
    try:
        item.written = completed(spec, item.written)
    except LineError as error:
        item.problem = error


# one2many --------------------------------------------------------------------------------------------------------


def _children(
    model: str,
    line: LineSpec,
    spec: MappingSpec,
    items: Sequence[Item],
    client: OdooClient,
    announce: Announce,
) -> None:
    name = line.field.name
    parents = {item.odoo_id for item in items if item.odoo_id is not None}
    there = existing(model, line, spec, parents, client)
    families = [
        (item.written[name]["$children"], there.get(item.odoo_id, []) if item.odoo_id else [])
        for item in items
    ]
    made = [
        (item, rows, _family(line, spec, item, children, rows, found))
        for item, (children, rows), found in zip(
            items, families, matched(spec, families, client), strict=True
        )
    ]
    resolve(spec, [child for _, _, children in made for child in children.values()], client, announce)
    # Nobody who sent these lines has seen an archived one, or one that somebody has added since: it stays.
    left = [
        [row["id"] for row in rows if row["id"] not in kept and not is_archived(row)]
        for _, rows, children in made
        for kept in [{child.odoo_id for child in children.values()}]
    ]
    seen = [(item.seen.get(name), item.own, ids) for (item, _, _), ids in zip(made, left, strict=True)]
    added = added_since(spec, seen, client)
    for (item, _, children), ids in zip(made, left, strict=True):
        item.others[name] = added & set(ids)
        commands = [[2, one, 0] for one in ids if one not in added]
        for place, child in children.items():
            if child.problem is not None:
                item.problem = item.problem or child.problem.inside(f"{line.key}[{place}].")
            wire = child.wire(spec)
            if child.odoo_id is None:
                commands.append([0, 0, wire | ({"id": child.external_id} if child.external_id else {})])
            elif wire:
                commands.append([1, child.odoo_id, wire])
        if commands:
            item.commands[name] = commands
        new = [child for child in children.values() if child.odoo_id is None]
        if new:
            (item.lines if item.odoo_id is None else item.added)[name] = new
        item.children += [(spec, child) for child in children.values() if child.is_translated]


def translated_children(spec: MappingSpec, items: Sequence[Item], client: OdooClient) -> list[Item]:
    """The items again, now that Odoo has what was new inside them: with `children` that have ids.

    Raises OdooError.
    """
    inside = {line.field.name for line in spec.written_relations if line.field.type.name == "one2many"}
    again = [
        Item(
            item.odoo_id,
            {name: value for name, value in item.written.items() if name in inside},
            base={},
            seen={key: item.seen[key] for key in map(seen_lines, inside) if key in item.seen},
            rules=item.rules,
        )
        for item in items
    ]
    resolve(spec, again, client)
    return again


def _family(
    line: LineSpec,
    spec: MappingSpec,
    item: Item,
    children: Sequence[Structure],
    rows: Sequence[Values],
    found: Sequence[Values | None],
) -> dict[int, Item]:
    """The lines of one record that are to be written, by their places; what Odoo has changed of them since stays."""
    name = line.field.name
    shown = item.seen.get(seen_lines(name))
    if not shown:
        return {place: _child(spec, *one) for place, one in enumerate(zip(children, found, strict=True))}
    there, ids = {row["id"] for row in found if row is not None}, item.seen.get(name) or []
    left = [row for row in rows if row["id"] in ids and row["id"] not in there and not is_archived(row)]
    beside = beside_odoo(spec, children, found, left, shown, item.rules.get(name, HUB))
    if any(one.yields for one in beside):
        item.yielded.add(name)
    result = {}
    for place, (one, row) in enumerate(zip(beside, found, strict=True)):
        if one.problem is not None:
            item.problem = item.problem or one.problem.inside(f"{line.key}[{place}].")
        elif one.child is not None:
            result[place] = _child(spec, one.child, row)
    return result


def _child(spec: MappingSpec, child: Structure, row: Values | None) -> Item:
    written = dict(child["$values"])
    if spec.identifier.to_odoo:
        written[spec.identifier.field.name] = child["$ref"]
    if row is not None:
        there = Item(row["id"], written, base=row, whole=True)
        if is_archived(row) and "active" not in written:
            there.commands["active"] = True  # who writes a line wants it to be seen
        return there
    item = Item(None, written, external_id=child.get("$external_id", ""))
    _complete(spec, item)
    return item
