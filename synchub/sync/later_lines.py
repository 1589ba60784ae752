"""Lines that another endpoint over the same records was sent after these, and has brought to Odoo: where the hub's value counts, or the
newest, the older one gives way to it, value by value. Of other values that is seen in `newer`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from endpoints import overtaken, registry
from endpoints.models import Conflicts
from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec
from mappings import sides
from mappings.convert import Values
from mappings.relations import is_structure
from mappings.resolve.leading import led_by
from mappings.spec import MappingSpec
from synchub.odoo import OdooClient
from synchub.sync import conflicts


def rules_of_later(
    endpoint: EndpointSpec, client: OdooClient, claims: Sequence[Claim]
) -> dict[int, dict[str, "Later"]]:
    """By record and one2many field of which the hub's value counts, or the newest, where there is such a newer write. The rules raise OdooError."""
    mine = {one.record_id: written for one in claims if one.odoo_id and (written := _written(endpoint, one))}
    asked = {
        one.odoo_id: min(mine[one.record_id].values())
        for one in claims
        if one.odoo_id and one.record_id in mine
    }
    fields = {name for written in mine.values() for name in written}
    others = [
        one.id
        for one in (registry.mirrors(endpoint.connection_id) if asked else ())
        if one.id != endpoint.id
        and one.mapping.model == endpoint.mapping.model
        and any(_same_lines(endpoint.mapping, one.mapping, name) for name in fields)
    ]
    if not others:
        return {}
    found = overtaken.elsewhere(others, asked)
    result: dict[int, dict[str, Later]] = {}
    for claim in claims:
        for name, change_id in mine.get(claim.record_id, {}).items():
            later = [
                child
                for newer in found.get(claim.odoo_id or 0, ())
                if newer.id > change_id and is_structure(newer.values.get(name))
                for child in newer.values[name].get("$children", ())
            ]
            if later:
                line = endpoint.mapping.line_of(name)
                model = line.nested.model if line is not None and line.nested is not None else ""
                result.setdefault(claim.record_id, {})[name] = Later(client, model, later)
    return result


def _written(endpoint: EndpointSpec, claim: Claim) -> dict[str, int]:
    """One2many fields, each with the last change that writes it."""
    return {
        name: change.id
        for change in claim.changes
        for name, value in change.values.items()
        if is_structure(value)
        and "$children" in value
        and conflicts.policy(endpoint.conflicts, endpoint.mapping, name) in (Conflicts.HUB, Conflicts.NEWEST)
    }


def _same_lines(own: MappingSpec, other: MappingSpec, field: str) -> bool:
    """Are they called by the same there?"""
    mine, theirs = own.line_of(field), other.line_of(field)
    if mine is None or theirs is None or mine.nested is None or theirs.nested is None:
        return False
    return mine.nested.identifier.field.name == theirs.nested.identifier.field.name


@dataclass(frozen=True)
class Later:
    client: OdooClient
    model: str
    later: Sequence[Mapping[str, Any]]
    """The lines of the newer writes, oldest first."""
    otherwise: sides.Rule = sides.hub_wins
    """Of what they do not say."""

    def __call__(self, spec: MappingSpec, row: Values | None, field: str) -> str:
        line = spec.line_of(field)
        if row is None or line is None or spec.model != self.model:
            return self.otherwise(spec, row, field)
        name = row["id"] if spec.named_by_odoo else row.get(spec.identifier.field.name)
        said = [
            one["$values"][field] for one in self.later if one["$ref"] == name and field in one["$values"]
        ]
        if not said:
            return self.otherwise(spec, row, field)
        last = said[-1]
        if line.nested is not None:
            there = led_by(line, last, self.client) == sides.ids(row[field])
        else:
            there = last == row[field] or spec.shows_the_same(field, last, row[field])
        return sides.ODOO if there else self.otherwise(spec, row, field)
