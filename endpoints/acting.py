"""Actions in mirror mode: accepted at once, and called in Odoo in order with the record's changes."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from endpoints import addressed, once, outbox, writing_over
from endpoints.expected import NOTHING, Expected
from endpoints.incoming import Stored, Who
from endpoints.models import Operation, SyncState
from endpoints.registry import ActionSpec, EndpointSpec
from endpoints.rollbacks import tried_again
from mappings.payload import Written


@tried_again
def act(
    endpoint: EndpointSpec,
    name: str,
    action: ActionSpec,
    parameters: Mapping[str, Any],
    who: Who,
    expected: Expected = NOTHING,
) -> Stored:
    """Queue the call. Raises RecordMissing, PreconditionFailed; once.Taken."""
    asked = {
        "action": action.name,
        "method": action.method,
        "parameters": dict(parameters),
        "repeatable": action.repeatable,
    }
    with transaction.atomic():
        record = addressed.locked(endpoint, name)
        tag = writing_over.stored(record).tag
        # What the method does is not known here: whoever has read the record before has not read what comes of it.
        record.state, record.version, record.updated_at = (
            SyncState.PENDING,
            record.version + 1,
            timezone.now(),
        )
        if who.once is not None:
            # First of all: the same request, sent twice at once, is answered and not told that it has changed the record.
            once.keep(who.once, [])
        expected.check(tag)
        record.save(update_fields=["state", "version", "updated_at"])
        change = outbox.add(
            endpoint.id,
            record.pk,
            Operation.ACTION,
            Written(request=asked),
            request_id=who.request_id,
            access_key=who.access_key,
        )
        stored = writing_over.stored(record, change)
        if who.once is not None:
            once.complete(who.once, [stored])
        writing_over.wake(endpoint)
        who.accepted()
    return stored
