"""What a person is asked about a conflict: three values of each field, as consumers would see them."""

from collections.abc import Mapping, Sequence
from typing import Any

from endpoints import mirror
from endpoints.registry import EndpointSpec
from mappings.relations import Structure, fragments_of, is_structure, seen_lines
from mappings.sides import by_hand
from mappings.spec import LineSpec
from synchub.errors import OdooError
from synchub.odoo import OdooClient
from synchub.sync.coalesce import Work
from synchub.sync.conflicts import Conflict
from synchub.sync.outcome import Outcome, Undecided
from synchub.sync.verdicts import trouble_of

_VALUES = ("base", "current", "wanted")


def questions(
    endpoint: EndpointSpec, client: OdooClient, row: Mapping[str, Any], found: Sequence[Conflict]
) -> list[dict[str, Any]]:
    """For the inbox: see `endpoints.models.Conflict.fields`. `row` is the record as Odoo has it now."""
    order = [line.field.name for line in endpoint.mapping.lines]
    found = sorted(found, key=lambda one: order.index(one.field))
    lines = {one.field: endpoint.mapping.line_of(one.field) for one in found}
    relations = _relations(endpoint, client, row, [one for one in found if _nested(lines[one.field])])
    asked = []
    for one in found:
        line = lines[one.field]
        shown = relations.get(one.field) or {name: _shown(line, getattr(one, name)) for name in _VALUES}
        asked.append(
            {
                "field": one.field,
                "key": line.key if line else one.field,
                "label": line.field.label if line else one.field,
                "line_id": line.id if line else None,
                "base": one.base,
                "current": one.current,
                "wanted": one.wanted,
                "shown": shown,
                "winner": "",
            }
        )
    return asked


def about_lines(endpoint: EndpointSpec, client: OdooClient, one: Work) -> Outcome:
    """Of a record that cannot be written (`item.problem`): for a person to decide, where both sides changed the same of its lines.
    A line as such is no field of the record's: its whole list is shown, and what is decided is what both changed."""
    item, spec = one.item, endpoint.mapping
    if item.problem is None or not item.asked or item.odoo_id is None:
        return Outcome(one.claim.odoo_id, error=item.problem)
    refused = Outcome(one.claim.odoo_id, error=by_hand(item.problem))
    try:
        [row] = mirror.with_fragments(
            endpoint, client.read(spec.model, [item.odoo_id], endpoint.odoo_fields), client
        )
    except OdooError as error:
        return Outcome(one.claim.odoo_id, error=error) if trouble_of(error) else refused
    except ValueError:  # it is gone meanwhile
        return refused
    values, seen = mirror.read(spec, row).values, one.claim.seen
    asked = []
    for name, lines in item.asked.items():
        line = spec.line_of(name)
        if line is None:
            return refused
        asked.append(
            {
                "field": name,
                "key": line.key,
                "label": line.field.label,
                "line_id": line.id,
                "base": seen.get(name),
                # Without the lines that others have added since: decided or not, they stay.
                "current": [id_ for id_ in values.get(name) or () if id_ not in item.others.get(name, ())],
                "wanted": item.written[name],
                "shown": {
                    "base": _lines(endpoint, line, seen[seen_lines(name)]),
                    "current": row.fragments.get(line.key),
                    "wanted": _lines(endpoint, line, item.written[name]["$children"]),
                },
                "winner": "",
                "lines": lines,
            }
        )
    return Outcome(one.claim.odoo_id, error=Undecided(item.problem.text, asked), field=asked[0]["field"])


def _lines(endpoint: EndpointSpec, line: LineSpec, children: Sequence[Structure]) -> Any:
    """As consumers would see them, without the keys of which nothing was said: null would look like a value."""
    name = line.field.name
    shown = fragments_of(endpoint.mapping, {name: {"$children": children}}).get(line.key)
    if not isinstance(shown, list) or line.nested is None:
        return shown
    result = []
    for one, child in zip(shown, children, strict=True):
        said = {
            inner.path[0]
            for inner in line.nested.outgoing
            if inner.identifier or inner.field.name in child["$values"]
        }
        result.append({key: one[key] for key in one if key in said} if isinstance(one, dict) else one)
    return result


def _nested(line: LineSpec | None) -> bool:
    return line is not None and line.nested is not None and line.from_odoo


def _shown(line: LineSpec | None, value: Any) -> Any:
    plain = line is not None and line.nested is None and line.script is None
    return line.present(value) if line is not None and plain and not is_structure(value) else value


def _relations(
    endpoint: EndpointSpec, client: OdooClient, row: Mapping[str, Any], found: Sequence[Conflict]
) -> dict[str, dict[str, Any]]:
    """Other records by their names rather than their ids; ids where Odoo does not tell."""
    if not found:
        return {}
    before = {**row, **{one.field: one.base or False for one in found}}
    try:
        was, now = mirror.with_fragments(endpoint, [before, row], client)
    except OdooError:
        return {}
    sent = fragments_of(endpoint.mapping, {one.field: one.wanted for one in found})
    result = {}
    for one in found:
        line = endpoint.mapping.line_of(one.field)
        key = line.key if line else one.field
        result[one.field] = {
            "base": was.fragments.get(key),
            "current": now.fragments.get(key),
            "wanted": sent.get(key, one.wanted),
        }
    return result
