"""Values that Odoo allows but once and that are no names (barcodes), which records take from each other in one go.

Each is refused as long as the next one has its value still. One of them is written without a value, the others in turn, and then it
gets its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from mappings.resolve import Item
from mappings.spec import MappingSpec
from synchub.sync.coalesce import Do, Work
from synchub.sync.handover import given_up, refusal
from synchub.sync.outcome import Outcomes
from synchub.sync.rings import rings

Change = Callable[[Sequence[Work]], Outcomes]


def swapped(spec: MappingSpec, work: Sequence[Work], known: Outcomes, change: Change) -> Outcomes:
    """What comes of those that were refused for each other's values. They are sent by `change`."""
    refused = {one.record_id: one for one in work if one.do is Do.UPDATE and refusal(one, known)}
    named_by = spec.identifier.field.name
    bearers = {pair: one for one in refused.values() for pair in given_up(one) if pair[0] != named_by}
    waits = {
        pk: {
            bearers[pair].record_id
            for pair in _written(one)
            if pair in bearers and pair[1] in refusal(one, known)
        }
        - {pk}
        for pk, one in refused.items()
    }
    outcomes = dict(known)
    for ring in rings(waits):
        outcomes |= _round(spec, [refused[pk] for pk in ring], outcomes, change)
    return outcomes


def _round(spec: MappingSpec, ring: Sequence[Work], known: Outcomes, change: Change) -> Outcomes:
    """Each waits for the next one, the last for the first."""
    first, others = ring[0], ring[:0:-1]
    wanted = set(_written(others[0]))
    name, value = next(
        pair for pair in given_up(first) if pair in wanted and pair[0] != spec.identifier.field.name
    )
    if spec.by_field[name].required:
        return {}
    # All else of it goes along: whoever is refused for something else keeps what he has.
    emptied = replace(first, item=replace(first.item, values=first.item.values | {name: None}))
    outcomes = change([emptied])
    if outcomes[first.record_id].error is not None:
        return {}
    for one in others:
        outcomes |= change([one])
        if outcomes[one.record_id].error is not None:
            break
    else:
        outcomes |= change([_with(first, name, first.item.values[name])])
    if any(outcome.error is not None for outcome in outcomes.values()):
        change([_with(first, name, value)])
        outcomes[first.record_id] = replace(known[first.record_id], partly=True)
    return outcomes


def _with(one: Work, name: str, value: object) -> Work:
    return replace(one, item=Item(one.claim.odoo_id, {name: value}, values={name: value}))


def _written(one: Work) -> list[tuple[str, str]]:
    return [(name, value) for name, value in one.item.values.items() if isinstance(value, str)]
