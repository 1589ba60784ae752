"""The story of a push: an endpoint's changes to Odoo, each once, in order per record.

claim       take open changes, in a short transaction of its own
lease       what was claimed is held while this worker lives, and no longer (see `lease`)
look        which of the new records has Odoo already, by their identifier?
compare     what has Odoo changed itself since the consumer wrote? (see `conflicts`)
prepare     find, or make, the records that relations name (see `resolve`)
begin       note that a send begins; whatever lost its lease meanwhile is left out
deliver     few calls, outside of any transaction
read back   what Odoo made of it
execute     the scripts that have effects, for each change that needs them
settle      fenced by the claim's token: changes, records and mirror in one transaction
"""

import logging
import random
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from endpoints import mirror, outbox
from endpoints.models import ChangeState, Conflicts, Record, RunKind
from endpoints.outbox import Claim, Verdict
from endpoints.registry import EndpointSpec
from mappings import domains, scripted, tracing
from mappings.clients import client_for
from mappings.convert import Values, from_row
from mappings.external_ids import EXTERNAL_ID_MODULE
from mappings.line_error import LineError
from mappings.lookups import find_ids
from mappings.models import Connection
from mappings.relations import is_structure, lost_fields
from mappings.spec import MappingSpec
from synchub.errors import (
    HubError,
    OdooError,
    OdooMisconfigured,
    OdooPermanent,
    OdooRetryable,
    OdooUnknownOutcome,
)
from synchub.odoo import OdooClient
from synchub.sync import conflicts, health
from synchub.sync.coalesce import Do, Work, work
from synchub.sync.deliver import Delivery, Outcome, Outcomes, external_id
from synchub.sync.lease import Lease, LeaseLost
from synchub.sync.runs import RunLog

logger = logging.getLogger(__name__)

DRAIN_SECONDS = 60.0  # then another message takes over, well within the broker's visibility timeout


class Undecided(OdooPermanent):
    """Both sides changed the same field, and a person is to decide."""


class FoundSeveral(OdooPermanent):
    """More than one record of Odoo has the identifier; the hub's own words, not Odoo's."""


@dataclass
class Tally:
    seen: int = 0
    applied: int = 0
    failed: int = 0
    trouble: OdooError | None = None


def push(endpoint: EndpointSpec) -> bool:
    """Push until nothing is waiting, Odoo makes trouble, or time is up. True: more may be waiting."""
    connection = Connection.objects.get(pk=endpoint.connection_id)
    if endpoint.paused or connection.paused_at:
        return False
    deadline = time.monotonic() + DRAIN_SECONDS
    token = uuid.uuid4()
    claims = outbox.claim(endpoint.id, token, settings.PUSH_BATCH)
    if not claims:
        return False
    expected = len(claims) + outbox.waiting(endpoint.id)
    with client_for(connection) as client, RunLog(endpoint.id, RunKind.PUSH, expected) as run:
        while claims:
            try:
                tally = push_batch(endpoint, client, token, claims)
            except Exception as error:
                _give_back(endpoint, token, claims, error)
                raise
            run.progress(seen=tally.seen, changed=tally.applied, failed=tally.failed)
            if tally.trouble is not None:
                run.trouble(tally.trouble.message)
                health.failed(connection.pk, tally.trouble)
                return False
            health.answered(connection.pk)
            if time.monotonic() > deadline:
                return True
            token = uuid.uuid4()
            claims = outbox.claim(endpoint.id, token, settings.PUSH_BATCH)
    return False


