"""Two that give the same name in Odoo at the same moment: neither finds it there before it writes.

So one waits until the other is done, and looks then. Of two endpoints over one model, whoever looks sees what the other holds, or the
other sees it in its turn: who was accepted first goes first, unless the other's send has begun already.

What a relation creates is announced first: its changes are marked as being sent. Then what has been accepted meanwhile under that name
is seen, and goes first; or whoever carries that to Odoo sees the mark, finds nothing there yet, and waits.
"""

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from endpoints import outbox, queued, registry
from endpoints.awaited import Awaited, awaited
from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec
from mappings.mentions import may_create, named_inside
from mappings.spec import MappingSpec
from synchub.sync.coalesce import Work
from synchub.sync.outcome import Outcome, Outcomes


class AcceptedMeanwhile(Exception):  # nothing is wrong
    """What relations were about to create is on its way by an endpoint of its own. `outcomes`: who waits for it."""

    def __init__(self, outcomes: Outcomes) -> None:
        super().__init__()
        self.outcomes = outcomes


def announce(
    endpoint: EndpointSpec,
    token: uuid.UUID,
    work: Sequence[Work],
    spec: MappingSpec,
    names: Collection[Any],
) -> None:
    """Some of the work is about to create records of these names by its relations. Raises AcceptedMeanwhile."""
    named = {one.record_id: set(named_inside(endpoint.mapping, one.item.written, spec)) for one in work}
    outbox.begin_send(token, [one for one, its in named.items() if its.intersection(names)])
    accepted = awaited(endpoint.connection_id, spec, names, registry.mirrors_of_database)
    first = {name: one for name, one in accepted.items() if not one.refused}
    waiting = {
        record_id: Outcome(waits_for=one)
        for record_id, its in named.items()
        for one in [next((first[name] for name in its if name in first), None)]
        if one is not None and one.record_id != record_id
    }
    if waiting:
        raise AcceptedMeanwhile(waiting)


def announced(endpoint: EndpointSpec, claims: Sequence[Claim]) -> dict[int, Awaited]:
    """By record, one whose relation may be creating its name. To be asked before Odoo is: what is not there then waits."""
    spec, field = endpoint.mapping, endpoint.mapping.identifier.field.name
    wanted = {
        claim.record_id: called[-1]
        for claim in claims
        if (called := claim.named(field)) and (claim.base or {}).get(field) != called[-1]
    }
    mirrors = registry.mirrors_of_database(endpoint.connection_id)
    creators = [one.id for one in mirrors if may_create(one.mapping, spec)]
    if not wanted or not creators:
        return {}
    held = queued.naming(creators, sorted(set(wanted.values()), key=str))
    return {
        record_id: Awaited(other.record_id, other.endpoint, refused=False)
        for record_id, name in wanted.items()
        for other in held.get(name, ())
        if other.record_id != record_id
    }


def beside(endpoint: EndpointSpec) -> list[int]:
    """Ids of the other endpoints that keep records of the same model of the same database, by whatever connection."""
    copies = registry.copies(endpoint.connection_id, endpoint.mapping.model)
    return [one for one in copies if one != endpoint.id]


def written_by(endpoint: EndpointSpec) -> list[int]:
    """Ids of the other endpoints that may have written such records: as `beside`, with those that are off or live by now."""
    writers = registry.writers_of_database(endpoint.connection_id, endpoint.mapping.model)
    return [one for one in writers if one != endpoint.id]


def ahead(endpoint: EndpointSpec, claims: Sequence[Claim], *, begun: bool = False) -> Outcomes:
    """Those that wait. To be asked before Odoo is, and once more when their own send has `begun`, before the first byte."""
    spec = endpoint.mapping
    names = {claim.record_id: claim.named(spec.identifier.field.name) for claim in claims}
    wanted = {record_id: called[-1] for record_id, called in names.items() if called}
    others = beside(endpoint) if wanted else []
    if not others:
        return {}
    held = queued.being_named(others, spec.identifier.field.name, list(wanted.values()))
    outcomes: Outcomes = {}
    for claim in claims:
        for other in held.get(wanted.get(claim.record_id), ()):
            if other.record_id < claim.record_id or (other.sent and not begun):
                first = Awaited(other.record_id, other.endpoint, refused=False)
                outcomes[claim.record_id] = Outcome(claim.odoo_id, waits_for=first)
    return outcomes
