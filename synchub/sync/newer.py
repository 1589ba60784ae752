"""Writes that another endpoint over the same records has overtaken: who was accepted last has the last word.

Of one endpoint's changes none overtakes another. One that had to wait (its endpoint was paused, Odoo gave no answer) would write
its older value over a newer one of another endpoint wherever the hub's value counts.
"""

from collections.abc import Callable, Iterator, Sequence

from endpoints import overtaken, queued, registry
from endpoints.awaited import Awaited
from endpoints.models import Conflicts
from endpoints.outbox import Claim, ClaimedChange
from endpoints.overtaken import Newer
from endpoints.queued import Elsewhere
from endpoints.registry import EndpointSpec
from mappings import schema
from mappings.relations import is_partial, is_said_whole
from synchub.sync import conflicts
from synchub.sync.conflicts import Conflict
from synchub.sync.outcome import Outcome, Outcomes
from synchub.sync.rivals import written_by


def overtaken_elsewhere(
    endpoint: EndpointSpec, claims: Sequence[Claim]
) -> tuple[dict[int, dict[str, str]], Outcomes]:
    """By record, the fields that another endpoint has written since, and its name; and who waits, since it is being sent such a write:
    whether Odoo has it is known then; unless that one waits for this. Where Odoo's value counts, or a person is asked,
    that is seen by what Odoo has (see `edited`), unless nothing was known of it."""
    mine = {claim.record_id: dict(_written(endpoint, claim)) for claim in claims if claim.odoo_id is not None}
    after = {
        claim.odoo_id: min(change.id for change in mine[claim.record_id].values())
        for claim in claims
        if claim.odoo_id is not None and mine[claim.record_id]
    }
    others = written_by(endpoint) if after else []
    if not others:
        return {}, {}
    found = overtaken.elsewhere(others, after)
    apart = set(others) - set(registry.writers(endpoint.connection_id, endpoint.mapping.model))
    same = _same_for_all(endpoint) if apart else set[str]()
    fields: dict[int, dict[str, str]] = {}
    waits: dict[int, Awaited] = {}
    for claim in claims:
        for name, change in mine[claim.record_id].items() if claim.odoo_id in found else ():
            for newer in found[claim.odoo_id or 0]:
                if newer.endpoint_id in apart and name not in same:
                    continue
                if not _overtakes(newer, name, change):
                    continue
                if newer.applied:
                    fields.setdefault(claim.record_id, {})[name] = newer.endpoint
                else:
                    first = Awaited(newer.record_id, newer.endpoint, refused=False)
                    waits[claim.record_id] = first
    # Written over, that one is sent once more all the same, and counts then.
    ring = queued.leading_back({pk: first.record_id for pk, first in waits.items()}, at_once=True)
    there = {claim.record_id: claim.odoo_id for claim in claims}
    return fields, {pk: Outcome(there[pk], waits_for=first) for pk, first in waits.items() if pk not in ring}


def overtaken_as_lines(
    endpoint: EndpointSpec,
    claim: Claim,
    both: Sequence[Conflict],
    as_lines: Callable[[], Sequence[Elsewhere]],
) -> dict[str, str]:
    """The same of what was written of the record as a line of another one, of fields that Odoo has otherwise than when they were
    written. Only where Odoo has it: it may have given way itself. `as_lines` asks the outbox."""
    spec, found = endpoint.mapping, dict[str, str]()
    for one in both:
        line, rule = spec.line_of(one.field), conflicts.policy(endpoint.conflicts, spec, one.field)
        if line is None or line.nested is not None or rule not in (Conflicts.HUB, Conflicts.NEWEST):
            continue
        wrote = max(change.created_at for change in claim.changes if one.field in change.values)
        for other in as_lines():
            if other.created_at > wrote and any(
                value == one.current or spec.shows_the_same(one.field, value, one.current)
                for value in other.of(one.field)
            ):
                found[one.field] = other.endpoint
    return found


def _written(endpoint: EndpointSpec, claim: Claim) -> Iterator[tuple[str, ClaimedChange]]:
    """Fields, each with the last change that writes it. Not lines, which are merged one by one, nor what is added to a list; and
    not what a person has sent once more, whatever Odoo has: of that it is not noted any more what it had.

    Of a new record that Odoo turns out to have nothing was known, so that no rule keeps what is there.
    """
    posted = claim.creates and claim.changes[0].base is None
    for change in claim.changes:
        for name, value in change.values.items():
            if not is_said_whole(value):
                continue
            rule = conflicts.policy(endpoint.conflicts, endpoint.mapping, name)
            known = name in (change.base or {})
            if (rule in (Conflicts.HUB, Conflicts.NEWEST)) if known else posted:
                yield name, change


def _same_for_all(endpoint: EndpointSpec) -> set[str]:
    """Fields of which a record has one value. Of the others another connection may have written that of another company, or in
    another language."""
    facts = schema.fields_of(endpoint.connection_id)(endpoint.mapping.model)
    return {
        name
        for name, about in facts.items()
        if about.get("store", True) and not about.get("translate") and not about.get("company_dependent")
    }


def _overtakes(newer: Newer, name: str, change: ClaimedChange) -> bool:
    """Not what it was written in the knowledge of: a person may have decided that it counts all the same. Nor what says the same."""
    if newer.id <= change.id or name not in newer.values or is_partial(newer.values[name]):
        return False
    known = (change.base or {}).get(name, change.values[name])
    return bool(known != newer.values[name])
