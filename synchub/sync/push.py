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
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from endpoints import inbox, mirror, outbox, pauses
from endpoints.models import ChangeState, Record, RunKind
from endpoints.outbox import Claim, Verdict
from endpoints.registry import EndpointSpec
from mappings import domains, scripted
from mappings.clients import client_for
from mappings.convert import from_row
from mappings.line_error import LineError
from mappings.models import Connection
from mappings.relations import lost_fields
from synchub.errors import (
    HubError,
    OdooError,
    OdooPermanent,
)
from synchub.odoo import OdooClient
from synchub.sync import health
from synchub.sync.coalesce import Do, Work, work
from synchub.sync.deliver import Delivery, Outcome, Outcomes
from synchub.sync.lease import Lease, LeaseLost
from synchub.sync.look import Undecided, compare, look
from synchub.sync.runs import RunLog
from synchub.sync.verdicts import later, trouble_of, verdict

logger = logging.getLogger(__name__)

DRAIN_SECONDS = 60.0  # then another message takes over, well within the broker's visibility timeout


@dataclass
class Tally:
    seen: int = 0
    applied: int = 0
    failed: int = 0
    trouble: OdooError | None = None


def push(endpoint: EndpointSpec) -> bool:
    """Push until nothing is waiting, Odoo makes trouble, or time is up. True: more may be waiting."""
    connection = Connection.objects.get(pk=endpoint.connection_id)
    if pauses.why(endpoint.id):
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
            if pause := pauses.why(endpoint.id):
                run.stopped(pause)
                return False
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
    trouble = trouble or next((e for o in outcomes.values() if (e := trouble_of(o.error))), None)
    verdicts = [verdict(endpoint, claim, outcomes.get(claim.record_id), trouble) for claim in claims]
    _settle(endpoint, token, claims, verdicts, outcomes, rows, outside)
    return Tally(
        seen=len(claims),
        applied=sum(one.state == ChangeState.APPLIED for one in verdicts),
        failed=sum(one.state == ChangeState.FAILED for one in verdicts),
        trouble=trouble,
    )


def _give_back(endpoint: EndpointSpec, token: uuid.UUID, claims: Sequence[Claim], error: Exception) -> None:
    """The hub itself failed: what it held is tried again later, and in the end shown to a person."""
    bug = HubError(f"The hub failed on this ({type(error).__name__}); its log tells more.")
    verdicts: list[Verdict] = []
    for claim in claims:
        attempts = max(change.attempts for change in claim.changes)
        if attempts < outbox.MAX_ATTEMPTS:
            verdicts.append(later(claim, bug, attempts, None, unknown=True, spend=True))
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
        outcomes |= look(endpoint, client, claims)
        outcomes |= compare(endpoint, client, claims)
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
        changes = {claim.record_id: [change.id for change in claim.changes] for claim in claims}
        for verdict in owned:
            if verdict.state == ChangeState.FAILED:
                error = outcomes[verdict.record_id].error
                if isinstance(error, Undecided):
                    inbox.note(endpoint.id, verdict.record_id, changes[verdict.record_id], error.asked)
                mirror.refused(
                    records[verdict.record_id], verdict.error, conflict=isinstance(error, Undecided)
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
