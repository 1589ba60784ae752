"""Which of a batch's records have to be read before they are written: where a call is saved, nobody could tell an edit of Odoo's."""

from collections.abc import Collection, Sequence

from django.conf import settings

from endpoints import inbox, registry
from endpoints.models import Conflicts, Operation
from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec
from mappings.convert import Values
from mappings.relations import is_structure
from mappings.spec import MappingSpec
from synchub.sync import conflicts
from synchub.sync.rivals import written_by


def to_be_read(
    endpoint: EndpointSpec, claims: Sequence[Claim], linked: Collection[int], *, ask: bool
) -> dict[int, Values]:
    """By record, what its fields were when it was written. `linked`: what a person has linked; `ask`: Odoo's value may win, or a
    person is asked."""
    spec = endpoint.mapping
    open_questions, shared = _open_questions(endpoint, claims), _shared_lines(endpoint)
    return {
        claim.record_id: seen
        for claim in claims
        if claim.odoo_id is not None
        and (
            ((seen := claim.seen | open_questions.get(claim.record_id, {})) and ask)
            # What is known of it may be out of date, by a send of the hub's own for one.
            or (claim.base is not None and any(change.sent for change in claim.changes))
            or _needs_to_know(spec, claim)
            or any(not shared.isdisjoint(change.values) for change in claim.changes)
            or any(change.undoes for change in claim.changes)
            or claim.record_id in linked
            # What was there before is kept, for an undo.
            or (settings.UNDO_DAYS and any(change.operation != Operation.DELETE for change in claim.changes))
            # A person said that Odoo has it already: only what differs is to be written.
            or (claim.base is None and claim.creates)
        )
    }


def _shared_lines(endpoint: EndpointSpec) -> set[str]:
    """Fields with lines (one2many) that other endpoints write as well, of this record or by themselves: who was accepted last counts,
    whatever the rule."""
    lines = [line for line in endpoint.mapping.written_relations if line.field.type.name == "one2many"]
    others = written_by(endpoint) if lines else []
    return {
        line.field.name
        for line in lines
        if others or (line.nested and registry.writers_of_database(endpoint.connection_id, line.nested.model))
    }


def _needs_to_know(spec: MappingSpec, claim: Claim) -> bool:
    """Does it write what is only written over certain values of Odoo's, or add to and remove from what is not known?"""
    written = [pair for change in claim.changes for pair in change.values.items()]
    if any(
        "$add" in value and name not in (claim.base or {}) for name, value in written if is_structure(value)
    ):
        return True
    names = {name for name, _ in written}
    return any(line.write_when != "always" and line.field.name in names for line in spec.incoming)


def _open_questions(endpoint: EndpointSpec, claims: Sequence[Claim]) -> dict[int, Values]:
    """What Odoo had of the fields that a person is asked about: a newer write of them waits for the answer as well."""
    asked = inbox.asked_of([claim.record_id for claim in claims if claim.odoo_id is not None])
    return {
        record_id: {
            name: value
            for name, value in fields.items()
            if conflicts.policy(endpoint.conflicts, endpoint.mapping, name) == Conflicts.ASK
        }
        for record_id, fields in asked.items()
    }