def push_batch(
    endpoint: EndpointSpec, client: OdooClient, token: uuid.UUID, claims: Sequence[Claim]
) -> Tally:
    """Carry claimed changes to Odoo and settle them. Odoo's trouble with the call itself is in `tally.trouble`."""
    outcomes: Outcomes = {}
    rows: Sequence[mirror.Row] = []
    outside: set[int] = set()
    trouble: OdooError | None = None
    try:
        with Lease(token) as lease:
            outcomes |= _lost(endpoint, claims)
            fine = [claim for claim in claims if claim.record_id not in outcomes]
            delivery = Delivery(endpoint, client, lease.check)
            todo, refused = _prepared(endpoint, client, delivery, fine)
            outcomes |= refused
            outcomes |= {one.record_id: Outcome(one.claim.odoo_id) for one in todo if one.do is Do.NOTHING}
            owned = outbox.begin_send(token, [one.record_id for one in todo if one.do is not Do.NOTHING])
            todo = [one for one in todo if one.record_id in owned]
            outcomes |= delivery.deliver(todo)
            rows, outside = _read_back(endpoint, client, todo, outcomes)
            outcomes |= _execute(endpoint, client, todo, outcomes, rows)
    except LeaseLost:
        # Another worker may hold them by now, and knows that a send was begun.
        logger.warning(
            "“%s”: this worker stood still for too long; others go on with its changes.", endpoint.name
        )
        return Tally()
    except OdooError as error:
        trouble = error
    trouble = trouble or next((e for o in outcomes.values() if (e := _trouble(o.error))), None)
    verdicts = [_verdict(endpoint, claim, outcomes.get(claim.record_id), trouble) for claim in claims]
    _settle(endpoint, token, claims, verdicts, outcomes, rows, outside)
    return Tally(
        seen=len(claims),
        applied=sum(verdict.state == ChangeState.APPLIED for verdict in verdicts),
        failed=sum(verdict.state == ChangeState.FAILED for verdict in verdicts),
        trouble=trouble,
    )


def _give_back(endpoint: EndpointSpec, token: uuid.UUID, claims: Sequence[Claim], error: Exception) -> None:
    """The hub itself failed: what it held is tried again later, and in the end shown to a person."""
    bug = HubError(f"The hub failed on this ({type(error).__name__}); its log tells more.")
    verdicts: list[Verdict] = []
    for claim in claims:
        attempts = max(change.attempts for change in claim.changes)
        if attempts < outbox.MAX_ATTEMPTS:
            verdicts.append(_later(claim, bug, attempts, None, unknown=True, spend=True))
        else:
            text = f"{bug} Whether Odoo has it is not known: look there before sending it again."
            verdicts.append(Verdict(claim.record_id, ChangeState.FAILED, error=text, outcome_unknown=True))
    _settle(endpoint, token, claims, verdicts, {claim.record_id: Outcome() for claim in claims}, [], set())


def _prepared(
    endpoint: EndpointSpec, client: OdooClient, delivery: Delivery, claims: Sequence[Claim]
) -> tuple[list[Work], Outcomes]:
    """What is to be sent, its relations found; and what became of the claims that go no further.

    Where Odoo refuses to tell what has to be known (one record that the hub's user may not see is enough), the claims are
    halved until the one at fault stands alone: the others go on, and it does not come back for ever.
    """
    outcomes: Outcomes = {}
    try:
        outcomes |= _look(endpoint, client, claims)
        outcomes |= _compare(endpoint, client, claims)
        todo = [work(claim) for claim in claims if claim.record_id not in outcomes]
        delivery.prepare(todo)
    except OdooPermanent as error:
        if len(claims) == 1:
            return [], {claims[0].record_id: Outcome(claims[0].odoo_id, error=error)}
        half = len(claims) // 2
        one, refused = _prepared(endpoint, client, delivery, claims[:half])
        other, others_refused = _prepared(endpoint, client, delivery, claims[half:])
        return one + other, refused | others_refused
    return todo, outcomes


def _lost(endpoint: EndpointSpec, claims: Sequence[Claim]) -> Outcomes:
    """Writes that were accepted when the mapping still had a field, or Odoo did: nobody can carry them out as they are."""
    spec, outcomes = endpoint.mapping, Outcomes()
    for claim in claims:
        one = work(claim)
        lost = lost_fields(spec, one.item.written) if one.do is not Do.DELETE else []
        if lost:
            named = ", ".join(lost)
            line = next((line for line in spec.lines if line.field.name == lost[0]), None)
            error = LineError(
                f"The field {named} was written, which Odoo or the mapping no longer has: write the record again "
                "without it.",
                code="READONLY",
                key=line.key if line else lost[0],
                line=line,
            )
            outcomes[claim.record_id] = Outcome(claim.odoo_id, error=error)
    return outcomes


