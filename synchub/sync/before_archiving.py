"""What was written to a record before it goes into Odoo's archive, of which a part waits for another record: the rest is written first.

A claim brings both along, since what is waited for may never come (see `outbox.claim`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from endpoints.awaited import Awaited
from endpoints.models import OnDelete, Operation
from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec
from synchub.sync.coalesce import Do, Work, work
from synchub.sync.parents import waits


@dataclass(frozen=True)
class Rest:
    """What is written without these fields, which wait."""

    left_out: frozenset[str]
    first: Awaited


def before_archiving(endpoint: EndpointSpec, claims: Sequence[Claim]) -> dict[int, Rest]:
    """By record. Its deletion is put back: it is next, with what waits then. Not where nothing else is written, nor where it is to be
    called otherwise: whether it may be is known only without the deletion, and that may have to wait in its turn."""
    both = {one.record_id: one for one in claims if _is_written_and_archived(endpoint, one)}
    writes = [Work(one, Do.UPDATE, work(one).item) for one in both.values()]
    found: dict[int, Rest] = {}
    for one in writes:
        waiting = waits(endpoint, [one])
        left_out = frozenset(wait.line.field.name for wait in waiting)
        rest = one.item.written.keys() - left_out
        if not waiting or not rest or endpoint.mapping.identifier.field.name in rest:
            continue
        # What waits inside a line has the whole write wait, and what names a refused record has it refused.
        if all(wait.spare and not wait.first.refused for wait in waiting):
            deletion = one.claim.changes[-1]
            if one.claim.put_off(deletion.id):
                found[one.record_id] = Rest(left_out, waiting[0].first)
    return found


def without_what_waits(todo: Sequence[Work], found: Mapping[int, Rest]) -> None:
    for one in todo:
        rest = found.get(one.record_id)
        if rest is not None:
            one.without, one.left_out = rest.first, set(rest.left_out)
            for name in rest.left_out:
                one.item.written.pop(name, None)


def _is_written_and_archived(endpoint: EndpointSpec, claim: Claim) -> bool:
    *before, last = claim.changes
    return (
        claim.odoo_id is not None
        and last.operation == Operation.DELETE
        and (last.on_delete or endpoint.on_delete) == OnDelete.ARCHIVE
        and bool(before)
        and all(change.operation == Operation.UPDATE for change in before)
    )
