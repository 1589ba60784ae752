"""Writing down what became of claimed changes, in the outbox and in the mirror, fenced by the claim's token."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from endpoints import footprints, giving_up, inbox, merging, mirror, outbox, remade, touched, wakeup
from endpoints.footprints import Made
from endpoints.models import ChangeState, Operation, Record
from endpoints.outbox import Claim, Verdict
from endpoints.registry import EndpointSpec
from endpoints.rollbacks import tried_again
from mappings.spec import MappingSpec
from synchub.sync.afterwards import ReadBack
from synchub.sync.otherwise import otherwise
from synchub.sync.outcome import Outcomes, Undecided
from synchub.sync.rebasing import changed, rebase
from synchub.sync.replaced import Replaced


@tried_again
def settle(
    endpoint: EndpointSpec,
    token: uuid.UUID,
    claims: Sequence[Claim],
    verdicts: Sequence[Verdict],
    outcomes: Outcomes,
    back: ReadBack,
    run_id: int | None = None,
    kept: Sequence[Made] = (),
    begun_at: datetime | None = None,
) -> None:
    """All or nothing, once more where PostgreSQL had to choose between two transactions.

    `back` is what Odoo has now, read after `begun_at`; `kept` what may be undone.
    """
    awaited = {one.waits_for for one in verdicts if one.waits_for is not None}
    with transaction.atomic():
        # Records before changes, in order of their ids, as everybody locks them: also those that a pull has made of the
        # same records of Odoo's, and those that others wait for.
        list(
            Record.objects.select_for_update()
            .filter(
                Q(pk__any_of=[*awaited, *(one.record_id for one in verdicts)])
                | Q(endpoint_id=endpoint.id, odoo_id__any_of=[one.odoo_id for one in verdicts if one.odoo_id])
            )
            .order_by("pk")
            .values_list("pk")
        )
        sent_before = [change.id for claim in claims for change in claim.changes if change.sent]
        settled = outbox.settle(token, verdicts, sent_before, run_id)
        _leave_the_rest(
            endpoint.mapping, claims, {pk: outcomes[pk].left_out for pk in settled & set(outcomes)}
        )
        owned = [verdict for verdict in verdicts if verdict.record_id in settled]
        copies = mirror.identify(
            endpoint,
            # Whatever else became of them: these records are there.
            {v.record_id: v.odoo_id for v in owned if v.odoo_id is not None},
            {v.record_id for v in owned if v.state == ChangeState.APPLIED},
        )
        owned = [verdict for verdict in owned if verdict.record_id not in copies]
        claimed = {claim.record_id: claim for claim in claims}
        failed = {one.record_id: one for one in owned if one.state == ChangeState.FAILED}
        for record in Record.objects.filter(pk__in=list(failed)):
            error = outcomes[record.pk].error
            if isinstance(error, Undecided):
                asked = [change.id for change in claimed[record.pk].changes]
                inbox.note(endpoint.id, record.pk, asked, error.asked)
            mirror.refused(
                record,
                failed[record.pk].error,
                conflict=isinstance(error, Undecided),
                deletion=any(change.operation == Operation.DELETE for change in claimed[record.pk].changes),
            )
        if others := [one.odoo_id or 0 for one in owned if isinstance(_error(outcomes, one), Replaced)]:
            remade.given_anew(endpoint.id, others)
            touched.look_at(endpoint.id, others)
        footprints.keep([one for one in kept if one.record_id in settled])
        applied = [verdict for verdict in owned if verdict.state == ChangeState.APPLIED]
        # Also of what was written and failed later, by a script: what is open was not changed by Odoo.
        ours = {verdict.odoo_id for verdict in owned}
        merging.merge(endpoint, [row for row in back.rows if row.odoo_id in ours], begun_at)
        read = {row.odoo_id: row for row in back.rows}
        half = [
            one for one in failed.values() if one.record_id in outcomes and outcomes[one.record_id].partly
        ]
        unread = [claimed[one.record_id] for one in (*applied, *half) if one.odoo_id not in read]
        mirror.unread(
            {claim.record_id: changed(endpoint.mapping, claim) for claim in unread},
            {claim.record_id for claim in unread if claim.creates},
        )
        written = {v.record_id: v for v in owned if v.state == ChangeState.APPLIED or v.odoo_id in read}
        rebase(endpoint.mapping, claims, written, read)
        # A pull may have seen what an earlier attempt had created, before this one deleted it.
        if unheard := _deleted_unheard(claims) & {verdict.record_id for verdict in applied}:
            touched.look_at_namesakes(unheard)
        deleted = {
            one.record_id
            for one in applied
            if any(change.operation == Operation.DELETE for change in claimed[one.record_id].changes)
        }
        giving_up.after([one.record_id for one in applied], deleted)
        # Of one that somebody has edited since, nobody can tell what Odoo had made of it.
        as_written = {odoo_id: row for odoo_id, row in read.items() if odoo_id not in back.edited}
        mirror.say(endpoint, otherwise(endpoint.mapping, claims, written, as_written))
        done = {verdict.odoo_id for verdict in applied if verdict.odoo_id is not None}
        mirror.remark(endpoint, done.intersection(back.outside), mirror.NOT_COVERED)
        mirror.remark(endpoint, done.intersection(back.unseen), mirror.NOT_SHOWN)
        # Who waits for what has got somewhere is looked at anew, also where more of it is to come: it may come because of him.
        made = [
            one.record_id
            for one in owned
            if one.state != ChangeState.PENDING
            or (one.record_id in outcomes and outcomes[one.record_id].left_out)
        ]
        for freed in outbox.release([*settled, *awaited], made):
            wakeup.once_committed(wakeup.push, freed)


def _leave_the_rest(
    spec: MappingSpec, claims: Sequence[Claim], left_out: Mapping[int, Collection[str]]
) -> None:
    """These are in Odoo but for what was left out: all else is written, and whoever changes it there changes what is there."""
    for claim in claims:
        if fields := left_out.get(claim.record_id):
            keys = [line.key for line in spec.lines if line.field.name in fields]
            outbox.keep_only([change.id for change in claim.changes], fields, keys)


def _error(outcomes: Outcomes, one: Verdict) -> Exception | None:
    return outcomes[one.record_id].error if one.record_id in outcomes else None


def _deleted_unheard(claims: Sequence[Claim]) -> set[int]:
    return {
        claim.record_id
        for claim in claims
        if any(change.sent for change in claim.changes)
        and {Operation.CREATE, Operation.DELETE} <= {change.operation for change in claim.changes}
    }
