"""Parents before children: a change that names a record which is still on its way to Odoo waits for that one."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from endpoints.awaited import Awaited, awaited
from endpoints.registry import EndpointSpec
from mappings.line_error import LineError
from mappings.relations import references
from mappings.spec import LineSpec, MappingSpec
from synchub.sync.coalesce import Do, Work
from synchub.sync.outcome import Outcome, Outcomes


def not_yet(endpoint: EndpointSpec, todo: Sequence[Work]) -> Outcomes:
    """Those that cannot go now: they wait, or what they wait for was refused. A query for each relation's mapping."""
    named = [
        (one, line, ref)
        for one in todo
        if one.do in (Do.CREATE, Do.UPDATE)
        for line, ref in references(endpoint.mapping, one.item.written)
    ]
    wanted: defaultdict[int, set[Any]] = defaultdict(set)
    specs: dict[int, MappingSpec] = {}
    for _, line, ref in named:
        if line.nested is not None:
            specs[id(line.nested)] = line.nested
            wanted[id(line.nested)].add(ref)
    found = {key: awaited(endpoint.connection_id, specs[key], refs) for key, refs in wanted.items()}
    outcomes: Outcomes = {}
    for one, line, ref in named:
        first = found[id(line.nested)].get(ref) if line.nested is not None else None
        if first is None or first.record_id == one.record_id:
            continue
        if not first.refused:
            outcomes[one.record_id] = Outcome(one.claim.odoo_id, waits_for=first)
        elif line.on_missing == "error" and one.record_id not in outcomes:
            outcomes[one.record_id] = Outcome(one.claim.odoo_id, error=_refused(line, ref, first))
    return outcomes


def _refused(line: LineSpec, ref: Any, first: Awaited) -> LineError:
    return LineError(
        f"“{line.key}”: “{ref}” of “{first.endpoint}” is not in Odoo, since Odoo refused it. Mend that record, then send "
        "this again.",
        code="RELATION_NOT_FOUND",
        key=line.key,
        line=line,
    )
