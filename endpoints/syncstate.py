"""How an endpoint's records stand as a whole, for whoever writes and reads them."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from endpoints.models import PullState, SyncState


@dataclass(frozen=True)
class Standing:
    """`records` by state. `pending_since`: when the oldest change that waits for Odoo was accepted."""

    records: dict[str, int]
    pending_since: datetime | None
    pulled_at: datetime | None
    complete: bool
    """Everything of Odoo has been fetched once."""


def standing(endpoint_id: int) -> Standing:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT (SELECT count(*) FROM endpoints_record WHERE endpoint_id = %s AND deleted_at IS NULL),
                   (SELECT min(created_at) FROM endpoints_change
                    WHERE endpoint_id = %s AND state IN ('pending', 'claimed'))""",
            [endpoint_id, endpoint_id],
        )
        total, pending_since = cursor.fetchone()
        cursor.execute(
            """SELECT state, count(*) FROM endpoints_record
               WHERE endpoint_id = %s AND state <> 'synced' AND deleted_at IS NULL GROUP BY state""",
            [endpoint_id],
        )
        counts = {state.value: 0 for state in SyncState} | dict(cursor.fetchall())
    counts[SyncState.SYNCED] = total - sum(counts.values())
    pull = PullState.objects.filter(endpoint_id=endpoint_id).first()
    return Standing(counts, pending_since, pull.last_ok_at if pull else None, bool(pull and pull.complete))
