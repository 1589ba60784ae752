"""Relations on their way to Odoo: from structures to ids and x2many commands, for a whole batch at once.

For each relation of a mapping, whatever the number of records: one look-up of the records that are named, one `load` of
those that are to be created, one reading of the children there are. Deeper levels likewise.

item        one record on its way
own         which of its own values are sent
references  many2one and many2many
missing     what these create
lines       one2many
"""

from collections.abc import Sequence

from mappings import languages
from mappings.commands import made_by_commands, not_carried_out
from mappings.convert import differing
from mappings.relations import is_structure, plain_values, seen_lines
from mappings.resolve.item import Announce, Item, to_nobody
from mappings.resolve.lines import resolve_children
from mappings.resolve.own import check_html, said_again, set_apart, to_be_written
from mappings.resolve.references import problem_of, resolve_references
from mappings.spec import MappingSpec
from synchub.odoo import OdooClient

__all__ = [
    "Announce",
    "Item",
    "problem_of",
    "resolve",
    "translated_children",
]


def resolve(
    spec: MappingSpec, items: Sequence[Item], client: OdooClient, announce: Announce = to_nobody
) -> None:
    """Raises OdooError where Odoo cannot be asked; what is wrong with one item is its `problem`."""
    for item in items:
        item.written = to_be_written(spec, item)
        plain = plain_values(item.written)
        changed = differing(plain, item.base)
        if item.odoo_id is not None:
            check_html(spec, item, plain)
        item.values = dict(changed)
        set_apart(spec, item, changed | languages.together(spec, plain, changed))
    _scripted(spec, items, client)
    for line in spec.written_relations:
        written = ((item, item.written.get(line.field.name) or {}) for item in items)
        # What a script has given when the line was one is carried out as it stands.
        concerned = [item for item, value in written if is_structure(value) and "$commands" not in value]
        if concerned and line.nested is not None:
            if line.field.type.name == "one2many":
                resolve_children(spec.model, line, line.nested, concerned, client, announce, resolve)
            else:
                resolve_references(line, line.nested, concerned, client, announce, resolve)
    for item in items:
        if item.base is not None:
            item.values |= said_again(spec, item, item.base)


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
