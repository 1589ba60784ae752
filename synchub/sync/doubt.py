"""New records of which an attempt may have made one already, where Odoo tells nobody: not sent again by what would make two."""

from collections.abc import Sequence

from mappings import calls
from mappings.spec import MappingSpec
from synchub.sync.coalesce import Do, Work
from synchub.sync.outcome import ForAPerson, Outcome, Outcomes


def doubtful(spec: MappingSpec, todo: Sequence[Work]) -> Outcomes:
    """Those that are for a person. What goes as rows of a `load` is none of them: that finds what it has made. Nor is what
    was found by its identifier."""
    error = ForAPerson(
        "Whether Odoo has it already is not known: an answer was lost, and the connection's user may not read external ids "
        "(ir.model.data), which would tell. Give that user the right (Access Rights, under Administration) and send this "
        "again; or look in Odoo, and discard this where it is there."
    )
    return {
        one.record_id: Outcome(error=error)
        for one in todo
        if one.claim.doubtful
        and one.claim.odoo_id is None
        and one.do in (Do.CREATE, Do.DELETE)
        and calls.shape(spec, one.item)[0] == "whole"
    }
