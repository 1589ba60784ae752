"""Values that Odoo allows but once and that are no names (barcodes), which records take from each other in one go.

Each is refused as long as the next one has its value still. One of them is written without a value, the others in turn, and then it
gets its own. Where that is cut short, it is tried again: what the hub has emptied counts as nobody's edit (see `edited`).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from mappings.resolve import Item
from mappings.spec import MappingSpec
from synchub.errors import OdooError, OdooRetryable, OdooUnknownOutcome
from synchub.sync.coalesce import Do, Work
from synchub.sync.handover import given_up, refusal
from synchub.sync.outcome import ForAPerson, Outcome, Outcomes
from synchub.sync.rings import rings
from synchub.sync.verdicts import trouble_of

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
    pair = _pair(spec, first, others[0], known)
    if pair is None:
        return {}
    name, value = pair
    # All else of it goes along: whoever is refused for something else keeps what he has.
    emptied = replace(first, item=replace(first.item, values=first.item.values | {name: None}))
    outcomes: Outcomes = {}
    for one in (emptied, *others, _with(first, name, first.item.values[name])):
        outcomes |= change([one])
        if outcomes[one.record_id].error is not None:
            break
    else:
        return outcomes
    met = outcomes[one.record_id]
    if trouble := trouble_of(met.error):
        return _later(ring, outcomes, trouble, begun=one is not emptied)
    if one is emptied and not met.partly:
        return {}
    own = met if one.record_id == first.record_id else known[first.record_id]
    back = change([_with(first, name, value)])[first.record_id].error
    if trouble_of(back):
        own = replace(own, error=back)
    elif back is not None:
        own = replace(own, error=_without(spec, first, name, value, own), field=name)
    return outcomes | {first.record_id: replace(own, partly=True)}


def can_be_without(spec: MappingSpec, name: str) -> bool:
    """Is it a text that a record may be without for a moment?"""
    field = spec.by_field.get(name)
    if field is None or field == spec.identifier.field or field.required:
        return False
    return field.type.name in ("char", "text")


def _pair(spec: MappingSpec, first: Work, taker: Work, known: Outcomes) -> tuple[str, str] | None:
    """What the first one gives up, and the one that waits for it was refused for. Odoo's words may name more of what they
    exchange, as it says who has a barcode."""
    wanted, said = set(_written(taker)), refusal(taker, known)
    pairs = (pair for pair in given_up(first) if pair in wanted and pair[1] in said)
    return next((pair for pair in pairs if can_be_without(spec, pair[0])), None)


def _later(ring: Sequence[Work], done: Outcomes, trouble: OdooError, *, begun: bool) -> Outcomes:
    """All that are not done are tried again, the first one also where it was `begun`: it is without its value, or may be."""
    rest = OdooRetryable(trouble.message) if isinstance(trouble, OdooUnknownOutcome) else trouble
    outcomes = {one.record_id: Outcome(one.claim.odoo_id, error=rest) for one in ring} | done
    first = outcomes[ring[0].record_id]
    return outcomes | {
        ring[0].record_id: replace(first, error=first.error or rest, partly=begun or first.partly)
    }


def _without(spec: MappingSpec, one: Work, name: str, value: str, refused: Outcome) -> ForAPerson:
    line = spec.line_of(name)
    said = " ".join(str(refused.error).split()).rstrip(".")
    return ForAPerson(
        f"“{line.key if line else name}” is empty in Odoo: “{value}”, which it had, is another record's by now, and Odoo did not "
        f"take “{one.item.values[name]}” ({said}). Once no other record has that one any more, send this again."
    )


def _with(one: Work, name: str, value: object) -> Work:
    return replace(one, item=Item(one.claim.odoo_id, {name: value}, values={name: value}))


def _written(one: Work) -> list[tuple[str, str]]:
    return [(name, value) for name, value in one.item.values.items() if isinstance(value, str)]
