"""What Odoo has of the records that are to be written, before anything is sent.

A record may be there already: by an attempt whose answer was lost, or made by hand. And Odoo may have changed what
the consumer changed as well.
"""

from collections.abc import Collection, Mapping, Sequence

from endpoints import leaving as left
from endpoints import queued
from endpoints.awaited import Awaited
from endpoints.models import OnDelete, Operation
from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec
from mappings import languages
from mappings.convert import Values, from_row
from mappings.normal import alike, likely
from mappings.seen import as_created
from synchub.odoo import OdooClient
from synchub.sync import reach
from synchub.sync.deliver import external_id
from synchub.sync.given_up import Bearer, bearer, waiting
from synchub.sync.outcome import ForAPerson, Outcome, Outcomes
from synchub.sync.rivals import beside
from synchub.sync.unheard import made_as


def look(endpoint: EndpointSpec, client: OdooClient, claims: Sequence[Claim]) -> Outcomes:
    """A new record that Odoo has already becomes a change of that one.

    By the external id, where an earlier attempt may have created it; else by its identifier, and two such are refused.
    """
    spec = endpoint.mapping
    _look_for_sent(
        endpoint, client, [c for c in claims if c.odoo_id is None and any(s.sent for s in c.changes)]
    )
    _look_for_archived(endpoint, client, claims)
    new = [
        claim
        for claim in claims
        if claim.odoo_id is None
        and claim.external_id is not None
        # Created and deleted again: another record of that name is none of its business.
        and all(change.operation != Operation.DELETE for change in claim.changes)
    ]
    if not new or spec.named_by_odoo:
        return {}
    field = spec.identifier.field
    asking = [claim.record_id for claim in new]
    # Archived, the old one bears the name still: then the new one is a change of it.
    ahead = queued.to_be_archived(endpoint.id, asking, endpoint.on_delete)
    if endpoint.on_delete == OnDelete.IGNORE:
        # So it is with what was deleted here and is left in Odoo, where it is to be first.
        ahead |= queued.left_behind(endpoint.id, asking, field.name)
    outcomes = behind(endpoint, ahead)
    new = [claim for claim in new if claim.record_id not in ahead]
    if not new:
        return outcomes
    called = {claim.record_id: claim.named(field.name) for claim in new}
    wanted = {record_id: names[-1] if names else None for record_id, names in called.items()}
    values = sorted({value for value in wanted.values() if value is not None}, key=str)
    written = {name for claim in new for change in claim.changes for name in change.values}
    read = {one.odoo_name for name, one in spec.by_field.items() if name in written and not one.language}
    fields = sorted({field.name, *spec.archive_read, *read})
    found: dict[object, list[Values]] = {}
    rows = client.search_read(
        spec.model, [(field.name, "in", values)], fields, order="id", context={"active_test": False}
    )
    # Another record of the hub's that still bears the name in Odoo, and no longer here, is not the new one.
    going = leaving(endpoint, client, [row["id"] for row in rows], new) if rows else {}
    held: dict[object, int] = {}
    leaving_it: dict[object, int] = {}
    for row in languages.added(spec, rows, client, only=written):
        there = from_row(spec, row)
        if there["id"] not in going:
            found.setdefault(there[field.name], []).append(there)
        else:
            (leaving_it if going[there["id"]] else held)[there[field.name]] = there["id"]
    nobody_s = {name for name in wanted.values() if isinstance(name, str) and name not in found}
    written_otherwise = _written_otherwise(endpoint, nobody_s)
    meant = {one.record_id: found.get(wanted[one.record_id], []) for one in new}
    outcomes |= _left_elsewhere(endpoint, new, meant)
    new = [claim for claim in new if claim.record_id not in outcomes]
    beyond = _beyond(endpoint, client, {one.record_id: meant[one.record_id] for one in new})
    for claim in new:
        name = wanted[claim.record_id]
        claim.takes = leaving_it.get(name)
        several = meant[claim.record_id]
        problem = ""
        if name in held:
            problem = (
                f"In Odoo record {held[name]} is still called “{claim.external_id}”: the change that would have ended that "
                "was refused. Send that one again or discard it, then send this again."
            )
        elif len(several) > 1:
            ids = ", ".join(str(there["id"]) for there in several[:5])
            problem = (
                f"Odoo has {len(several)} records with {field.label} “{claim.external_id}” (ids {ids}); "
                "give each its own, then send this again."
            )
        elif claim.record_id in beyond:
            problem = (
                f"Odoo has “{claim.external_id}” already (id {several[0]['id']}){beyond[claim.record_id]}"
            )
        elif several:
            [there] = several
            claim.odoo_id, claim.base, claim.found = there["id"], there, True
            claim.archived = spec.is_archived(there)
        elif name in written_otherwise:
            odoo_id, now = written_otherwise[name]
            problem = (
                f"Odoo made “{now}” of “{name}” when it got record {odoo_id}, which this would make once more: send “{now}”, or "
                "let the line do it (trim, case)."
            )
        elif len(set(called[claim.record_id])) == 1:
            claim.doubtful = False  # what was sent would bear that name
        if problem:
            outcomes[claim.record_id] = Outcome(error=ForAPerson(problem), field=field.name)
    return outcomes


