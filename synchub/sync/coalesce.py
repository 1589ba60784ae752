"""Several open changes of one record → the one thing that has to be done in Odoo. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from endpoints.awaited import Awaited
from endpoints.models import Operation
from endpoints.outbox import Claim, ClaimedChange
from mappings.combining import merge_values
from mappings.relations import called, names_of_children
from mappings.resolve import Item


class Do(Enum):
    NOTHING = "nothing"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ACTION = "action"


@dataclass
class Work:
    """A claim and what is to be done for it. `item` has what is written, and after `resolve` what is sent."""

    claim: Claim
    do: Do
    item: Item = field(default_factory=lambda: Item(None, {}))
    on_delete: str = ""
    """How it is deleted; empty: as the endpoint does."""
    without: Awaited | None = None
    """What has to be there before the fields that are `left_out` are written: see `parents`."""
    left_out: set[str] = field(default_factory=set)

    @property
    def record_id(self) -> int:
        return self.claim.record_id


def work(claim: Claim) -> Work:
    """create+update → one create, updates → one, anything+delete → the delete, create+delete → nothing.

    A create that may have been sent is not taken back by a delete: the record may be there, so that it has to be found
    and deleted.
    """
    operations = {change.operation for change in claim.changes}
    written: dict[str, Any] = {}
    own: set[str] = set()
    for change in claim.changes:
        values = called(change.values, _named(claim, change))
        written, own = merge_values(written, values), own | set(names_of_children(values))
    written = {name: value for name, value in written.items() if name not in claim.given_way}
    written |= {name: (claim.base or {})[name] for name in claim.again if name in written}
    item = Item(claim.odoo_id, written, claim.base if claim.odoo_id is not None else None)
    item.seen, item.own, item.rules = claim.seen, own, claim.rules
    if claim.archived and claim.archive not in written:
        item.commands[claim.archive] = True  # who posts a record wants it to be seen
    if Operation.DELETE in operations:
        maybe_there = claim.odoo_id is not None or any(change.sent for change in claim.changes)
        way = next((one.on_delete for one in reversed(claim.changes) if one.on_delete), "")
        return Work(claim, Do.DELETE if maybe_there else Do.NOTHING, item, way)
    if Operation.RESTORE in operations:
        item.commands[claim.archive] = True
    return Work(claim, Do.CREATE if claim.odoo_id is None else Do.UPDATE, item)


def _named(claim: Claim, change: ClaimedChange) -> str:
    """No other change is called so, not even one of a database that was put back from a backup."""
    return f"{claim.handle.hex}_{change.id}_{change.created_at.timestamp()}"


def grouped(work: Sequence[Work], do: Do, key: Callable[[Work], Any]) -> Iterable[list[Work]]:
    """What is to be done so, by what may go in one call."""
    groups: dict[Any, list[Work]] = defaultdict(list)
    for one in work:
        if one.do is do:
            groups[key(one)].append(one)
    return groups.values()
