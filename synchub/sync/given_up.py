"""Names that new records, or others, are to get, and that another endpoint was told before to take from who has them in Odoo."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from endpoints import leaving, queued
from endpoints.awaited import Awaited
from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec
from synchub.sync.outcome import ForAPerson, Outcome, Outcomes

Going = Mapping[int, Sequence[leaving.Leaving]]
"""By Odoo id, as `leaving.elsewhere` tells."""


@dataclass(frozen=True)
class Bearer:
    """Odoo's record that has the name still, and the hub's that is to give it up."""

    odoo_id: int
    first: Awaited


def bearer(claim_named: int, odoo_ids: Iterable[int], going: Going) -> tuple[list[int], Bearer | None]:
    """Of these records of Odoo's that have the name: those that keep it, and the first that was told to give it up before the change
    that names (`claim_named`)."""
    first = {one: leaving.before(claim_named, one, going) for one in odoo_ids}
    stay = [one for one, awaited in first.items() if awaited is None]
    return stay, next((Bearer(one, awaited) for one, awaited in first.items() if awaited is not None), None)


def waiting(endpoint: EndpointSpec, claims: Sequence[Claim], bearers: Mapping[int, Bearer]) -> Outcomes:
    """By record, whose name it waits for. Where that one waits for it as well, whatever for, and goes no further without, it is
    refused: two of one name could not be told apart, nor would one be written over that is to be another's."""
    field = endpoint.mapping.identifier.field
    endless = queued.leading_back(
        {pk: bearer.first.record_id for pk, bearer in bearers.items()}, at_once=False
    )
    outcomes: Outcomes = {}
    for claim in claims:
        bearer = bearers.get(claim.record_id)
        if bearer is None:
            continue
        if claim.record_id in endless:
            problem = (
                f"Odoo has {field.label} “{claim.external_id}” still (id {bearer.odoo_id}). “{bearer.first.endpoint}” was told "
                "before this that this record is deleted, or called otherwise, but what it was told waits for this one in its "
                "turn. Give this one another, or change what waits there, then send this again."
            )
            outcomes[claim.record_id] = Outcome(claim.odoo_id, error=ForAPerson(problem), field=field.name)
        else:
            outcomes[claim.record_id] = Outcome(claim.odoo_id, waits_for=bearer.first, patient=True)
    return outcomes