def _look(endpoint: EndpointSpec, client: OdooClient, claims: Sequence[Claim]) -> Outcomes:
    """A new record that Odoo has already becomes a change of that one.

    By the external id, where an earlier attempt may have created it; else by its identifier, and two such are refused.
    """
    spec = endpoint.mapping
    _look_for_sent(
        endpoint, client, [c for c in claims if c.odoo_id is None and any(s.sent for s in c.changes)]
    )
    new = [claim for claim in claims if claim.odoo_id is None and claim.external_id is not None]
    if not new or spec.named_by_odoo:
        return {}
    field = spec.identifier.field
    wanted = {claim.record_id: _identifier(claim, field.name) for claim in new}
    values = sorted({value for value in wanted.values() if value is not None}, key=str)
    archive = ["active"] if spec.can_archive else []
    written = {name for claim in new for change in claim.changes for name in change.values}
    fields = sorted({field.name, *archive, *(written & {*spec.by_field})})
    found: dict[object, list[Values]] = {}
    rows = client.search_read(
        spec.model, [(field.name, "in", values)], fields, order="id", context={"active_test": False}
    )
    # Another record of the hub's that still bears the name in Odoo, and no longer here, is not the new one.
    others = outbox.giving_up_name(endpoint.id, [row["id"] for row in rows], field.name) if rows else set()
    for row in rows:
        there = from_row(spec, row)
        if there["id"] not in others:
            found.setdefault(there[field.name], []).append(there)
    outcomes: Outcomes = {}
    for claim in new:
        match found.get(wanted[claim.record_id], []):
            case []:
                pass
            case [there]:
                claim.odoo_id, claim.base = there["id"], there
                claim.archived = there.get("active") is False
            case several:
                ids = ", ".join(str(there["id"]) for there in several[:5])
                outcomes[claim.record_id] = Outcome(
                    error=FoundSeveral(
                        f"Odoo has {len(several)} records with {field.label} “{claim.external_id}” (ids {ids}); "
                        "give each its own, then send this again."
                    ),
                    field=field.name,
                )
    return outcomes


def _compare(endpoint: EndpointSpec, client: OdooClient, claims: Sequence[Claim]) -> Outcomes:
    """Fields that both sides changed: either Odoo's value stays, or the hub's goes, or a person is asked."""
    spec, ask = endpoint.mapping, endpoint.conflicts != Conflicts.HUB
    concerned = {
        claim.record_id: seen
        for claim in claims
        if claim.odoo_id is not None
        and (
            ((seen := _seen(claim)) and ask)
            # What is known of it may be out of date, by a send of the hub's own for one.
            or (claim.base is not None and any(change.sent for change in claim.changes))
            or _needs_to_know(spec, claim)
        )
    }
    if not concerned:
        return {}
    ids = [claim.odoo_id for claim in claims if claim.record_id in concerned and claim.odoo_id is not None]
    rows = {row["id"]: row for row in client.read(spec.model, ids, endpoint.odoo_fields)}
    outcomes: Outcomes = {}
    for claim in claims:
        row = rows.get(claim.odoo_id or 0)
        if claim.record_id not in concerned or row is None:
            continue
        current = claim.base = from_row(spec, row)
        if not ask:
            continue
        written = work(claim).item.written
        found = [
            one
            for one in conflicts.conflicts(concerned[claim.record_id], current, written)
            if not _hub_s_own(spec, claim, one, client)
        ]
        if found and endpoint.conflicts == Conflicts.ASK:
            outcomes[claim.record_id] = Outcome(
                claim.odoo_id, error=Undecided(conflicts.question(spec, found)), field=found[0].field
            )
        elif found and conflicts.odoo_wins(endpoint.conflicts, _moment(row), claim.changes[-1].created_at):
            claim.lost = {one.field for one in found}
    return outcomes


def _needs_to_know(spec: MappingSpec, claim: Claim) -> bool:
    """Does it write what is only written over certain values of Odoo's?"""
    names = {name for change in claim.changes for name in change.values}
    return any(line.write_when != "always" and line.field.name in names for line in spec.incoming)


def _hub_s_own(spec: MappingSpec, claim: Claim, one: conflicts.Conflict, client: OdooClient) -> bool:
    """Has Odoo what was written, or what an earlier attempt sent without hearing of it?"""
    sent = [
        change.values[one.field] for change in claim.changes if change.sent and one.field in change.values
    ]
    line = spec.line_of(one.field)
    for value in (one.wanted, *sent):
        if is_structure(value) and line is not None and line.nested is not None:
            refs = [value] if "$ref" in value else value.get("$set")
            if refs is None:
                continue
            found = find_ids(line.nested, {ref["$ref"] for ref in refs}, client)
            ids = sorted({found[ref["$ref"]][0] for ref in refs if found.get(ref["$ref"])})
            if ids == (sorted(one.current) if isinstance(one.current, list) else [one.current]):
                return True
        elif value == one.current or spec.shows_the_same(one.field, value, one.current):
            return True
    return False


