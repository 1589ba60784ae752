"""Odoo refused a write while its consumer was waiting: nothing of it stays, and the answer is what Odoo said."""

from django.db import transaction

from endpoints import giving_up, mirror, once
from endpoints.incoming import Stored, Who
from endpoints.models import Change, ChangeState, Operation, Record
from endpoints.models.queue import OPEN
from endpoints.registry import EndpointSpec
from mappings.line_error import LineError


def take_back(endpoint: EndpointSpec, stored: Stored, who: Who) -> LineError | None:
    """What to tell. None where it, or some of it, may be in Odoo all the same, or others have written since: then all
    stays as it is, for a person to look at."""
    with transaction.atomic():
        record = Record.objects.select_for_update().filter(handle=str(stored.handle)).first()
        if record is None:
            return None
        changes = list(record.changes.filter(state__in=[*OPEN, ChangeState.FAILED]))
        if [one.state for one in changes] != [ChangeState.FAILED] or changes[0].sent:
            return None
        [change] = changes
        if change.operation == Operation.CREATE:
            if record.odoo_id is not None:
                return None
            change.delete()
            mirror.retire(record)
        elif change.request_id == who.request_id:
            giving_up.discard([change.pk], "the hub", "it was refused while its consumer waited")
        else:
            return None
        if who.once is not None:
            once.forget(who.once)
    return _refusal(endpoint, change)


def _refusal(endpoint: EndpointSpec, change: Change) -> LineError:
    line = next((one for one in endpoint.mapping.lines if one.id == change.line_id), None)
    return LineError(change.error, code="ODOO", key=line.key if line else "", line=line)
