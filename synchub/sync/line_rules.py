"""Whose value of a line counts where both sides changed it: by the rule, but what the hub itself has written is nobody's edit."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

import orjson

from endpoints import queued, registry
from endpoints.models import Conflicts
from endpoints.outbox import Claim
from endpoints.queued import Elsewhere
from endpoints.registry import EndpointSpec
from mappings import sides
from mappings.children import LAST_WRITTEN
from mappings.convert import Values
from mappings.normal import alike
from mappings.relations import is_structure, seen_lines
from mappings.resolve.leading import led_by
from mappings.spec import LineSpec, MappingSpec
from synchub.odoo import OdooClient
from synchub.sync import conflicts


def stamped(stamp: object) -> datetime | None:
    return datetime.fromisoformat(stamp).replace(tzinfo=UTC) if isinstance(stamp, str) else None


def rules_of_lines(
    endpoint: EndpointSpec,
    client: OdooClient,
    claim: Claim,
    changed: datetime | None,
    elsewhere: Callable[[], Sequence[Elsewhere]],
) -> dict[str, sides.Rule]:
    """By one2many field. `changed`: the record's stamp, `elsewhere` asks what other endpoints have written of it. The rules raise
    OdooError where Odoo has to be asked and cannot be."""
    found: dict[str, sides.Rule] = {}
    seen = claim.seen
    for name in {name for change in claim.changes for name in (*change.values, *(change.base or {}))}:
        if seen_lines(name) in seen and (name in seen or claim.made):
            rule = conflicts.policy(endpoint.conflicts, endpoint.mapping, name)
            wrote = max(
                one.created_at for one in claim.changes if name in one.values or name in (one.base or {})
            )
            sent = [Elsewhere(one.created_at, one.values, {}) for one in claim.changes if one.sent]
            theirs, mine = (list(_lines_of(some, name)) for some in (elsewhere(), sent))
            found[name] = _Rule(endpoint, client, rule, changed, wrote, theirs, mine)
    return found


def _lines_of(elsewhere: Sequence[Elsewhere], name: str) -> Iterator[tuple[datetime, Values]]:
    """The lines that other writes of the record have, and when they came."""
    for one in elsewhere:
        structure: Any = one.values.get(name)
        if is_structure(structure):
            yield from ((one.created_at, child) for child in structure.get("$children", ()))


@dataclass(frozen=True)
class _Rule:
    endpoint: EndpointSpec
    client: OdooClient
    rule: str
    changed: datetime | None
    wrote: datetime
    elsewhere: Sequence[tuple[datetime, Values]]
    sent: Sequence[tuple[datetime, Values]]
    """As an earlier attempt may have brought them to Odoo."""
    known: dict[tuple[str, int], Sequence[Elsewhere]] = field(default_factory=dict)
    led: dict[tuple[int | None, bytes], list[int] | None] = field(default_factory=dict)

    def __call__(self, spec: MappingSpec, row: Values | None, field: str) -> str:
        """A line that somebody changes leaves the stamp (`changed`) of its record alone, unless that has values worked out from it."""
        if row is not None and self._hub_s_own(spec, row, field):
            return sides.HUB
        if self.rule == Conflicts.ASK:
            return sides.ASK
        if self.rule != Conflicts.ODOO and row is not None and self._is_overtaken(spec, row, field):
            return sides.ODOO
        moment = stamped((row or {}).get(LAST_WRITTEN)) or self.changed
        return sides.ODOO if conflicts.odoo_wins(self.rule, moment, self.wrote) else sides.HUB

    def _hub_s_own(self, spec: MappingSpec, row: Values, field: str) -> bool:
        """Was it written through the hub before: as a record of its own, or as a line of the same record by another endpoint? What
        was written last, that is: an older value that is there once more was put there by somebody."""
        name = row.get(spec.identifier.field.name)
        before = (one for one in self._written(spec, row, field) if one[0] < self.wrote)
        _, last = max(before, key=itemgetter(0), default=(None, ()))
        unheard = [child["$values"].get(field, ...) for _, child in self.sent if child["$ref"] == name]
        return self._is_one_of([*last, *unheard], spec, row, field)

    def _is_overtaken(self, spec: MappingSpec, row: Values, field: str) -> bool:
        """Has another endpoint been sent after this what Odoo has?"""
        later = (one for one in self._written(spec, row, field) if one[0] > self.wrote)
        _, last = max(later, key=itemgetter(0), default=(None, ()))
        return self._is_one_of(last, spec, row, field)

    def _is_one_of(self, values: Sequence[Any], spec: MappingSpec, row: Values, field: str) -> bool:
        line = spec.line_of(field)
        return line is not None and any(
            self._leads_to(line, value) == sides.ids(row[field])
            if is_structure(value)
            else value == row[field]
            or spec.shows_the_same(field, value, row[field])
            or alike(line, value, row[field])
            for value in values
            if value is not ...
        )

    def _leads_to(self, line: LineSpec, value: Any) -> list[int] | None:
        """Asked for once, however many lines say the same."""
        key = line.id, orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        if key not in self.led:
            self.led[key] = led_by(line, value, self.client)
        return self.led[key]

    def _written(
        self, spec: MappingSpec, row: Values, field: str
    ) -> Iterator[tuple[datetime, Sequence[Any]]]:
        name = row.get(spec.identifier.field.name)
        for came, child in self.elsewhere:
            if child["$ref"] == name and field in child["$values"]:
                yield came, [child["$values"][field]]
        for one in self._by_itself(spec, row["id"]):
            if values := one.of(field):
                yield one.created_at, values

    def _by_itself(self, spec: MappingSpec, odoo_id: int) -> Sequence[Elsewhere]:
        """Asked for once, however many values of the line both sides changed."""
        if (spec.model, odoo_id) not in self.known:
            others = registry.writers_of_database(self.endpoint.connection_id, spec.model)
            writes = queued.written_elsewhere(self.endpoint.id, others, [odoo_id]) if others else {}
            self.known[spec.model, odoo_id] = writes.get(odoo_id, ())
        return self.known[spec.model, odoo_id]
