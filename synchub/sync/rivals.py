"""Two endpoints over one model that give the same name in Odoo at the same moment: neither finds it there before it writes.

So one waits until the other is done, and looks then. Whoever looks sees what the other holds, or the other sees it in its turn: who
was accepted first goes first, unless the other's send has begun already.
"""

from collections.abc import Sequence

from endpoints import queued, registry
from endpoints.awaited import Awaited
from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec
from synchub.sync.outcome import Outcome, Outcomes


def beside(endpoint: EndpointSpec) -> list[int]:
    """Ids of the other endpoints that keep records of the same model."""
    return [
        one.id
        for one in registry.mirrors(endpoint.connection_id)
        if one.mapping.model == endpoint.mapping.model and one.id != endpoint.id
    ]


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
