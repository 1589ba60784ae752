"""Names that go from one record to another in one batch.

Odoo may allow each name but once, and then refuses who takes one as long as the other still has it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from endpoints.awaited import Awaited
from endpoints.registry import EndpointSpec
from mappings.resolve import Item
from mappings.spec import MappingSpec
from synchub.errors import OdooPermanent
from synchub.sync.coalesce import Do, Work
from synchub.sync.outcome import Outcome, Outcomes
from synchub.sync.rings import rings

Givers = Mapping[int, Work]
"""By record that takes a name: the one that Odoo calls so, and that gives it up."""


def hand_over(
    endpoint: EndpointSpec,
    work: Sequence[Work],
    known: Outcomes,
    change: Callable[[Sequence[Work]], Outcomes],
) -> Outcomes:
    """Who was refused while another record still had the name that he takes is sent once more, by `change`, when that one has
    given it up: by its own change, or for a name that it had in between. Where it will do so later, he waits."""
    spec = endpoint.mapping
    givers, outcomes = _givers(spec, work), dict(known)
    refused = {pk for pk in givers if isinstance(outcomes[pk].error, OdooPermanent)}
    free = {one.record_id for one in work if outcomes[one.record_id].error is None}
    for one, name in _ways_out(spec, givers, refused):
        values = {spec.identifier.field.name: name}
        aside = replace(one, item=Item(one.claim.odoo_id, values, values=values))
        if change([aside])[one.record_id].error is None:
            free.add(one.record_id)
    while due := [
        one for one in work if one.record_id in refused and givers[one.record_id].record_id in free
    ]:
        outcomes |= change(due)
        refused -= {one.record_id for one in due}
        free |= {one.record_id for one in due if outcomes[one.record_id].error is None}
    for pk in refused:
        giver = givers[pk].record_id
        if not isinstance(outcomes[giver].error, OdooPermanent):
            outcomes[pk] = Outcome(waits_for=Awaited(giver, endpoint.name, refused=False))
    return outcomes


def not_free(
    endpoint: EndpointSpec, new: Sequence[Work], work: Sequence[Work], outcomes: Outcomes
) -> Outcomes:
    """New records whose name was to be given up in the same batch, and was not: they wait until that is decided."""
    held = {
        one.claim.odoo_id: Awaited(one.record_id, endpoint.name, refused=False)
        for one in work
        if one.do is not Do.CREATE and outcomes[one.record_id].error is not None
    }
    return {
        one.record_id: Outcome(waits_for=held[one.claim.takes])
        for one in new
        if one.claim.takes is not None and one.claim.takes in held
    }


def _givers(spec: MappingSpec, works: Sequence[Work]) -> Givers:
    name = spec.identifier.field.name
    giving: dict[Any, Work] = {}
    for one in works:
        called = (one.claim.base or {}).get(name)
        if called is not None and (one.do is Do.DELETE or one.item.written.get(name, called) != called):
            giving[called] = one
    taking = {one.record_id: one.item.written.get(name) for one in works if one.do is Do.UPDATE}
    return {record_id: giving[new] for record_id, new in taking.items() if new in giving}


def _ways_out(spec: MappingSpec, found: Givers, refused: AbstractSet[int]) -> Iterator[tuple[Work, Any]]:
    """Of those that were refused since each has the name that the next one takes: who was called otherwise in between, and how.

    Names are taken one after the other by those who write; only what each record is to be called in the end makes a ring.
    """
    name = spec.identifier.field.name
    waiting = {taker: {giver.record_id} for taker, giver in found.items()}
    works = {giver.record_id: giver for giver in found.values()}
    for ring in rings({one: after & refused for one, after in waiting.items() if one in refused}):
        taken = {works[one].item.written.get(name) for one in ring}
        for record_id in ring:
            between = [one for one in works[record_id].claim.named(name) if one not in taken]
            if between:
                yield works[record_id], between[-1]
                break
