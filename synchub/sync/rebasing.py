"""Writes that wait behind what has just been settled: they count as written in the knowledge of what Odoo has now.

What the hub itself has changed is nobody's edit, nor is what Odoo worked out from it. Of lines (one2many) what their writer saw
stays what they are compared with: what he only sends along is Odoo's still.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from endpoints import mirror, outbox
from endpoints.models import ChangeState, Operation
from endpoints.outbox import Claim, Verdict
from mappings.convert import Values, from_row
from mappings.relations import Structure, counted, is_structure, seen_lines
from mappings.seen import known_by_now, shown_lines
from mappings.spec import MappingSpec
from synchub.sync.coalesce import work


def changed(spec: MappingSpec, claim: Claim) -> list[str]:
    """Fields that the hub itself has changed, in whatever language, and those that Odoo may have worked out from them. What
    a method or a script changes is not known: any."""
    if _may_do_anything(claim):
        return [*spec.by_field, *map(seen_lines, spec.by_field)]
    item = work(claim).item
    sent = {
        spec.by_field[name].odoo_name for name in (*item.written, *item.commands) if name in spec.by_field
    }
    names = [name for name, one in spec.by_field.items() if one.odoo_name in sent or one.computed]
    return [*names, *map(seen_lines, names)]


def rebase(
    spec: MappingSpec, claims: Sequence[Claim], written: Mapping[int, Verdict], read: Mapping[int, mirror.Row]
) -> None:
    """`written` are those of the claims that Odoo has, or may have; `read` what it has, by its id."""
    claimed = {claim.record_id: claim for claim in claims}
    ours: dict[int, tuple[list[str], Values]] = {}
    for waiting in outbox.still_open(list(written)):
        done = claimed[waiting.record_id]
        verdict = written[waiting.record_id]
        row = read.get(verdict.odoo_id or 0)
        names = changed(spec, done)
        seen = _seen(done, from_row(spec, row.row)) if row is not None else {}
        wrote = {name for change in done.changes for name in change.values}
        lines = {line.field.name for line in spec.written_relations if line.field.type.name == "one2many"}
        if _may_do_anything(done):
            # Nobody who sent what waits has seen what is there by now, be it the method's.
            kept = {*(lines - wrote), *map(seen_lines, lines - wrote)}
            names = [name for name in names if name not in kept]
        # Of what Odoo has taken in part, nobody knows which lines it has.
        lines -= set() if verdict.state == ChangeState.APPLIED else wrote
        known = _lines(spec, lines, done, waiting, row) if row is not None else {}
        ours[waiting.record_id] = ([*names, *known], seen | known)
    outbox.rebase(ours, [claim.record_id for claim in claims if claim.creates])


def _may_do_anything(claim: Claim) -> bool:
    """Is a method called, or does a script run?"""
    return any(one.operation == Operation.ACTION or one.request is not None for one in claim.changes)


def _lines(
    spec: MappingSpec, lines: set[str], done: Claim, waiting: Claim, row: mirror.Row
) -> dict[str, list[Structure]]:
    """What the lines that wait to be written are compared with, where something is known of that."""
    before, sent = work(done).item.written, work(waiting).item.written
    there = shown_lines(spec, sent, row.fragments)
    found = {}
    for name in lines:
        key = seen_lines(name)
        if key not in there:
            continue
        shown: list[Structure] = []
        if name in before:
            shown = _laid_over(done.seen.get(key, []), before[name])
        elif _may_do_anything(done):
            shown = waiting.seen.get(key, [])
        if shown:
            found[key] = known_by_now(sent[name]["$children"], shown, there[key])
    return found


def _laid_over(seen: Sequence[Structure], written: Any) -> list[Structure]:
    """Lines as they were shown while a write of them was on its way; not those without a name, which are new ones each time."""
    if not is_structure(written) or "$children" not in written:
        return []
    known = dict(counted(seen))
    return [
        {**child, "$values": {**(known[key]["$values"] if key in known else {}), **child["$values"]}}
        for key, child in counted(written["$children"])
        if child["$ref"] is not None
    ]


def _seen(claim: Claim, there: Values) -> Values:
    """What Odoo has now, without the lines that no consumer can have seen."""
    return there | {
        name: [one for one in there[name] if one not in others]
        for name, others in claim.others.items()
        if name in there
    }
