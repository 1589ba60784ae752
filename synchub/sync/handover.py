"""Names that go from one record to another in one batch. Pure.

Odoo may allow each name but once, and then refuses who takes one as long as the other still has it.
"""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from mappings.spec import MappingSpec
from synchub.sync.coalesce import Do, Work
from synchub.sync.rings import rings

Givers = Mapping[int, Work]
"""By record that takes a name: the one that Odoo calls so, and that gives it up."""


def givers(spec: MappingSpec, works: Sequence[Work]) -> Givers:
    name = spec.identifier.field.name
    giving: dict[Any, Work] = {}
    for one in works:
        called = (one.claim.base or {}).get(name)
        if called is not None and (one.do is Do.DELETE or one.item.written.get(name, called) != called):
            giving[called] = one
    taking = {one.record_id: one.item.written.get(name) for one in works if one.do is Do.UPDATE}
    return {record_id: giving[new] for record_id, new in taking.items() if new in giving}


def ways_out(spec: MappingSpec, found: Givers, refused: AbstractSet[int]) -> Iterator[tuple[Work, Any]]:
    """Of those that were refused since each has the name that the next one takes: who was called otherwise in between, and how.

    Names are taken one after the other by those who write; only what each record is to be called in the end makes a ring.
    """
    waiting = {taker: {giver.record_id} for taker, giver in found.items()}
    works = {giver.record_id: giver for giver in found.values()}
    for ring in rings({one: after & refused for one, after in waiting.items() if one in refused}):
        taken = {works[one].item.written.get(spec.identifier.field.name) for one in ring}
        for record_id in ring:
            between = [name for name in _names(spec, works[record_id]) if name not in taken]
            if between:
                yield works[record_id], between[-1]
                break


def _names(spec: MappingSpec, one: Work) -> list[Any]:
    name = spec.identifier.field.name
    return [change.values[name] for change in one.claim.changes if name in change.values]
