"""Names, and other values that Odoo may allow but once, which go from one record to another in one batch.

Odoo refuses who takes one as long as the other still has it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from endpoints.awaited import Awaited
from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec
from mappings.resolve import Item
from mappings.spec import MappingSpec
from synchub.errors import OdooPermanent
from synchub.sync.coalesce import Do, Work
from synchub.sync.outcome import Outcome, Outcomes
from synchub.sync.rings import rings

Givers = Mapping[int, Work]
"""By record that takes a name: the one that Odoo calls so, and that gives it up."""


def takers(endpoint: EndpointSpec, work: Sequence[Work]) -> set[int]:
    """Who takes the name of another one of the batch: see `hand_over`."""
    return set(_givers(endpoint.mapping, work))


def hand_over(
    endpoint: EndpointSpec,
    work: Sequence[Work],
    known: Outcomes,
    change: Callable[[Sequence[Work]], Outcomes],
) -> Outcomes:
    """Who takes a name is sent, by `change`, once the other one has given it up: also where Odoo would let both have it, as that
    one may be refused. Where it will do so later, or was refused, he waits.

    Where each takes the next one's, they go together; whom Odoo refuses goes once more, one of them by a name that he had in between.
    """
    givers, outcomes = _givers(endpoint.mapping, work), dict(known)
    works = {one.record_id: one for one in work}
    waiting = {pk for pk in givers if pk not in outcomes}
    free = {pk for pk, outcome in outcomes.items() if pk in works and outcome.error is None}

    def send_due() -> None:
        while due := [works[pk] for pk in sorted(waiting) if givers[pk].record_id in free]:
            outcomes.update(change(due))
            waiting.difference_update(one.record_id for one in due)
            free.update(one.record_id for one in due if outcomes[one.record_id].error is None)

    send_due()
    together = [works[pk] for ring in _rings(givers, waiting) for pk in ring]
    outcomes |= change(together) if together else {}
    done = {one.record_id for one in together if not isinstance(outcomes[one.record_id].error, OdooPermanent)}
    waiting -= done
    free |= {pk for pk in done if outcomes[pk].error is None}
    for one, name in _ways_out(endpoint.mapping, givers, waiting):
        values = {endpoint.mapping.identifier.field.name: name}
        aside = replace(one, item=Item(one.claim.odoo_id, values, values=values))
        if change([aside])[one.record_id].error is None:
            free.add(one.record_id)
    send_due()
    refused = {one.record_id for one in together if one.record_id in waiting}
    for pk in waiting:
        giver = givers[pk].record_id
        if pk not in refused or not isinstance(outcomes[giver].error, OdooPermanent):
            outcomes[pk] = Outcome(waits_for=Awaited(giver, endpoint.name, refused=False))
    return outcomes


def once_more(
    work: Sequence[Work], known: Outcomes, change: Callable[[Sequence[Work]], Outcomes]
) -> Outcomes:
    """Who was refused for a value (a barcode) that another one had still, and has given up since, is sent once more by `change`."""
    outcomes = dict(known)
    while refused := [one for one in work if one.do is Do.UPDATE and refusal(one, outcomes)]:
        free = {pair for one in work if outcomes[one.record_id].error is None for pair in given_up(one)}
        due = [one for one in refused if _is_for(refusal(one, outcomes), one, free)]
        outcomes |= change(due) if due else {}
        if all(refusal(one, outcomes) for one in due):
            break
    return outcomes


def refusal(one: Work, outcomes: Outcomes) -> str:
    """Odoo's words; empty where it did not refuse."""
    error = outcomes[one.record_id].error
    return error.message if isinstance(error, OdooPermanent) else ""


def given_up(one: Work) -> Iterator[tuple[str, Any]]:
    """Fields and values of Odoo's that it is not to have any more."""
    for name, value in (one.claim.base or {}).items():
        if isinstance(value, str) and (one.do is Do.DELETE or one.item.written.get(name, value) != value):
            yield name, value


def _is_for(said: str, one: Work, values: AbstractSet[tuple[str, Any]]) -> bool:
    written = ((name, value) for name, value in one.item.written.items() if isinstance(value, str))
    return any(pair in values and pair[1] in said for pair in written)


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


def not_given_up(endpoint: EndpointSpec, claims: Sequence[Claim], todo: Sequence[Work]) -> Outcomes:
    """Whose name another one of the batch was to give up, and will not: since it was refused before anything is sent, waits itself, or
    keeps the name that Odoo has given it. They wait, and look again then."""
    field = endpoint.mapping.identifier.field.name
    givers = {claim.odoo_id: claim for claim in claims if claim.odoo_id is not None}
    works = {one.record_id: one for one in todo}
    outcomes: Outcomes = {}
    while True:
        late = {
            one.record_id: givers[one.claim.takes].record_id
            for one in works.values()
            if one.claim.takes in givers
            and givers[one.claim.takes] is not one.claim
            and not _gives_up(works.get(givers[one.claim.takes].record_id), field, one.claim.named(field))
        }
        if not late:
            return outcomes
        outcomes |= {
            pk: Outcome(works[pk].claim.odoo_id, waits_for=Awaited(giver, endpoint.name, refused=False))
            for pk, giver in late.items()
        }
        works = {pk: one for pk, one in works.items() if pk not in late}


def _gives_up(giver: Work | None, field: str, wanted: Sequence[Any]) -> bool:
    if giver is None or giver.do is Do.DELETE:
        return giver is not None
    return bool(giver.item.written.get(field, wanted[-1]) != wanted[-1])


def _givers(spec: MappingSpec, works: Sequence[Work]) -> Givers:
    name = spec.identifier.field.name
    giving: dict[Any, Work] = {}
    for one in works:
        called = (one.claim.base or {}).get(name)
        if called is not None and (one.do is Do.DELETE or one.item.written.get(name, called) != called):
            giving[called] = one
    taking = {one.record_id: one.item.written.get(name) for one in works if one.do is Do.UPDATE}
    return {record_id: giving[new] for record_id, new in taking.items() if new in giving}


def _rings(givers: Givers, among: AbstractSet[int]) -> Iterator[list[int]]:
    return rings({pk: {giver.record_id} & among for pk, giver in givers.items() if pk in among})


def _ways_out(spec: MappingSpec, found: Givers, refused: AbstractSet[int]) -> Iterator[tuple[Work, Any]]:
    """Of those that were refused since each has the name that the next one takes: who was called otherwise in between, and how.

    Names are taken one after the other by those who write; only what each record is to be called in the end makes a ring.
    """
    name = spec.identifier.field.name
    works = {giver.record_id: giver for giver in found.values()}
    for ring in _rings(found, refused):
        taken = {works[one].item.written.get(name) for one in ring}
        for record_id in ring:
            between = [one for one in works[record_id].claim.named(name) if one not in taken]
            if between:
                yield works[record_id], between[-1]
                break
