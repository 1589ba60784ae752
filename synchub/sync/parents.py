"""Parents before children: a change that names a record which is still on its way to Odoo waits for that one.

Where records wait for each other in a ring, or one for itself, those that can are written without naming the others, which is
written once these are there: also where some of them wait for another reason, as it is noted. Where none can, all of them are
refused: nobody could ever go first.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from endpoints import outbox, queued, registry
from endpoints.awaited import Awaited, awaited, elsewhere
from endpoints.registry import EndpointSpec
from mappings.line_error import LineError
from mappings.mentions import references
from mappings.spec import LineSpec, MappingSpec
from synchub.sync.coalesce import Do, Work, work
from synchub.sync.outcome import Outcome, Outcomes
from synchub.sync.rings import rings, tied_up

Noted = tuple[int, Awaited]
"""Who waits, and for what, by the changes themselves."""


@dataclass(frozen=True)
class Wait:
    """`one` names `first` by `ref` in `line`. `spare`: it can be created without."""

    one: Work
    line: LineSpec
    ref: Any
    first: Awaited
    spare: bool


def not_yet(endpoint: EndpointSpec, todo: Sequence[Work]) -> Outcomes:
    """Those that cannot go now: they wait, or what they wait for was refused. A query for each relation's mapping."""
    outcomes: Outcomes = {}
    open_ones = []
    for wait in waits(endpoint, todo):
        one, first = wait.one, wait.first
        if not first.refused:
            outcomes[one.record_id] = Outcome(waits_for=first)
            open_ones.append(wait)
        elif wait.line.on_missing == "error" and one.record_id not in outcomes:
            outcomes[one.record_id] = Outcome(one.claim.odoo_id, error=_refused(wait))
    if open_ones:
        _break_rings(endpoint, todo, open_ones, outcomes)
    return outcomes


def waits(endpoint: EndpointSpec, todo: Sequence[Work]) -> list[Wait]:
    """What these name that is not in Odoo yet, or was refused there."""
    named = [
        (one, line, ref)
        for one in todo
        if one.do in (Do.CREATE, Do.UPDATE)
        for line, ref, _ in references(endpoint.mapping, one.item.written)
    ]
    wanted: defaultdict[int, set[Any]] = defaultdict(set)
    specs: dict[int, MappingSpec] = {}
    for _, line, ref in named:
        if line.nested is not None:
            specs[id(line.nested)] = line.nested
            wanted[id(line.nested)].add(ref)
    found = {
        key: elsewhere(endpoint.connection_id, specs[key], refs)
        | awaited(endpoint.connection_id, specs[key], refs)
        for key, refs in wanted.items()
    }
    result = []
    for one, line, ref in named:
        first = found[id(line.nested)].get(ref) if line.nested is not None else None
        if first is not None:
            result.append(Wait(one, line, ref, first, _can_do_without(endpoint.mapping, one, line)))
    return result


def _can_do_without(spec: MappingSpec, one: Work, line: LineSpec) -> bool:
    """One that Odoo has can; a new one, unless Odoo or the mapping wants it, or it is written but once. A line inside the
    record cannot."""
    return any(line is own for own in spec.written_relations) and (
        one.do is Do.UPDATE or (not (line.required or line.field.required) and line.write_when == "always")
    )


def _break_rings(
    endpoint: EndpointSpec, todo: Sequence[Work], open_ones: Sequence[Wait], outcomes: Outcomes
) -> None:
    further, noted = _further(endpoint.connection_id, {one.record_id for one in todo}, open_ones)
    every = [*open_ones, *further]
    works = {wait.one.record_id: wait.one for wait in every}
    needed = [wait for wait in every if not wait.spare]
    for ring in rings(_edges(needed)):
        for place, record_id in enumerate(ring):
            if record_id in outcomes:
                around = [works[one] for one in ring[place:] + ring[: place + 1]]
                wait = next(
                    w for w in needed if (w.one, w.first.record_id) == (around[0], around[1].record_id)
                )
                outcomes[record_id] = Outcome(works[record_id].claim.odoo_id, error=_endless(wait, around))
    tied = tied_up(_edges(every, noted)) - {wait.one.record_id for wait in needed}
    for wait in open_ones:
        one = wait.one
        if one.record_id in tied:
            one.without = wait.first
            one.left_out.add(wait.line.field.name)
            one.item.written.pop(wait.line.field.name, None)
            outcomes.pop(one.record_id, None)


def _edges(waits: Sequence[Wait], noted: Sequence[Noted] = ()) -> dict[int, set[int]]:
    edges: defaultdict[int, set[int]] = defaultdict(set)
    for one, first in [*((wait.one.record_id, wait.first) for wait in waits), *noted]:
        edges[one].add(first.record_id)
    return edges


def _further(connection_id: int, known: set[int], first: Sequence[Wait]) -> tuple[list[Wait], list[Noted]]:
    """What those wait for that are waited for, and so on: whatever endpoint they came by and whoever holds them. And what is noted
    of their waits: they may wait for a name."""
    endpoints = {
        one.name: one for one in registry.mirrors_of_database(connection_id) if one.mapping.written_relations
    }
    found: list[Wait] = []
    noted: list[Noted] = []
    due = [wait.first for wait in first]
    while due:
        named: defaultdict[str, set[int]] = defaultdict(set)
        for one in due:
            if one.record_id not in known:
                named[one.endpoint].add(one.record_id)
        known = known.union(*named.values())
        theirs = [
            wait
            for name, records in named.items()
            if name in endpoints
            for wait in waits(endpoints[name], [work(claim) for claim in outbox.still_open(list(records))])
            if not wait.first.refused
        ]
        also = queued.waited_for(set[int]().union(*named.values())) if named else []
        found, noted = [*found, *theirs], [*noted, *also]
        due = [*(wait.first for wait in theirs), *(first for _, first in also)]
    return found, noted


def _refused(wait: Wait) -> LineError:
    return LineError(
        f"“{wait.line.key}”: “{wait.ref}” of “{wait.first.endpoint}” is not in Odoo, since Odoo refused it. Mend that record, "
        "then send this again.",
        code="RELATION_NOT_FOUND",
        key=wait.line.key,
        line=wait.line,
    )


def _endless(wait: Wait, ring: Sequence[Work]) -> LineError:
    names = [f"“{one.claim.external_id}”" for one in ring]
    return LineError(
        f"“{wait.line.key}”: these records name each other, so that none of them can be the first in Odoo: "
        f"{' → '.join(names)}. Send one of them without the next, or with another that Odoo has, and write "
        "that once all are there.",
        code="RELATION_NOT_FOUND",
        key=wait.line.key,
        line=wait.line,
    )
