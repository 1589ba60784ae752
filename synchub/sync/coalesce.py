"""Several open changes of one record → the one thing that has to be done in Odoo. Pure."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from endpoints.models import Operation
from endpoints.outbox import Claim
from mappings.convert import differing


class Do(Enum):
    NOTHING = "nothing"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True)
class Step:
    do: Do
    values: dict[str, Any] = field(default_factory=dict)


def step(claim: Claim) -> Step:
    """create+update → one create, updates → one, anything+delete → the delete, create+delete → nothing.

    What Odoo has already is left out of an update. A create that may have been sent is not taken back by a delete:
    the record may be there, so that it has to be found and deleted.
    """
    operations = {change.operation for change in claim.changes}
    values: dict[str, Any] = {}
    for change in claim.changes:
        values.update(change.values)
    if Operation.DELETE in operations:
        maybe_there = claim.odoo_id is not None or any(change.sent for change in claim.changes)
        return Step(Do.DELETE, values) if maybe_there else Step(Do.NOTHING)
    if claim.odoo_id is None:
        return Step(Do.CREATE, values)
    values = differing(values, claim.base)
    return Step(Do.UPDATE, values) if values else Step(Do.NOTHING)
