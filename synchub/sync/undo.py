"""The story of an undo: what a push run wrote goes back to what Odoo had, where nobody has changed it since.

read      the records of a page as Odoo has them now
judge     what is unchanged goes back, the rest is left and says why (see `endpoints.undoing`)
queue     changes like any others; a push carries them to Odoo
"""

from django.db import transaction

from endpoints import undoing, wakeup
from endpoints.models import Footprint, Run
from endpoints.registry import EndpointSpec
from synchub.odoo import OdooClient
from synchub.sync.runs import RunLog

AT_ONCE = 500


def undo(endpoint: EndpointSpec, client: OdooClient, log: RunLog, run: Run) -> None:
    """What an undo that was cut short has done already is not done again."""
    of, created = int(run.details["run"]), str(run.details.get("created", undoing.LEAVE))
    rows = undoing.pending(of, run.pk)
    log.expects(rows.values("record").distinct().count())
    queued = left = after = 0
    while True:
        more = rows.filter(record__gt=after).order_by("record")
        ids = list(more.values_list("record_id", flat=True).distinct()[:AT_ONCE])
        if not ids:
            break
        after = ids[-1]
        plans = undoing.plans(endpoint, client, ids, rows, created)
        with transaction.atomic():
            count = undoing.carry_out(endpoint, plans, run.pk, run.asked_by)
            for plan in plans:
                Footprint.objects.filter(run=of, record=plan.step.record_id, undone=False).update(
                    undo_run=run.pk,
                    undone=plan.operation is not None and not plan.left,
                    outcome=plan.said(endpoint.mapping),
                )
        wakeup.push(endpoint.id)
        queued, left = queued + count, left + sum(bool(plan.left) for plan in plans)
        log.progress(seen=len(plans), changed=count, failed=sum(bool(plan.left) for plan in plans))
    one = queued == 1
    going = (
        "record is on its way back to what it was"
        if one
        else "records are on their way back to what they were"
    )
    log.says(
        f"{queued:,} {going}; of {left:,} something stays as it is, and the run that was undone says why."
    )
