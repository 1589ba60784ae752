"""Claims that nobody can carry out: they are refused before anything is asked of Odoo."""

from collections.abc import Iterator, Sequence

from endpoints import outbox
from endpoints.models import Operation
from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec
from mappings.combining import at_odds, merge_values
from mappings.convert import Values
from mappings.line_error import LineError
from mappings.relations import lost_fields
from synchub.sync.coalesce import Do, work
from synchub.sync.outcome import ForAPerson, Outcome, Outcomes


def hopeless(endpoint: EndpointSpec, claims: Sequence[Claim]) -> Outcomes:
    return _at_odds(endpoint, claims) | _lost(endpoint, claims) | _let_go(claims) | _deadly(claims)


def _at_odds(endpoint: EndpointSpec, claims: Sequence[Claim]) -> Outcomes:
    """Several writes of one record, one of which goes on from what another one says in another form: as one they would lose it."""
    spec, outcomes = endpoint.mapping, Outcomes()
    for claim in claims:
        for name in _in_two_forms(claim):
            line = spec.line_of(name)
            key = line.key if line else name
            error = LineError(
                f"“{key}” was written twice, in two forms that cannot be put together: its line was changed in between, or an undo put "
                "ids back. Send the older write again first, and then the newer one.",
                code="TYPE",
                key=key,
                line=line,
            )
            outcomes[claim.record_id] = Outcome(claim.odoo_id, error=error)
    return outcomes


def _in_two_forms(claim: Claim) -> Iterator[str]:
    held: Values = {}
    for change in claim.changes if len(claim.changes) > 1 else ():
        yield from (name for name, value in change.values.items() if at_odds(held.get(name), value))
        held = merge_values(held, change.values)


def _lost(endpoint: EndpointSpec, claims: Sequence[Claim]) -> Outcomes:
    """Writes that were accepted when the mapping still had a field, or Odoo did: nobody can carry them out as they are."""
    spec, outcomes = endpoint.mapping, Outcomes()
    for claim in claims:
        if not any(lost_fields(spec, change.values) for change in claim.changes):
            continue
        one = work(claim)
        lost = lost_fields(spec, one.item.written) if one.do is not Do.DELETE else []
        if lost:
            named = ", ".join(lost)
            of = lost[0].partition(".")[0]
            line = next((line for line in spec.lines if line.field.name == of), None)
            error = LineError(
                f"The field {named} was written, which Odoo or the mapping no longer has, or has in another form: write the "
                "record again without it, or edit the change.",
                code="READONLY",
                key=line.key if line else lost[0],
                line=line,
            )
            outcomes[claim.record_id] = Outcome(claim.odoo_id, error=error)
    return outcomes


def _let_go(claims: Sequence[Claim]) -> Outcomes:
    """Odoo had these, and has other records under their ids: a change alone would make a record of what little it says."""
    error = ForAPerson(
        "Odoo has lost this record, and its id means another one there: there is nothing that this could change. Discard it; "
        "or, where it was made once more under its name, have it written to that one, which this page offers once it has been pulled."
    )
    return {
        claim.record_id: Outcome(error=error)
        for claim in claims
        if claim.odoo_id is None
        and claim.create_date
        and not claim.creates
        and all(change.operation != Operation.DELETE for change in claim.changes)
    }


def _deadly(claims: Sequence[Claim]) -> Outcomes:
    """The worker died each time it had these, and they went alone in the end."""
    error = ForAPerson(
        f"Given up after {outbox.MAX_ATTEMPTS} attempts, the worker having died each time. Whether Odoo has it is not known: "
        "look there before sending it again."
    )
    return {
        claim.record_id: Outcome(claim.odoo_id, error=error)
        for claim in claims
        if max(change.attempts for change in claim.changes) > outbox.MAX_ATTEMPTS
    }
