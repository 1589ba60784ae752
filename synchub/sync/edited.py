"""What Odoo has changed itself since the consumer wrote: either its value stays, or the hub's goes, or a person is asked."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from endpoints import matching
from endpoints.models import Conflicts, Operation
from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec
from mappings import languages, untold
from mappings.convert import Values, from_row
from mappings.spec import MappingSpec
from synchub.errors import OdooPermanent
from synchub.odoo import OdooClient
from synchub.sync import conflicts
from synchub.sync.coalesce import work
from synchub.sync.concerned import to_be_read
from synchub.sync.line_rules import rules_of_lines, stamped
from synchub.sync.newer import overtaken_as_lines, overtaken_elsewhere
from synchub.sync.outcome import ForAPerson, Outcome, Outcomes, Undecided
from synchub.sync.own_writes import OwnWrites, only_said_again
from synchub.sync.questions import questions
from synchub.sync.replaced import note


def compare(endpoint: EndpointSpec, client: OdooClient, claims: Sequence[Claim]) -> Outcomes:
    """Fields that both sides changed: either Odoo's value stays, or the hub's goes, or a person is asked."""
    spec = endpoint.mapping
    ask = conflicts.may_matter(endpoint.conflicts, spec)
    overtaken, outcomes = overtaken_elsewhere(endpoint, claims)
    claims = [claim for claim in claims if claim.record_id not in outcomes]
    for claim in claims:
        claim.overtaken = overtaken.get(claim.record_id, {})
    new = [claim for claim in claims if claim.creates]
    linked = matching.called_then([one.record_id for one in new if one.odoo_id is not None]) if new else {}
    concerned = to_be_read(endpoint, claims, linked, ask=ask)
    if not concerned:
        return outcomes
    ids = [claim.odoo_id for claim in claims if claim.record_id in concerned and claim.odoo_id is not None]
    read = languages.added(spec, _there(endpoint, client, ids), client)
    rows = {row["id"]: row for row in read}
    own = OwnWrites(endpoint, client, claims, concerned, read)
    for claim in claims:
        row = rows.get(claim.odoo_id or 0)
        if claim.record_id not in concerned or row is None:
            continue
        note(endpoint, claim, row)
        current = claim.base = from_row(spec, row)
        yielding = _yielding(claim)
        if claim.record_id in linked and (problem := _called_otherwise(spec, claim, linked[claim.record_id])):
            outcomes[claim.record_id] = Outcome(error=ForAPerson(problem), field=spec.identifier.field.name)
            continue
        both = conflicts.conflicts(concerned[claim.record_id], current, work(claim).item.written)
        claim.overtaken |= overtaken_as_lines(endpoint, claim, both, partial(own.as_lines, current))
        claim.again = {one.field for one in both if only_said_again(spec, claim, one, client)}
        if not ask and not yielding:
            claim.rules = rules_of_lines(endpoint, client, claim, None, partial(own.elsewhere, row["id"]))
            continue
        if changed := _not_to_be_deleted(claim, current):
            outcomes[claim.record_id] = Outcome(claim.odoo_id, error=ForAPerson(changed))
            continue
        if any(change.operation == Operation.DELETE for change in claim.changes):
            continue  # nothing of what it wrote before is written, unless Odoo refuses to delete it: then that comes back
        found = [
            one
            for one in both
            if one.field not in claim.again | claim.overtaken.keys()
            and not own.has_made(claim, one, row["id"], current)
        ]
        rules = {
            one.field: Conflicts.ODOO
            if one.field in yielding
            else conflicts.policy(endpoint.conflicts, spec, one.field)
            for one in found
        }
        asked = [one for one in found if rules[one.field] == Conflicts.ASK]
        if asked:
            error = Undecided(conflicts.question(spec, asked), questions(endpoint, client, row, asked))
            outcomes[claim.record_id] = Outcome(claim.odoo_id, error=error, field=asked[0].field)
            continue
        moment, wrote = stamped(row.get("write_date")), claim.changes[-1].created_at
        claim.lost = {one.field for one in found if conflicts.odoo_wins(rules[one.field], moment, wrote)}
        claim.rules = rules_of_lines(endpoint, client, claim, moment, partial(own.elsewhere, row["id"]))
    return outcomes


def _there(endpoint: EndpointSpec, client: OdooClient, ids: Sequence[int]) -> list[dict[str, Any]]:
    """What Odoo has of them. A single one is written also where Odoo does not tell all of it: a batch is halved until that one
    stands alone."""
    model, fields = endpoint.mapping.model, endpoint.odoo_fields
    try:
        return client.read(model, ids, fields)
    except OdooPermanent:
        if len(ids) > 1 or not (rows := untold.read(client, model, ids, fields).rows):
            raise
        return rows


def _yielding(claim: Claim) -> set[str]:
    """Fields that an undo puts back, and nobody has written since: Odoo's value stays where it is another by now."""
    last = {
        name: change.undoes for change in claim.changes for name in (*change.values, *(change.base or {}))
    }
    return {name for name, undoes in last.items() if undoes}


def _not_to_be_deleted(claim: Claim, current: Values) -> str:
    """Why a record that an undo wants away stays after all; empty where it may go."""
    last = claim.changes[-1]
    if not (last.undoes and last.operation == Operation.DELETE):
        return ""
    changed = [name for name, value in (last.base or {}).items() if current.get(name) != value]
    return f"Odoo has changed it since ({', '.join(changed)}): the undo leaves it alone." if changed else ""


def _called_otherwise(spec: MappingSpec, claim: Claim, then: Any) -> str:
    """Why what a person has linked may be another record by now; empty where it is called as it was, or as it is to be."""
    now = (claim.base or {}).get(spec.identifier.field.name)
    if spec.named_by_odoo or now in (None, then, *claim.named(spec.identifier.field.name)):
        return ""
    return (
        f"Since this was matched with record {claim.odoo_id}, that got another {spec.identifier.field.label} in Odoo: “{now}”. "
        "If it is the same, take that away there, then send this again."
    )