def _seen(claim: Claim) -> Values:
    """What Odoo had of the fields that are written, when the first of these writes came."""
    base: Values = {}
    for change in claim.changes:
        base = (change.base or {}) | base
    return base


def _moment(row: Mapping[str, Any]) -> datetime | None:
    stamp = row.get("write_date")
    return datetime.fromisoformat(stamp).replace(tzinfo=UTC) if isinstance(stamp, str) else None


def _look_for_sent(endpoint: EndpointSpec, client: OdooClient, claims: Sequence[Claim]) -> None:
    """Whether Odoo has them is not known: it is asked, under the names that they would have there."""
    if not claims:
        return
    by_name = {external_id(claim).partition(".")[2]: claim for claim in claims}
    try:
        rows = client.search_read(
            "ir.model.data",
            [
                ("module", "=", EXTERNAL_ID_MODULE),
                ("model", "=", endpoint.mapping.model),
                ("name", "in", list(by_name)),
            ],
            ["name", "res_id"],
            order="id",
        )
    except OdooPermanent as error:
        # A user without that right: `load`, and the look by identifier, find them as well.
        logger.info("External ids cannot be looked up: %s", error.message)
        return
    for row in rows:
        by_name[row["name"]].odoo_id = row["res_id"]


def _identifier(claim: Claim, field: str) -> object:
    value: object = None
    for change in claim.changes:
        value = change.values.get(field, value)
    return value


def _read_back(
    endpoint: EndpointSpec, client: OdooClient, done: Sequence[Work], outcomes: Outcomes
) -> tuple[Sequence[mirror.Row], set[int]]:
    """What Odoo made of it, and the ids of what the endpoint's domain does not cover. A failure here costs nothing: the
    next pull brings the same."""
    ids = [
        outcome.odoo_id
        for one in done
        if one.do in (Do.CREATE, Do.UPDATE)
        and (outcome := outcomes[one.record_id]).error is None
        and outcome.odoo_id is not None
    ]
    if not ids:
        return [], set()
    model, domain = endpoint.mapping.model, endpoint.domain
    try:
        rows = client.read(model, ids, endpoint.odoo_fields)
        covered = (
            client.search(model, domains.both(domain, [("id", "in", ids)]), order="id") if domain else ids
        )
        return mirror.with_fragments(endpoint, rows, client), set(ids) - set(covered)
    except OdooError as error:
        logger.warning("What was pushed to “%s” could not be read back: %s", endpoint.name, error.message)
        return [], set()


def _execute(
    endpoint: EndpointSpec,
    client: OdooClient,
    done: Sequence[Work],
    outcomes: Outcomes,
    rows: Sequence[mirror.Row],
) -> Outcomes:
    """What was written stays written; a script that fails makes its change fail, and runs again with it."""
    if not endpoint.mapping.executing:
        return {}
    read = {row.odoo_id: row.row for row in rows}
    asked: list[tuple[Work, int, dict[str, Any]]] = []
    for one in done:
        outcome = outcomes[one.record_id]
        if one.do in (Do.CREATE, Do.UPDATE) and outcome.error is None and outcome.odoo_id is not None:
            asked += [
                (one, outcome.odoo_id, change.request)
                for change in one.claim.changes
                if change.request is not None
            ]
    given = [(read.get(odoo_id, {"id": odoo_id}), request) for _, odoo_id, request in asked]
    try:
        problems = scripted.execute(endpoint.mapping, endpoint.connection_id, given, client)
    except OdooError as error:
        return {one.record_id: Outcome(odoo_id, error=error) for one, odoo_id, _ in asked}
    return {
        one.record_id: Outcome(odoo_id, error=problem)
        for (one, odoo_id, _), problem in zip(asked, problems, strict=True)
        if problem is not None
    }


def _trouble(error: Exception | None) -> OdooRetryable | OdooUnknownOutcome | None:
    """What may pass by itself."""
    return error if isinstance(error, (OdooRetryable, OdooUnknownOutcome)) else None


