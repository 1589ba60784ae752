"""The story of a re-reading: everything of an endpoint once more, while its pulls go on.

It knows no cursor and moves none: pages in order of id, each merged like a pull's, its place kept with the run. A row that
changes in Odoo behind it is the next pull's, as ever; a row that is older than what the mirror got meanwhile is left out. So nothing
is missed, whenever it is cut short, and it goes on where it was.
"""

import time

from django.db import transaction

from endpoints import merging, moving, outbox, pauses
from endpoints.models import PullState, Run
from endpoints.registry import EndpointSpec
from mappings import walking
from synchub.odoo import OdooClient
from synchub.sync.pull import pages
from synchub.sync.runs import TURN_SECONDS, RunLog


def reread(endpoint: EndpointSpec, client: OdooClient, log: RunLog, run: Run) -> None:
    deadline = time.monotonic() + TURN_SECONDS
    begun_at = outbox.database_time()
    domain, after = endpoint.domain_at(begun_at), int(run.details.get("after", walking.FIRST))
    left = client.search_count(endpoint.mapping.model, walking.behind(domain, after))
    log.expects(run.seen + left)
    for page in pages(endpoint, client, domain, after):
        rows = page.rows
        with transaction.atomic():
            moving.hold(endpoint, client.access.database)
            merged = merging.merge(endpoint, rows, begun_at)
            Run.objects.filter(pk=run.pk).update(details={**run.details, "after": rows[-1].odoo_id})
        log.progress(seen=merged.seen, changed=merged.changed)
        log.notes(merged.odd)
        if time.monotonic() > deadline or pauses.why(endpoint.id):
            log.goes_on()
            return
    PullState.objects.filter(endpoint_id=endpoint.id).update(went_back="")
