"""many2one and many2many: records that are named, and created where the line says so."""

from collections.abc import Sequence
from typing import Any

from mappings.line_error import LineError
from mappings.lookups import find_ids, ids_of, to_look_up
from mappings.relations import Structure
from mappings.resolve.item import Announce, Item, Resolve
from mappings.resolve.missing import create_missing, translate_found
from mappings.spec import LineSpec, MappingSpec
from synchub.odoo import OdooClient


def resolve_references(
    line: LineSpec,
    spec: MappingSpec,
    items: Sequence[Item],
    client: OdooClient,
    announce: Announce,
    deeper: Resolve,
) -> None:
    name = line.field.name
    refs = [ref for item in items for ref in _refs(item.written[name])]
    found = find_ids(spec, to_look_up(refs), client)
    refused: dict[Any, str] = {}
    if line.on_missing == "create":
        needed = [ref for item in items for ref in _needed(item.written[name]) if "$id" not in ref]
        translate_found(spec, [ref for ref in needed if ref["$ref"] in found], found, client)
        if missing := [ref for ref in needed if ref["$ref"] not in found]:
            announce(spec, {ref["$ref"] for ref in missing})
            made, refused = create_missing(spec, missing, client, announce, deeper)
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
    if item.base is None or item.base.get(name) != value:
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
