"""The story of a removal: what a deleted endpoint held goes, a minute at a time, its place kept with the run.

Odoo has no part in it, and it goes on while everything is paused. Cut short anywhere, it goes on there.
"""

import time

from django.db import transaction

from endpoints import removing
from endpoints.models import Run
from synchub.sync.runs import TURN_SECONDS, RunLog


def remove(log: RunLog, run: Run) -> None:
    deadline, endpoint_id = time.monotonic() + TURN_SECONDS, int(run.details["endpoint"])
    while True:
        after = run.details.get("after")
        with transaction.atomic():
            count, further = removing.portion(endpoint_id, removing.Place(*(after or ())))
            # Behind the last one it begins anew: a transaction that was open longer may have left one there.
            run.details["after"] = [further.changed_in, further.record_id] if further else None
            Run.objects.filter(pk=run.pk).update(details=run.details)
            log.progress(seen=count, changed=count)
        if further is None and not after and removing.finish(endpoint_id):
            log.says("The endpoint is deleted, with all that the hub held of it. Odoo keeps its records.")
            return
        if time.monotonic() > deadline:
            log.goes_on()
            return