def _verdict(
    endpoint: EndpointSpec, claim: Claim, outcome: Outcome | None, trouble: OdooError | None
) -> Verdict:
    attempts = max(change.attempts for change in claim.changes)
    if outcome is None:
        # Not reached: the call before it failed, or the lease was lost. Nothing was sent for it now.
        unsure = any(change.sent for change in claim.changes)
        return _later(claim, trouble, attempts, None, unknown=unsure, spend=False)
    error = outcome.error
    if error is None:
        kept = ", ".join(sorted(claim.lost))
        note = f"Odoo had changed {kept} as well, and its value was kept." if kept else ""
        return Verdict(claim.record_id, ChangeState.APPLIED, odoo_id=outcome.odoo_id, error=note)
    unknown = isinstance(error, OdooUnknownOutcome)
    if _trouble(error) and attempts < outbox.MAX_ATTEMPTS:
        # Below XML-RPC nothing was said of this record: an Odoo that is away must not use up its attempts.
        spend = unknown or getattr(error, "code", None) is not None
        return _later(claim, error, attempts, outcome.odoo_id, unknown=unknown, spend=spend)
    line_id, text = _explained(endpoint, claim, error, outcome.field)
    if _trouble(error):
        text = f"Given up after {attempts} attempts; the last one: {text}"
        if unknown:
            text += " Whether Odoo has it is not known: look there before sending it again."
    return Verdict(
        claim.record_id,
        ChangeState.FAILED,
        odoo_id=outcome.odoo_id,
        error=text,
        line_id=line_id,
        outcome_unknown=unknown,
    )


def _explained(
    endpoint: EndpointSpec, claim: Claim, error: Exception, field: str | None
) -> tuple[int | None, str]:
    """The line at fault, and what a person is to do."""
    if isinstance(error, LineError):
        return error.line_id, str(error)
    if not isinstance(error, OdooPermanent) or isinstance(error, (FoundSeveral, Undecided)):
        line = endpoint.mapping.line_of(field or "")
        return (line.id if line else None), str(error)
    one = work(claim)
    values = None if one.do is Do.DELETE else one.item.written
    traced = tracing.trace(endpoint.mapping, error.message, field=field, values=values, code=error.code)
    return traced.line_id, traced.text


def _later(
    claim: Claim, error: Exception | None, attempts: int, odoo_id: int | None, *, unknown: bool, spend: bool
) -> Verdict:
    steps = outbox.BACKOFF_SECONDS
    delay = 0.0
    if error is not None and not isinstance(error, OdooMisconfigured):
        # Spread out, so that what failed together does not come back together.
        delay = steps[min(attempts, len(steps)) - 1] * random.uniform(0.5, 1.5)  # noqa: S311  # no secret
    return Verdict(
        claim.record_id,
        ChangeState.PENDING,
        odoo_id=odoo_id,
        error=str(error or ""),
        retry_in=delay,
        spend_attempt=spend,
        outcome_unknown=unknown,
    )


def _settle(
    endpoint: EndpointSpec,
    token: uuid.UUID,
    claims: Sequence[Claim],
    verdicts: Sequence[Verdict],
    outcomes: Outcomes,
    rows: Sequence[mirror.Row],
    outside: set[int],
) -> None:
    with transaction.atomic():
        # Records before changes, in order of their ids, as everybody locks them.
        records = {
            record.pk: record
            for record in Record.objects.select_for_update()
            .filter(pk__in=[claim.record_id for claim in claims])
            .order_by("pk")
        }
        settled = outbox.settle(token, verdicts)
        owned = [verdict for verdict in verdicts if verdict.record_id in settled]
        mirror.identify(
            endpoint,
            # Whatever else became of them: these records are there.
            {v.record_id: v.odoo_id for v in owned if v.odoo_id is not None},
        )
        for verdict in owned:
            if verdict.state == ChangeState.FAILED:
                mirror.refused(
                    records[verdict.record_id],
                    verdict.error,
                    conflict=isinstance(outcomes[verdict.record_id].error, Undecided),
                )
        mirror.settled([v.record_id for v in owned if v.state == ChangeState.APPLIED])
        applied = {verdict.odoo_id for verdict in owned if verdict.state == ChangeState.APPLIED}
        # Also of what was written and failed later, by a script: what is open was not changed by Odoo.
        ours = {verdict.odoo_id for verdict in owned}
        mirror.merge(endpoint, [row for row in rows if row.odoo_id in ours])
        read = {row.odoo_id: from_row(endpoint.mapping, row.row) for row in rows}
        outbox.rebase(
            {
                v.record_id: read.get(v.odoo_id or 0)
                for v in owned
                if v.state == ChangeState.APPLIED or v.odoo_id in read
            }
        )
        mirror.not_covered(endpoint, [odoo_id for odoo_id in outside if odoo_id in applied])
