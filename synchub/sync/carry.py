"""The story of a batch: claimed changes to Odoo, each once, in order per record.

hopeless    what nobody can carry out is refused
ahead       is another endpoint, or a relation, about to give the same name in Odoo? (see `rivals`)
look        which of the new records has Odoo already, by their identifier?
compare     what has Odoo changed itself since the consumer wrote? (see `edited`)
replaced    has Odoo given the id to another record? (see `replaced`)
taken       does another record bear the name already that one is to be given?
wait        what names a record that is on its way itself goes after it; where some wait for each other, they are made
            without (see `parents`)
prepare     find, or make, the records that relations name (see `resolve`), unless one was accepted meanwhile; and does who is to
            give up a name that another takes still do so (see `handover`)?
begin       note that a send begins, and which records were found; whatever lost its lease meanwhile is left out
deliver     few calls, outside of any transaction; actions one by one (see `actions`)
read back   what Odoo made of it
execute     the scripts that have effects, for each change that needs them
settle      fenced by the claim's token: changes, records and mirror in one transaction

What was claimed is held from `prepare` to `finish` while this worker lives, and no longer (see `lease`).
"""

import logging
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

from django.conf import settings
from django.db import InterfaceError, OperationalError

from endpoints import outbox
from endpoints.models import ChangeState
from endpoints.outbox import Claim, Verdict
from endpoints.registry import EndpointSpec
from synchub.errors import OdooError, UnfitValue
from synchub.odoo import OdooClient
from synchub.sync import actions, health
from synchub.sync.afterwards import ReadBack, execute, read_back
from synchub.sync.batch import Batch, Tally
from synchub.sync.before_archiving import Rest, before_archiving, without_what_waits
from synchub.sync.coalesce import Do, Work, work
from synchub.sync.deliver import Delivery
from synchub.sync.doubt import doubtful
from synchub.sync.edited import compare
from synchub.sync.found import remember
from synchub.sync.handover import not_given_up
from synchub.sync.hopeless import hopeless
from synchub.sync.keep import footprints
from synchub.sync.lease import LeaseLost
from synchub.sync.look import look
from synchub.sync.outcome import Outcome, Outcomes
from synchub.sync.parents import not_yet
from synchub.sync.replaced import replaced
from synchub.sync.rivals import AcceptedMeanwhile, ahead, announce, announced
from synchub.sync.settle import settle
from synchub.sync.taken import taken
from synchub.sync.told import told
from synchub.sync.verdicts import broken, verdict

logger = logging.getLogger(__name__)


def carry(endpoint: EndpointSpec, client: OdooClient, token: uuid.UUID, claims: Sequence[Claim]) -> Tally:
    """The whole story at once. Odoo's trouble with the calls themselves is in `tally.trouble`."""
    batch = Batch(token, claims)
    if todo := prepare(endpoint, client, batch):
        send(endpoint, client, batch, todo)
    return finish(endpoint, client, batch)


def prepare(endpoint: EndpointSpec, client: OdooClient, batch: Batch) -> list[Work]:
    """From the claim to what is to be sent: empty where something is in the way."""
    todo: list[Work] = []
    with _given_back(endpoint, batch):
        batch.lease.start()
        for claim in batch.claims:
            claim.archive = endpoint.mapping.archive or claim.archive
        batch.outcomes |= hopeless(endpoint, batch.claims)
        fine = [claim for claim in batch.claims if claim.record_id not in batch.outcomes]
        acts = [claim for claim in fine if actions.is_action(claim)]
        writes = [claim for claim in fine if not actions.is_action(claim)]
        batch.delivery = Delivery(
            endpoint, client, batch.lease.check, partial(announce, endpoint, batch.token)
        )
        batch.outcomes |= ahead(endpoint, writes)
        writes = [claim for claim in writes if claim.record_id not in batch.outcomes]
        first = before_archiving(endpoint, writes)
        looked_at = partial(_looked_at, endpoint, client, batch.delivery, first)
        todo, decided = told(endpoint, client, writes, looked_at)
        outbox.put_back(batch.token, [one for claim in writes for one in claim.later])
        to_call, not_called = actions.ready(acts)
        called = [one.claim for one in to_call]
        _, others = told(endpoint, client, called, lambda some: ([], replaced(endpoint, client, some)))
        batch.outcomes |= decided | not_called | others
        to_call = [one for one in to_call if one.record_id not in batch.outcomes]
        batch.outcomes |= {one.record_id: Outcome(one.claim.odoo_id) for one in todo if one.do is Do.NOTHING}
        todo = [*(one for one in todo if one.do is not Do.NOTHING), *to_call]
    batch.look_for_trouble()
    return [] if batch.is_over else todo


