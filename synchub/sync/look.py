"""What Odoo has of the records that are to be written, before anything is sent.

A record may be there already: by an attempt whose answer was lost, or made by hand. And Odoo may have changed what
the consumer changed as well.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from endpoints import inbox, matching, queued
from endpoints.awaited import Awaited
from endpoints.models import Conflicts, OnDelete, Operation
from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec
from mappings import languages
from mappings.convert import Values, from_row
from mappings.lookups import find_ids, ids_of, to_look_up
from mappings.relations import is_structure
from mappings.spec import MappingSpec
from synchub.errors import OdooPermanent
from synchub.odoo import OdooClient
from synchub.sync import conflicts
from synchub.sync.coalesce import work
from synchub.sync.deliver import external_id
from synchub.sync.outcome import Outcome, Outcomes
from synchub.sync.questions import questions
from synchub.sync.rivals import beside
from synchub.sync.unheard import made_as


class ForAPerson(OdooPermanent):
    """A person has to say how to go on; the words are the hub's own, not Odoo's."""


class Undecided(ForAPerson):
    """Both sides changed the same field. `asked` is for the inbox."""

    def __init__(self, message: str, asked: list[dict[str, Any]]) -> None:
        super().__init__(message)
        self.asked = asked


def look(endpoint: EndpointSpec, client: OdooClient, claims: Sequence[Claim]) -> Outcomes:
    """A new record that Odoo has already becomes a change of that one.

    By the external id, where an earlier attempt may have created it; else by its identifier, and two such are refused.
    """
    spec = endpoint.mapping
    _look_for_sent(
        endpoint, client, [c for c in claims if c.odoo_id is None and any(s.sent for s in c.changes)]
    )
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
    outcomes: Outcomes = {}
    if endpoint.on_delete == OnDelete.IGNORE:
        # Deleted here and left in Odoo, where it is to be first: then the new one is a change of it.
        outcomes = _behind(endpoint, queued.left_behind(endpoint.id, [claim.record_id for claim in new]))
        new = [claim for claim in new if claim.record_id not in outcomes]
    field = spec.identifier.field
    called = {claim.record_id: claim.named(field.name) for claim in new}
    wanted = {record_id: names[-1] if names else None for record_id, names in called.items()}
    values = sorted({value for value in wanted.values() if value is not None}, key=str)
    archive = ["active"] if spec.can_archive else []
    written = {name for claim in new for change in claim.changes for name in change.values}
    read = {one.odoo_name for name, one in spec.by_field.items() if name in written and not one.language}
    fields = sorted({field.name, *archive, *read})
    found: dict[object, list[Values]] = {}
    rows = client.search_read(
        spec.model, [(field.name, "in", values)], fields, order="id", context={"active_test": False}
    )
    # Another record of the hub's that still bears the name in Odoo, and no longer here, is not the new one.
    going = leaving(endpoint, client, [row["id"] for row in rows], new) if rows else {}
    if any(going.values()):
        # Archived, the old one bears the name still: then the new one is a change of it.
        ahead = queued.to_be_archived(endpoint.id, [claim.record_id for claim in new], endpoint.on_delete)
        outcomes |= _behind(endpoint, ahead)
        new = [claim for claim in new if claim.record_id not in ahead]
    held: dict[object, int] = {}
    leaving_it: dict[object, int] = {}
    for row in languages.added(spec, rows, client, only=written):
        there = from_row(spec, row)
        if there["id"] not in going:
            found.setdefault(there[field.name], []).append(there)
        else:
            (leaving_it if going[there["id"]] else held)[there[field.name]] = there["id"]
    for claim in new:
        name = wanted[claim.record_id]
        claim.takes = leaving_it.get(name)
        several = found.get(name, [])
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
        elif several:
            [there] = several
            claim.odoo_id, claim.base, claim.found = there["id"], there, True
            claim.archived = there.get("active") is False
        elif len(set(called[claim.record_id])) == 1:
            claim.doubtful = False  # what was sent would bear that name
        if problem:
            outcomes[claim.record_id] = Outcome(error=ForAPerson(problem), field=field.name)
    return outcomes


def _behind(endpoint: EndpointSpec, ahead: Mapping[int, int]) -> Outcomes:
    """These wait until the others are done with."""
    return {
        record_id: Outcome(waits_for=Awaited(first, endpoint.name, refused=False))
        for record_id, first in ahead.items()
    }


def compare(endpoint: EndpointSpec, client: OdooClient, claims: Sequence[Claim]) -> Outcomes:
    """Fields that both sides changed: either Odoo's value stays, or the hub's goes, or a person is asked."""
    spec = endpoint.mapping
    ask = conflicts.may_matter(endpoint.conflicts, spec)
    open_questions = _open_questions(endpoint, claims)
    new = [claim for claim in claims if claim.creates]
    linked = matching.called_then([one.record_id for one in new if one.odoo_id is not None]) if new else {}
    concerned = {
        claim.record_id: seen
        for claim in claims
        if claim.odoo_id is not None
        and (
            ((seen := claim.seen | open_questions.get(claim.record_id, {})) and ask)
            # What is known of it may be out of date, by a send of the hub's own for one.
            or (claim.base is not None and any(change.sent for change in claim.changes))
            or _needs_to_know(spec, claim)
            or any(change.undoes for change in claim.changes)
            or claim.record_id in linked
            # What was there before is kept, for an undo.
            or (settings.UNDO_DAYS and any(change.operation != Operation.DELETE for change in claim.changes))
            # A person said that Odoo has it already: only what differs is to be written.
            or (claim.base is None and claim.creates)
        )
    }
    if not concerned:
        return {}
    ids = [claim.odoo_id for claim in claims if claim.record_id in concerned and claim.odoo_id is not None]
    read = languages.added(spec, client.read(spec.model, ids, endpoint.odoo_fields), client)
    rows = {row["id"]: row for row in read}
    others = beside(endpoint) if ask else []
    elsewhere = queued.written_elsewhere(endpoint.id, others, list(rows)) if others else {}
    outcomes: Outcomes = {}
    for claim in claims:
        row = rows.get(claim.odoo_id or 0)
        if claim.record_id not in concerned or row is None:
            continue
        current = claim.base = from_row(spec, row)
        yielding = _yielding(claim)
        if claim.record_id in linked and (problem := _called_otherwise(spec, claim, linked[claim.record_id])):
            outcomes[claim.record_id] = Outcome(error=ForAPerson(problem), field=spec.identifier.field.name)
            continue
        if not ask and not yielding:
            continue
        if changed := _not_to_be_deleted(claim, current):
            outcomes[claim.record_id] = Outcome(claim.odoo_id, error=ForAPerson(changed))
            continue
        written = work(claim).item.written
        found = [
            one
            for one in conflicts.conflicts(concerned[claim.record_id], current, written)
            if not _hub_s_own(spec, claim, one, client, elsewhere.get(row["id"], []))
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
        moment, wrote = _moment(row), claim.changes[-1].created_at
        claim.lost = {one.field for one in found if conflicts.odoo_wins(rules[one.field], moment, wrote)}
    return outcomes


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
    """Has Odoo what was written, what an earlier attempt sent without hearing of it, or what came by another endpoint before
    this?"""
    writes = [change for change in claim.changes if one.field in change.values]
    sent = [change.values[one.field] for change in writes if change.sent]
    sent += [
        value
        for other in elsewhere
        if any(other.created_at < change.created_at for change in writes)
        for value in other.of(one.field)
    ]
    line = spec.line_of(one.field)
    for value in (one.wanted, *sent):
        if is_structure(value) and line is not None and line.nested is not None:
            refs = [value] if "$ref" in value else value.get("$set")
            if refs is None:
                continue
            found = find_ids(line.nested, to_look_up(refs), client)
            ids = sorted({one for ref in refs for one in ids_of(ref, found)[:1]})
            if ids == (sorted(one.current) if isinstance(one.current, list) else [one.current]):
                return True
        elif value == one.current or spec.shows_the_same(one.field, value, one.current):
            return True
    return False


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


def _moment(row: Mapping[str, Any]) -> datetime | None:
    stamp = row.get("write_date")
    return datetime.fromisoformat(stamp).replace(tzinfo=UTC) if isinstance(stamp, str) else None


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


def _look_for_sent(endpoint: EndpointSpec, client: OdooClient, claims: Sequence[Claim]) -> None:
    """Whether Odoo has them is not known: it is asked, under the names that they would have there."""
    if not claims:
        return
    by_name = {external_id(claim).partition(".")[2]: claim for claim in claims}
    made = made_as(endpoint, client, list(by_name))
    for name, claim in by_name.items():
        claim.odoo_id, claim.doubtful = (made or {}).get(name), made is None
        claim.found = claim.odoo_id is not None
