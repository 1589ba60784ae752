"""Records that a relation names and Odoo does not have: created, with their texts in all languages."""

from collections.abc import Sequence
from typing import Any

from mappings import languages
from mappings.convert import Values
from mappings.creating import create_each, write_translations
from mappings.relations import Structure
from mappings.resolve.item import Announce, Item, Resolve
from mappings.resolve.own import complete
from mappings.spec import MappingSpec
from synchub.odoo import OdooClient


def create_missing(
    spec: MappingSpec, refs: Sequence[Structure], client: OdooClient, announce: Announce, deeper: Resolve
) -> tuple[dict[Any, list[int]], dict[Any, str]]:
    """Ids of what was created, by identifier, and why others were not."""
    items: dict[Any, Item] = {}
    for ref in refs:
        written = {**ref["$values"], spec.identifier.field.name: ref["$ref"]}
        known = items.setdefault(ref["$ref"], Item(None, {}))
        known.written = {**written, **known.written}  # as where the second is sent when it is there already
    for item in items.values():
        complete(spec, item)
    deeper(spec, list(items.values()), client, announce)
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


def translate_found(
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
