"""A POST to an endpoint named by Odoo's own id waits until Odoo gave it, for a while."""

import time
import uuid
from collections.abc import Sequence

from endpoints.incoming import Stored
from endpoints.models import Record

_FIRST_LOOK = 0.02  # seconds, growing to
_SLOWEST_LOOK = 0.2


def for_names(handles: Sequence[uuid.UUID], seconds: float) -> list[Stored]:
    """The records as they are once all have a name or a refusal, or after `seconds`; in the order given."""
    deadline, pause = time.monotonic() + seconds, _FIRST_LOOK
    while True:
        found = {
            row[0]: Stored(*row)
            for row in Record.objects.filter(handle__in=list(handles)).values_list(
                "handle", "external_id", "document", "state", "version"
            )
        }
        records = [found[handle] for handle in handles if handle in found]
        if all(record.external_id is not None or record.state == "failed" for record in records):
            return records
        if time.monotonic() + pause > deadline:
            return records
        time.sleep(pause)
        pause = min(pause * 1.5, _SLOWEST_LOOK)
