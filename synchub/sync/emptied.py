"""What the hub itself may have emptied in Odoo, for records to take each other's values (see `swaps`), and did not get to fill again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from endpoints import queued
from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec
from mappings.convert import Values
from synchub.sync.conflicts import Conflict
from synchub.sync.swaps import can_be_without

Pair = tuple[str, str]
"""A field and the value that a record had in it."""


class Emptied:
    """Of a batch: by record what Odoo had when it was written (`seen`), by Odoo id what it has now (`rows`). The outbox is asked once
    for each field, and only where something is empty that none of the batch takes."""

    def __init__(
        self,
        endpoint: EndpointSpec,
        claims: Sequence[Claim],
        seen: Mapping[int, Values],
        rows: Mapping[int, Mapping[str, Any]],
    ) -> None:
        self._endpoint, self._claims, self._seen, self._rows = endpoint, claims, seen, rows

    def to_be_swapped(self, claim: Claim, one: Conflict) -> bool:
        """May an attempt that was cut short have left it so? Only where another record was to take what this one had."""
        texts = isinstance(one.base, str) and isinstance(one.wanted, str)
        if not texts or one.current is not None or not can_be_without(self._endpoint.mapping, one.field):
            return False
        sent = [change.created_at for change in claim.changes if change.sent and one.field in change.values]
        if not sent:
            return False
        pair = one.field, one.base
        if self._takers.get(pair, set()) - {claim.record_id}:
            return True
        return any(
            record_id != claim.record_id and (settled_at is None or settled_at >= min(sent))
            for record_id, settled_at in self._asked.get(pair, ())
        )

    @cached_property
    def _takers(self) -> dict[Pair, set[int]]:
        """Those of the batch that ask for a value: the ones that change places are sent together, as a rule."""
        found: dict[Pair, set[int]] = {}
        for claim in self._claims:
            for change in claim.changes:
                for name, value in change.values.items():
                    if isinstance(value, str):
                        found.setdefault((name, value), set()).add(claim.record_id)
        return found

    @cached_property
    def _asked(self) -> dict[Pair, list[tuple[int, datetime | None]]]:
        wanted: dict[str, set[str]] = {}
        sent = []
        for claim in self._claims:
            seen, row = self._seen.get(claim.record_id, {}), self._rows.get(claim.odoo_id or 0, {})
            for name in claim.sent:
                value = seen.get(name)
                if (
                    isinstance(value, str)
                    and not row.get(name)
                    and not self._takers.get((name, value), set()) - {claim.record_id}
                    and can_be_without(self._endpoint.mapping, name)
                ):
                    wanted.setdefault(name, set()).add(value)
                    sent += [change.created_at for change in claim.changes if change.sent]
        return {
            (name, value): takers
            for name, values in wanted.items()
            for value, takers in queued.takers(self._endpoint.id, name, values, min(sent)).items()
        }
