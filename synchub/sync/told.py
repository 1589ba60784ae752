"""What Odoo tells before anything of a batch is sent, where it refuses to tell all of it at once."""

from collections.abc import Callable, Sequence

from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec
from synchub.errors import OdooPermanent
from synchub.odoo import OdooClient
from synchub.odoo.faults import NO_RIGHT
from synchub.sync.coalesce import Work
from synchub.sync.outcome import Outcome, Outcomes
from synchub.sync.unfit import refuses, unfit

LookedAt = Callable[[Sequence[Claim]], tuple[list[Work], Outcomes]]


def told(
    endpoint: EndpointSpec, client: OdooClient, claims: Sequence[Claim], looked_at: LookedAt
) -> tuple[list[Work], Outcomes]:
    """What is to be sent, its relations found; and what became of the claims that go no further.

    Where Odoo refuses to tell what has to be known (one record that the hub's user may not see is enough), the claims are
    halved until the one at fault stands alone: the others go on, and it does not come back for ever. Where that user may read none
    of the model's records they are refused together. Raises OdooError where none of them is at fault.
    """
    try:
        return looked_at(claims)
    except OdooPermanent as error:
        trouble = unfit(endpoint, client, error)
        if trouble is not None:
            raise trouble from error
        if error.code == NO_RIGHT and refuses(client, endpoint.mapping.model):
            return [], {one.record_id: Outcome(one.odoo_id, error=error) for one in claims}
        return _by_halves(claims, looked_at, error)


def _by_halves(
    claims: Sequence[Claim], looked_at: LookedAt, error: OdooPermanent
) -> tuple[list[Work], Outcomes]:
    if len(claims) == 1:
        return [], {claims[0].record_id: Outcome(claims[0].odoo_id, error=error)}
    todo: list[Work] = []
    outcomes: Outcomes = {}
    half = len(claims) // 2
    for some in (claims[:half], claims[half:]):
        try:
            going, decided = looked_at(some)
        except OdooPermanent as refused:
            going, decided = _by_halves(some, looked_at, refused)
        todo, outcomes = todo + going, outcomes | decided
    return todo, outcomes
