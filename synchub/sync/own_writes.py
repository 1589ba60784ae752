"""What the hub itself has made of Odoo's values, which is nobody's edit: by this endpoint or another one over the same records, as
lines of others, by way of records that show the same, heard of or not."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from endpoints import queued
from endpoints.outbox import Claim
from endpoints.queued import Elsewhere
from endpoints.registry import EndpointSpec
from mappings.convert import Values
from mappings.lookups import find_ids, ids_of, to_look_up
from mappings.normal import alike
from mappings.relations import is_structure
from mappings.spec import MappingSpec
from synchub.odoo import OdooClient
from synchub.sync import conflicts
from synchub.sync.as_lines import AsLines
from synchub.sync.emptied import Emptied
from synchub.sync.not_heard import NotHeard
from synchub.sync.rivals import written_by
from synchub.sync.shared import Shared


class OwnWrites:
    """Of a batch: by record what Odoo had when it was written (`seen`), and what Odoo has now (`read`)."""

    def __init__(
        self,
        endpoint: EndpointSpec,
        client: OdooClient,
        claims: Sequence[Claim],
        seen: Mapping[int, Values],
        read: Sequence[dict[str, Any]],
    ) -> None:
        self._endpoint, self._spec, self._client = endpoint, endpoint.mapping, client
        self._others, self._rows = written_by(endpoint), {row["id"]: row for row in read}
        # A pull may have seen what came by another endpoint; who wrote before that has not.
        self._since = {one.odoo_id: one.changes[0].created_at for one in claims if one.odoo_id is not None}
        self._shared = Shared(endpoint, client, list(self._rows))
        self._as_lines = AsLines(endpoint, read, min(self._since.values()))
        self._emptied = Emptied(endpoint, claims, seen, self._rows)
        self._not_heard = NotHeard(endpoint.mapping, self._others, read)

    def elsewhere(self, odoo_id: int) -> Sequence[Elsewhere]:
        """What other endpoints have written of this record."""
        return self._written.get(odoo_id, ())

    @cached_property
    def _written(self) -> dict[int, list[Elsewhere]]:
        if not self._others:
            return {}
        return queued.written_elsewhere(self._endpoint.id, self._others, list(self._rows), self._since)

    def as_lines(self, current: Values) -> Sequence[Elsewhere]:
        """What was written, as a line of another one, of the record that is so now."""
        return self._as_lines.writes(current)

    def has_made(self, claim: Claim, one: conflicts.Conflict, odoo_id: int, current: Values) -> bool:
        """What Odoo has of a field that both sides seem to have changed. Raises OdooError where Odoo has to be asked and cannot be."""
        return (
            self._is_of(claim, one, self.elsewhere(odoo_id))
            or self._is_of(claim, one, self._shared.writes(odoo_id, one.field))
            or self._is_of(claim, one, self.as_lines(current))
            or self._is_of(claim, one, self._not_heard.writes(current))
            or self._emptied.to_be_swapped(claim, one)
        )

    def _is_of(self, claim: Claim, one: conflicts.Conflict, elsewhere: Sequence[Elsewhere]) -> bool:
        """Has Odoo what was written; or what an earlier attempt sent without hearing of it, or came by another endpoint before
        this, or what it makes of that?"""
        writes = [change for change in claim.changes if one.field in change.values]
        sent = [change.values[one.field] for change in writes if change.sent]
        sent += [
            value
            for other in elsewhere
            if any(other.created_at < change.created_at for change in writes)
            for value in other.of(one.field)
        ]
        if any(
            _means(self._spec, one.field, value, one.current, self._client) for value in (one.wanted, *sent)
        ):
            return True
        line = self._spec.line_of(one.field)
        if line is not None and line.nested is None:
            return any(alike(line, value, one.current) for value in sent if not is_structure(value))
        return False


def only_said_again(spec: MappingSpec, claim: Claim, one: conflicts.Conflict, client: OdooClient) -> bool:
    """Was nothing sent but what Odoo had, lest it works that out anew? Then Odoo alone has changed it."""
    if one.field not in spec.by_field or not spec.by_field[one.field].computed:
        return False
    writes = [change.values[one.field] for change in claim.changes if one.field in change.values]
    return all(_means(spec, one.field, value, one.base, client) for value in writes)


def _means(spec: MappingSpec, field: str, value: Any, there: Any, client: OdooClient) -> bool:
    """Is what was written what is there?"""
    line = spec.line_of(field)
    if is_structure(value) and line is not None and line.nested is not None:
        refs = [value] if "$ref" in value else value.get("$set")
        if refs is None:
            return False
        found = find_ids(line.nested, to_look_up(refs), client)
        ids = sorted({one for ref in refs for one in ids_of(ref, found)[:1]})
        return bool(ids == (sorted(there) if isinstance(there, list) else [there]))
    return bool(value == there or spec.shows_the_same(field, value, there))
