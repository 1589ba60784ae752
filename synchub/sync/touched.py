"""The story of a targeted pull: Odoo's webhook has named records, and they are read now, without waiting for the next pull.

take      those that are due, a page at a time
read      as a pull does, within the endpoint's domain
merge     or bury what is no longer there
settle    what has changed is done; what has not is read a few times more, for Odoo tells before it commits

A webhook that got lost costs nothing: the next pull brings the same.
"""

import logging

from django.conf import settings
from django.db import transaction

from endpoints import merging, moving, outbox, pauses, touched
from endpoints.merging.kept import stamp_unchanged
from endpoints.models import Mode, Record
from endpoints.registry import EndpointSpec
from endpoints.touched import AGAIN_AFTER, Taken
from mappings import domains
from mappings.clients import client_for
from mappings.models import Connection
from synchub.errors import OdooError
from synchub.odoo import OdooClient
from synchub.sync import health, namesakes, reading, unheard
from synchub.sync.deletions import bury, still_gone

logger = logging.getLogger(__name__)


def read(endpoint: EndpointSpec) -> None:
    if endpoint.mode == Mode.LIVE or pauses.why(endpoint.id):
        return
    connection = Connection.objects.get(pk=endpoint.connection_id)
    with health.turn(connection) as turn, client_for(connection) as client:
        if turn is None:
            return
        while taken := touched.take(endpoint.id, settings.PULL_PAGE):
            try:
                changed = _read(endpoint, client, [one.odoo_id for one in taken])
            except moving.Moved:
                return
            except OdooError as error:
                logger.info("What Odoo touched of “%s” could not be read: %s", endpoint.name, error.message)
                health.failed(connection.pk, error)
                return
            turn.close()
            touched.done([one for one in taken if one.odoo_id in changed or _was_last(one)])


def _read(endpoint: EndpointSpec, client: OdooClient, odoo_ids: list[int]) -> set[int]:
    """Reads these records; which of them were other than the mirror had them."""
    domain, begun_at = endpoint.domain, outbox.database_time()
    before = _versions(endpoint, odoo_ids)
    rows = reading.of_domain(endpoint, client, domains.both(domain, [("id", "in", odoo_ids)]))
    there = {row.odoo_id for row in rows}
    unheard.recognise(endpoint, client, sorted(there))
    namesakes.adopt(endpoint, client, rows)
    with transaction.atomic():
        moving.hold(endpoint, client.access.database)
        merging.merge(endpoint, rows, begun_at)
        # Else the search for what was stamped late would meet them again each time.
        stamp_unchanged(endpoint.id, {row.odoo_id: str(row.row.get("write_date") or "") for row in rows})
    gone = [one for one in odoo_ids if one not in there and one in before]
    bury(endpoint, still_gone(endpoint.mapping.model, domain, gone, client), client.access.database)
    after = _versions(endpoint, odoo_ids)
    return {one for one in odoo_ids if before.get(one) != after.get(one)}


def _versions(endpoint: EndpointSpec, odoo_ids: list[int]) -> dict[int | None, int]:
    return dict(
        Record.objects.filter(endpoint_id=endpoint.id, odoo_id__in=odoo_ids, deleted_at=None).values_list(
            "odoo_id", "version"
        )
    )


def _was_last(one: Taken) -> bool:
    return one.tries > len(AGAIN_AFTER)
