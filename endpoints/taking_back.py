"""Odoo refused a write while its consumer was waiting: nothing of it stays, and the answer is what Odoo said."""

import re
from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from endpoints import giving_up, once
from endpoints.incoming import Stored, Who
from endpoints.models import Change, ChangeState, Operation, Record
from endpoints.models.queue import OPEN
from endpoints.registry import EndpointSpec
from mappings.line_error import LineError
from mappings.spec import LineSpec, MappingSpec

_BEGUN_WITH, _PLACES = re.compile("“([^”]+)”"), re.compile(r"\[[0-9]+\]")
_REASON = "it was refused while its consumer waited"


def take_back(endpoint: EndpointSpec, stored: Stored, who: Who) -> LineError | None:
    """What to tell. None where this request has written nothing, where it may be in Odoo all the same, or others have
    written since: then all stays as it is, for a person to look at.

    Which write is the request's own is known by its change. Request ids are the consumers', who may use one twice.
    """
    with transaction.atomic():
        record = Record.objects.select_for_update().filter(handle=str(stored.handle)).first()
        if record is None:
            return None
        change = record.changes.filter(_own([stored])).first()
        if change is None:
            return None
        if change.state == ChangeState.DISCARDED:  # a repetition of the request has, or a person
            return _refusal(endpoint, change)
        creates = change.operation == Operation.CREATE
        since = record.changes.filter(pk__gt=change.pk, state__in=[*OPEN, ChangeState.FAILED])
        if change.state != ChangeState.FAILED or change.sent or since or (record.odoo_id is None) != creates:
            return None
        giving_up.discard([change.pk], "the hub", _REASON)
        if who.once is not None:
            once.forget(who.once)
    return _refusal(endpoint, change)


def given_up(stored: Sequence[Stored]) -> set[UUID]:
    """The handles of those of which somebody has given up what was written."""
    if all(one.change is None and not one.is_new for one in stored):
        return set()
    changes = Change.objects.filter(_own(stored), state=ChangeState.DISCARDED)
    return set(changes.values_list("record__handle", flat=True))


def _own(stored: Sequence[Stored]) -> Q:
    """The changes that the request itself has queued."""
    return Q(pk__in=[one.change for one in stored if one.change is not None]) | Q(
        operation=Operation.CREATE, record__handle__in=[one.handle for one in stored if one.is_new]
    )


def _refusal(endpoint: EndpointSpec, change: Change) -> LineError:
    found = ((key, line) for key, line in _keys(endpoint.mapping) if line.id == change.line_id)
    key, line = next(found, ("", None))
    return LineError(change.error, code=change.code or "ODOO", key=_with_places(key, change.error), line=line)


def _with_places(key: str, text: str) -> str:
    """`lines.product` as the text has it, if it does: `lines[1].product`."""
    begun = _BEGUN_WITH.match(text)
    return begun[1] if begun and _PLACES.sub("", begun[1]) == key else key


def _keys(spec: MappingSpec, above: str = "") -> Iterator[tuple[str, LineSpec]]:
    """Its lines and those inside them, each with its key: `lines.quantity`."""
    for line in spec.lines:
        yield f"{above}{line.key}", line
        if line.nested is not None:
            yield from _keys(line.nested, f"{above}{line.key}.")
