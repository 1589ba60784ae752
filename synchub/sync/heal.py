"""The story of healing: records that an audit found to differ are read from Odoo again.

Odoo's values take the place of the mirror's; nothing is written to Odoo. A record of which something waits to reach Odoo,
was refused there, or waits for a decision is left as it is, and says so: what was accepted goes first.
"""

from collections.abc import Collection, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from endpoints import differences, merging, moving, outbox, pauses
from endpoints.models import Change, Record, Run, SyncState
from endpoints.models.queue import OPEN
from endpoints.registry import EndpointSpec
from mappings import domains
from synchub.errors import OdooError
from synchub.odoo import OdooClient
from synchub.sync import deletions, namesakes, reading
from synchub.sync.runs import RunLog

LEFT = (
    "Not healed: a change of this record waits to reach Odoo, was refused there, or waits for a decision. "
    "See to that first."
)


AWAY = "Not healed: Odoo did not answer as it should. {said}"


def heal(endpoint: EndpointSpec, client: OdooClient, log: RunLog, _run: Run) -> None:
    """Heal what was chosen of an endpoint. Raises OdooError; what is left then is no longer chosen, and says why."""
    log.expects(differences.count_chosen(endpoint.id))
    try:
        while ids := differences.chosen(endpoint.id, settings.PULL_PAGE):
            _heal(endpoint, client, ids, log)
            if pause := pauses.why(endpoint.id):
                log.stopped(pause)
                return
    except OdooError as error:
        while ids := differences.chosen(endpoint.id, settings.PULL_PAGE):
            differences.left(endpoint.id, ids, AWAY.format(said=error.message))
        raise


def _heal(endpoint: EndpointSpec, client: OdooClient, ids: Sequence[int], log: RunLog) -> None:
    begun_at = outbox.database_time()
    rows = reading.of_domain(endpoint, client, domains.both(endpoint.domain, [("id", "in", list(ids))]))
    namesakes.adopt(endpoint, client, rows)
    with transaction.atomic():
        moving.hold(endpoint, client.access.database)
        left = _left_alone(endpoint, ids)
        # Without a digest, what is read is merged even where the hub took it for known.
        Record.objects.filter(endpoint_id=endpoint.id, odoo_id__in=set(ids) - left).update(digest="")
        healed = [row for row in rows if row.odoo_id not in left]
        merging.merge(endpoint, healed, begun_at)
        gone = differences.here_only(endpoint.id, set(ids) - left - {row.odoo_id for row in rows})
        removed = deletions.bury(endpoint, sorted(gone), client.access.database) if gone else 0
        differences.healed(endpoint.id, set(ids) - left)
        if left:
            differences.left(endpoint.id, left, LEFT)
    log.progress(seen=len(ids), changed=len(healed) + removed, failed=len(left))


def _left_alone(endpoint: EndpointSpec, ids: Collection[int]) -> set[int]:
    """Those of these records of which something is under way; all of them stay locked until the transaction ends."""
    under_way = Exists(Change.objects.filter(record=OuterRef("pk"), state__in=OPEN))
    records = (
        Record.objects.filter(endpoint_id=endpoint.id, odoo_id__in=list(ids))
        .annotate(under_way=under_way)
        .order_by("id")
        .select_for_update(of=("self",))
        .only("odoo_id", "state")
    )
    return {
        record.odoo_id or 0
        for record in records
        if record.under_way or record.state != SyncState.SYNCED
    }  # fmt: skip