def _left_elsewhere(endpoint: EndpointSpec, new: Sequence[Claim], meant: dict[int, list[Values]]) -> Outcomes:
    """Those that wait: what Odoo has of their name, by `meant`, another endpoint was told to delete or to call otherwise before they
    came. Of several, such ones are not meant."""
    ids = {there["id"] for several in meant.values() for there in several}
    others = beside(endpoint) if ids else []
    going = left.elsewhere(others, ids, endpoint.mapping.identifier.field.name)
    waits: dict[int, Bearer] = {}
    for claim in new if going else ():
        named = claim.named_by(endpoint.mapping.identifier.field.name)
        stay, first = bearer(named, [there["id"] for there in meant[claim.record_id]], going)
        meant[claim.record_id] = [there for there in meant[claim.record_id] if there["id"] in stay]
        if first is not None and not stay:
            waits[claim.record_id] = first
    return waiting(endpoint, new, waits)


def _beyond(
    endpoint: EndpointSpec, client: OdooClient, found: Mapping[int, Sequence[Values]]
) -> dict[int, str]:
    """By new record, why its access key may not write over the one that Odoo has of its name."""
    alone = {record_id: there[0]["id"] for record_id, there in found.items() if len(there) == 1}
    return reach.beyond(endpoint, client, alone) if alone else {}


def _written_otherwise(endpoint: EndpointSpec, names: Collection[str]) -> dict[object, tuple[int, str]]:
    """Of names that nobody bears in Odoo, those that it has made other ones of when it got them: they would make the same
    record once more. By name, its id and what it is called."""
    line = endpoint.mapping.identifier
    called = set[str]().union(*map(likely, names))
    made = queued.created_as(endpoint.id, line.field.name, names, called) if names else []
    return {name: (odoo_id, now) for name, odoo_id, now in made if alike(line, name, now)}


def behind(endpoint: EndpointSpec, ahead: Mapping[int, int]) -> Outcomes:
    """These wait until the others are done with."""
    return {
        record_id: Outcome(waits_for=Awaited(first, endpoint.name, refused=False))
        for record_id, first in ahead.items()
    }


def leaving(
    endpoint: EndpointSpec, client: OdooClient, odoo_ids: Sequence[int], new: Sequence[Claim]
) -> dict[int, bool]:
    """Which of these are another record's of the hub, that is about to be deleted or called otherwise: whether that is on its
    way, or was refused."""
    known = queued.giving_up_name(endpoint.id, odoo_ids, endpoint.mapping.identifier.field.name)
    mine = {claim.handle for claim in new}
    unheard = [handle for handle in queued.perhaps_created(endpoint.id) if handle not in mine]
    # Of those the hub does not know yet that they are there.
    made = made_as(endpoint, client, [handle.hex for handle in unheard]) if unheard else None
    return known | dict.fromkeys(set((made or {}).values()) & set(odoo_ids), True)


def _look_for_archived(endpoint: EndpointSpec, client: OdooClient, claims: Sequence[Claim]) -> None:
    """Of new records that were found in Odoo before, by an attempt that came to nothing: whether they are still in its archive."""
    found = {
        claim.odoo_id: claim
        for claim in claims
        if claim.odoo_id is not None and any(change.operation == Operation.CREATE for change in claim.changes)
    }
    if not found or not endpoint.mapping.can_archive:
        return
    for odoo_id in client.search(
        endpoint.mapping.model,
        [("id", "in", sorted(found)), (endpoint.mapping.archive, "=", False)],
        order="id",
    ):
        found[odoo_id].archived = True


def _look_for_sent(endpoint: EndpointSpec, client: OdooClient, claims: Sequence[Claim]) -> None:
    """Whether Odoo has them is not known: it is asked, under the names that they would have there."""
    if not claims:
        return
    by_name = {external_id(claim).partition(".")[2]: claim for claim in claims}
    made = made_as(endpoint, client, list(by_name))
    for name, claim in by_name.items():
        claim.odoo_id, claim.doubtful = (made or {}).get(name), made is None
        claim.found = claim.odoo_id is not None
        first = claim.changes[0]
        # With a base, be it empty, a person has sent it once more, whatever Odoo has, or has changed it.
        if claim.found and first.base is None:
            claim.made = as_created(endpoint.mapping, first.values)
