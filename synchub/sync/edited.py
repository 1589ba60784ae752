"""What Odoo has changed itself since the consumer wrote: either its value stays, or the hub's goes, or a person is asked."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.conf import settings

from endpoints import inbox, matching, queued, registry
from endpoints.models import Conflicts, Operation
from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec
from mappings import languages, untold
from mappings.convert import Values, from_row
from mappings.lookups import find_ids, ids_of, to_look_up
from mappings.normal import alike
from mappings.relations import is_structure
from mappings.spec import MappingSpec
from synchub.errors import OdooPermanent
from synchub.odoo import OdooClient
from synchub.sync import conflicts
from synchub.sync.as_lines import AsLines
from synchub.sync.coalesce import work
from synchub.sync.emptied import Emptied
from synchub.sync.line_rules import rules_of_lines, stamped
from synchub.sync.newer import overtaken_as_lines, overtaken_elsewhere
from synchub.sync.not_heard import NotHeard
from synchub.sync.outcome import ForAPerson, Outcome, Outcomes, Undecided
from synchub.sync.questions import questions
from synchub.sync.replaced import note
from synchub.sync.rivals import beside
from synchub.sync.shared import Shared


def compare(endpoint: EndpointSpec, client: OdooClient, claims: Sequence[Claim]) -> Outcomes:
    """Fields that both sides changed: either Odoo's value stays, or the hub's goes, or a person is asked."""
    spec = endpoint.mapping
    ask = conflicts.may_matter(endpoint.conflicts, spec)
    overtaken, outcomes = overtaken_elsewhere(endpoint, claims)
    claims = [claim for claim in claims if claim.record_id not in outcomes]
    for claim in claims:
        claim.overtaken = overtaken.get(claim.record_id, {})
    open_questions = _open_questions(endpoint, claims)
    new = [claim for claim in claims if claim.creates]
    linked = matching.called_then([one.record_id for one in new if one.odoo_id is not None]) if new else {}
    lines = [line for line in spec.written_relations if line.field.type.name == "one2many"]
    others = beside(endpoint) if ask or lines else []
    # Written by other endpoints as well, of this record or by themselves: who was accepted last counts, whatever the rule.
    shared_lines = {
        line.field.name
        for line in lines
        if others or (line.nested and registry.copies(endpoint.connection_id, line.nested.model))
    }
    concerned = {
        claim.record_id: seen
        for claim in claims
        if claim.odoo_id is not None
        and (
            ((seen := claim.seen | open_questions.get(claim.record_id, {})) and ask)
            # What is known of it may be out of date, by a send of the hub's own for one.
            or (claim.base is not None and any(change.sent for change in claim.changes))
            or _needs_to_know(spec, claim)
            or any(name in change.values for change in claim.changes for name in shared_lines)
            or any(change.undoes for change in claim.changes)
            or claim.record_id in linked
            # What was there before is kept, for an undo.
            or (settings.UNDO_DAYS and any(change.operation != Operation.DELETE for change in claim.changes))
            # A person said that Odoo has it already: only what differs is to be written.
            or (claim.base is None and claim.creates)
        )
    }
    if not concerned:
        return outcomes
    ids = [claim.odoo_id for claim in claims if claim.record_id in concerned and claim.odoo_id is not None]
    read = languages.added(spec, _there(endpoint, client, ids), client)
    rows = {row["id"]: row for row in read}
    # A pull may have seen what came by another endpoint; who wrote before that has not.
    since = {one.odoo_id: one.changes[0].created_at for one in claims if one.odoo_id is not None}
    elsewhere = queued.written_elsewhere(endpoint.id, others, list(rows), since) if others else {}
    shared, as_lines = Shared(endpoint, client, list(rows)), AsLines(endpoint, read, min(since.values()))
    emptied, not_heard = Emptied(endpoint, claims, concerned, rows), NotHeard(spec, others, read)
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
        claim.overtaken |= overtaken_as_lines(endpoint, claim, both, partial(as_lines.writes, current))
        claim.again = {one.field for one in both if _only_said_again(spec, claim, one, client)}
        if not ask and not yielding:
            claim.rules = rules_of_lines(endpoint, client, claim, None, elsewhere.get(row["id"], []))
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
            and not _hub_s_own(spec, claim, one, client, elsewhere.get(row["id"], []))
            and not _hub_s_own(spec, claim, one, client, shared.writes(row["id"], one.field))
            and not _hub_s_own(spec, claim, one, client, as_lines.writes(current))
            and not _hub_s_own(spec, claim, one, client, not_heard.writes(current))
            and not emptied.to_be_swapped(claim, one)
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
        claim.rules = rules_of_lines(endpoint, client, claim, moment, elsewhere.get(row["id"], []))
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


def _needs_to_know(spec: MappingSpec, claim: Claim) -> bool:
    """Does it write what is only written over certain values of Odoo's, or add to and remove from what is not known?"""
    written = [pair for change in claim.changes for pair in change.values.items()]
    if any(
        "$add" in value and name not in (claim.base or {}) for name, value in written if is_structure(value)
    ):
        return True
    names = {name for name, _ in written}
    return any(line.write_when != "always" and line.field.name in names for line in spec.incoming)


def _hub_s_own(
    spec: MappingSpec,
    claim: Claim,
    one: conflicts.Conflict,
    client: OdooClient,
    elsewhere: Sequence[queued.Elsewhere],
) -> bool:
    """Has Odoo what was written; or what an earlier attempt sent without hearing of it, or came by another endpoint before
    this, or what it makes of that?"""
    writes = [change for change in claim.changes if one.field in change.values]
    sent = [change.values[one.field] for change in writes if change.sent]
    sent += [
        value
        for other in elsewhere
        if any(other.created_at < change.created_at for change in writes)
        for value in other.of(one.field)
    ]
    if any(_means(spec, one.field, value, one.current, client) for value in (one.wanted, *sent)):
        return True
    line = spec.line_of(one.field)
    if line is not None and line.nested is None:
        return any(alike(line, value, one.current) for value in sent if not is_structure(value))
    return False


def _only_said_again(spec: MappingSpec, claim: Claim, one: conflicts.Conflict, client: OdooClient) -> bool:
    """Was nothing sent but what Odoo had, lest it works that out anew? Then Odoo alone has changed it."""
    if one.field not in spec.by_field or not spec.by_field[one.field].computed:
        return False
    writes = [change.values[one.field] for change in claim.changes if one.field in change.values]
    return all(_means(spec, one.field, value, one.base, client) for value in writes)


def _means(spec: MappingSpec, field: str, value: Any, there: Any, client: OdooClient) -> bool:
    """Is what was written what is there?"""
    line = spec.line_of(field)
    if is_structure(value) and line is not None and line.nested is not None:
        refs = [value] if "$ref" in value else value.get("$set")
        if refs is None:
            return False
        found = find_ids(line.nested, to_look_up(refs), client)
        ids = sorted({one for ref in refs for one in ids_of(ref, found)[:1]})
        return bool(ids == (sorted(there) if isinstance(there, list) else [there]))
    return bool(value == there or spec.shows_the_same(field, value, there))


def _open_questions(endpoint: EndpointSpec, claims: Sequence[Claim]) -> dict[int, Values]:
    """What Odoo had of the fields that a person is asked about: a newer write of them waits for the answer as well."""
    asked = inbox.asked_of([claim.record_id for claim in claims if claim.odoo_id is not None])
    return {
        record_id: {
            name: value
            for name, value in fields.items()
            if conflicts.policy(endpoint.conflicts, endpoint.mapping, name) == Conflicts.ASK
        }
        for record_id, fields in asked.items()
    }