def send(
    endpoint: EndpointSpec,
    client: OdooClient,
    batch: Batch,
    todo: Sequence[Work],
    at_once: int | None = None,
) -> None:
    """What was prepared, to Odoo; `at_once` new records in a call, at most."""
    with _given_back(endpoint, batch):
        check = batch.lease.check
        check()
        batch.begun = True
        owned = outbox.begin_send(batch.token, [one.record_id for one in todo])
        batch.sent = [one for one in todo if one.record_id in owned]
        batch.outcomes |= ahead(endpoint, [one.claim for one in batch.sent], begun=True)
        batch.sent = [one for one in batch.sent if one.record_id not in batch.outcomes]
        remember(endpoint, [one.claim for one in batch.sent])
        writes = [one for one in batch.sent if one.do is not Do.ACTION]
        batch.outcomes |= batch.delivery.deliver(writes, at_once)
        acts = [one for one in batch.sent if one.do is Do.ACTION]
        batch.outcomes |= actions.call(endpoint, client, batch.delivery.sending, check, acts)
    batch.look_for_trouble()


def finish(endpoint: EndpointSpec, client: OdooClient, batch: Batch) -> Tally:
    """From Odoo to the mirror and the outbox."""
    verdicts: list[Verdict] = []
    if not batch.lost and not batch.broken:
        with _given_back(endpoint, batch):
            begun_at = outbox.database_time()
            read = read_back(endpoint, client, batch.sent, batch.outcomes)
            kept = (
                footprints(endpoint, batch.run_id, batch.sent, batch.outcomes, read.rows)
                if batch.run_id is not None and settings.UNDO_DAYS
                else []
            )
            batch.outcomes |= execute(endpoint, client, batch.sent, batch.outcomes, read.rows)
            batch.look_for_trouble()
            batch.lease.end()
            for one in batch.sent:
                one.claim.others, one.claim.yielded = one.item.others, one.item.yielded
            silent = health.silent_for(endpoint.connection_id) if batch.trouble else 0.0
            verdicts = [
                verdict(endpoint, claim, batch.outcomes.get(claim.record_id), batch.trouble, silent)
                for claim in batch.claims
            ]
            settle(
                endpoint,
                batch.token,
                batch.claims,
                verdicts,
                batch.outcomes,
                read,
                batch.run_id,
                kept,
                begun_at,
            )
    if batch.broken:
        return Tally(seen=len(batch.claims), broken=True, unfit=batch.unfit)
    return Tally(
        seen=len(verdicts),
        applied=sum(one.state == ChangeState.APPLIED for one in verdicts),
        failed=sum(one.state == ChangeState.FAILED for one in verdicts),
        trouble=batch.trouble,
        unfit=any(one.outdated for one in verdicts),
    )


@contextmanager
def _given_back(endpoint: EndpointSpec, batch: Batch) -> Iterator[None]:
    """Odoo's trouble, and a lease that ran out, are noted in the batch. Where the hub itself fails, its changes go back: in smaller batches, until the one at fault stands alone. That one is
    tried again later, and in the end shown to a person."""
    try:
        yield
    except LeaseLost:
        # Another worker may hold them by now, and knows whether a send was begun.
        batch.lost = True
        batch.lease.end()
        logger.warning(
            "“%s”: this worker stood still for too long; others go on with its changes.", endpoint.name
        )
    except OdooError as error:
        batch.trouble = error
    except (OperationalError, InterfaceError):
        batch.lease.end()
        raise  # nothing can be written now: the lease runs out
    except Exception as error:
        logger.exception("The hub failed on %s changes of “%s”.", len(batch.claims), endpoint.name)
        batch.lease.end()
        batch.broken, batch.unfit = True, isinstance(error, UnfitValue)
        verdicts = broken(batch.claims, error, begun=batch.begun)
        settle(
            endpoint,
            batch.token,
            batch.claims,
            verdicts,
            {claim.record_id: Outcome() for claim in batch.claims},
            ReadBack(),
        )


def _looked_at(
    endpoint: EndpointSpec,
    client: OdooClient,
    delivery: Delivery,
    first: Mapping[int, Rest],
    claims: Sequence[Claim],
) -> tuple[list[Work], Outcomes]:
    outcomes: Outcomes = {}
    creating = announced(endpoint, claims)
    outcomes |= look(endpoint, client, claims)
    outcomes |= compare(endpoint, client, claims)
    outcomes |= replaced(endpoint, client, claims)
    outcomes |= taken(endpoint, client, [claim for claim in claims if claim.record_id not in outcomes])
    found = {claim.record_id for claim in claims if claim.found}
    outcomes |= {
        record_id: Outcome(waits_for=first)
        for record_id, first in creating.items()
        if record_id not in outcomes and record_id not in found
    }
    todo = [work(claim) for claim in claims if claim.record_id not in outcomes]
    without_what_waits(todo, first)
    outcomes |= not_yet(endpoint, todo)
    todo = [one for one in todo if one.record_id not in outcomes]
    todo = _resolved(delivery, todo, outcomes)
    outcomes |= doubtful(endpoint.mapping, todo)
    todo = [one for one in todo if one.record_id not in outcomes]
    outcomes |= not_given_up(endpoint, claims, todo)
    return [one for one in todo if one.record_id not in outcomes], outcomes


def _resolved(delivery: Delivery, todo: list[Work], outcomes: Outcomes) -> list[Work]:
    """Those whose relations are found or made. The others wait for what has been accepted since they were looked at."""
    while True:
        try:
            delivery.prepare(todo)
        except AcceptedMeanwhile as others:
            outcomes |= others.outcomes
            todo = [one for one in todo if one.record_id not in outcomes]
        else:
            return todo
