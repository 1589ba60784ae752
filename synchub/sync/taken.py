"""Names that records are to be given, and that others bear in Odoo: two of one name could not be told apart any more."""

from collections.abc import Sequence

from endpoints import leaving as leaving_names
from endpoints import queued
from endpoints.models import OnDelete, Operation
from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec
from mappings.convert import from_row
from synchub.odoo import OdooClient
from synchub.sync.look import behind, leaving
from synchub.sync.outcome import ForAPerson, Outcome, Outcomes
from synchub.sync.rivals import beside


def taken(endpoint: EndpointSpec, client: OdooClient, claims: Sequence[Claim]) -> Outcomes:
    """Records that Odoo has already, and that would be called as another one there, are refused. A call to Odoo, where any
    is called otherwise.

    Not where the other one is about to give that name up, or is archived and seen by nobody. Where another endpoint was told before
    that it does, this waits.
    """
    field = endpoint.mapping.identifier.field
    wanted = {
        claim.record_id: names[-1]
        for claim in claims
        if claim.odoo_id is not None
        and all(change.operation != Operation.DELETE for change in claim.changes)
        and (names := claim.named(field.name))
        and field.name not in claim.given_way
        and names[-1] not in (None, (claim.base or {}).get(field.name))
    }
    if not wanted or endpoint.mapping.named_by_odoo:
        return {}
    outcomes: Outcomes = {}
    if endpoint.on_delete == OnDelete.IGNORE:
        # Deleted here and left in Odoo, which is yet to get it: whether the name is free is seen then.
        renamed = [
            claim.record_id
            for claim in claims
            if claim.record_id in wanted
            and all(change.operation == Operation.UPDATE for change in claim.changes)
        ]
        outcomes = behind(endpoint, queued.left_behind(endpoint.id, renamed, field.name))
    domain = [(field.name, "in", sorted(set(wanted.values()), key=str))]
    rows = client.search_read(endpoint.mapping.model, domain, [field.name], order="id")
    going = leaving(endpoint, client, [row["id"] for row in rows], claims) if rows else {}
    bearers: dict[object, list[int]] = {}
    for row in rows:
        if not going.get(row["id"]):
            there = from_row(endpoint.mapping, row)
            bearers.setdefault(there[field.name], []).append(there["id"])
    ids = {one for several in bearers.values() for one in several}
    left = leaving_names.elsewhere(beside(endpoint) if ids else [], ids, field.name)
    for claim in claims:
        others = [one for one in bearers.get(wanted.get(claim.record_id), []) if one != claim.odoo_id]
        if not others or claim.record_id in outcomes:
            continue
        first = {one: leaving_names.before(claim.named_by(field.name), one, left) for one in others}
        if stay := [one for one in others if first[one] is None]:
            problem = (
                f"Odoo has another record with {field.label} “{claim.external_id}” (id {stay[0]}); give one of the two "
                "another, then send this again."
            )
            outcomes[claim.record_id] = Outcome(claim.odoo_id, error=ForAPerson(problem), field=field.name)
        else:
            outcomes[claim.record_id] = Outcome(claim.odoo_id, waits_for=first[others[0]])
    return outcomes
