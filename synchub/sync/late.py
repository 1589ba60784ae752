"""What Odoo committed long after it had stamped it.

A row bears the start of its transaction, and a pull reads behind what transactions of two minutes can still bring (`cursor`). The
upgrade of a module, a long scheduled action or import, a server with other limits take longer: their rows come to light with stamps
that pulls have left behind. Of the last hour before that, Odoo's stamps are put beside the mirror's now and then.
"""

from datetime import timedelta

from endpoints import outbox
from endpoints.models import Record
from endpoints.registry import EndpointSpec
from mappings import domains, walking
from synchub.odoo import OdooClient
from synchub.sync.cursor import shifted

LOOKED_BACK = timedelta(hours=1)


def stamped_late(endpoint: EndpointSpec, client: OdooClient, cursor: str, at_once: int) -> list[int]:
    """Ids of records whose stamp lies before the cursor and is newer than the mirror's. Raises OdooError."""
    if not cursor or not endpoint.mapping.stamped:
        return []
    model, after = endpoint.mapping.model, walking.FIRST
    since = shifted(cursor, -LOOKED_BACK.total_seconds())
    domain = domains.both(
        endpoint.domain_at(outbox.database_time()),
        [("write_date", ">=", since), ("write_date", "<", cursor)],
    )
    late: list[int] = []
    while True:
        page = client.search_read(
            model, walking.behind(domain, after), ["write_date"], limit=at_once, order="id"
        )
        stamps = {row["id"]: str(row["write_date"]) for row in page}
        here = Record.objects.filter(
            endpoint_id=endpoint.id, deleted_at=None, odoo_id__any_of=list(stamps)
        ).values_list("odoo_id", "write_date")
        late += [odoo_id for odoo_id, known in here if odoo_id is not None and known < stamps[odoo_id]]
        if len(page) < at_once:
            return late
        after = page[-1]["id"]
