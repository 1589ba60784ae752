"""Names that records are to be given, and that others bear in Odoo: two of one name could not be told apart any more."""

from collections.abc import Sequence

from endpoints import leaving as leaving_names
from endpoints import queued
from endpoints.models import OnDelete, Operation
from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec
from mappings.convert import from_row
from synchub.odoo import OdooClient
from synchub.sync.given_up import Bearer, bearer, waiting
from synchub.sync.look import behind, leaving
from synchub.sync.outcome import ForAPerson, Outcome, Outcomes
from synchub.sync.rivals import beside


def taken(endpoint: EndpointSpec, client: OdooClient, claims: Sequence[Claim]) -> Outcomes:
    """Records that Odoo has already, and that would be called as another one there, are refused. A call to Odoo, where any
    is called otherwise.

    Not where the other one is about to give that name up, or is archived and seen by nobody. Where another endpoint was told before
    that it does, this waits; what was written before it goes first, as something may wait for that in its turn.
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
    later = _gone_later(endpoint, [odoo_id for odoo_id, on_its_way in going.items() if on_its_way], claims)
    bearers: dict[object, list[int]] = {}
    held: dict[object, int] = {}
    for row in rows:
        there = from_row(endpoint.mapping, row)
        if not going.get(row["id"]):
            bearers.setdefault(there[field.name], []).append(there["id"])
        elif row["id"] in later:
            held[there[field.name]] = later[row["id"]]
    leaving_it = {
        from_row(endpoint.mapping, row)[field.name]: row["id"] for row in rows if going.get(row["id"])
    }
    for claim in claims:
        # Whether that one does so is known once all of the batch have been looked at: see `not_given_up`.
        claim.takes = leaving_it.get(wanted.get(claim.record_id), claim.takes)
    outcomes |= behind(endpoint, {pk: held[name] for pk, name in wanted.items() if name in held})
    ids = {one for several in bearers.values() for one in several}
    left = leaving_names.elsewhere(beside(endpoint) if ids else [], ids, field.name)
    waits: dict[int, Bearer] = {}
    for claim in claims:
        others = [one for one in bearers.get(wanted.get(claim.record_id), []) if one != claim.odoo_id]
        if not others or claim.record_id in outcomes:
            continue
        stay, first = bearer(claim.named_by(field.name), others, left)
        if stay:
            problem = (
                f"Odoo has another record with {field.label} “{claim.external_id}” (id {stay[0]}); give one of the two "
                "another, then send this again."
            )
            outcomes[claim.record_id] = Outcome(claim.odoo_id, error=ForAPerson(problem), field=field.name)
        elif first is not None:
            waits[claim.record_id] = first
    waiting_ones = [claim for claim in claims if claim.record_id in waits]
    if [claim for claim in waiting_ones if claim.put_off(claim.named_by(field.name))]:
        return taken(endpoint, client, claims)
    return outcomes | waiting(endpoint, claims, waits)


def _gone_later(endpoint: EndpointSpec, odoo_ids: Sequence[int], claims: Sequence[Claim]) -> dict[int, int]:
    """Of those that are about to give their name up: which are deleted only after what is sent of them now, by id in Odoo, with the
    record. Odoo may allow a name but once."""
    now = {
        claim.odoo_id
        for claim in claims
        if claim.named(endpoint.mapping.identifier.field.name)
        or any(change.operation == Operation.DELETE for change in claim.changes)
    }
    ids = [one for one in odoo_ids if one not in now]
    return queued.to_be_deleted(endpoint.id, ids) if ids else {}
