"""Values in other languages, written when their records are there: those of the endpoint, and those inside them.

Odoo takes one language at a time. Grouped as other changes are, a language costs few calls however many records there
are. A worker that dies in between leaves the change open: what is missing is found when it is compared again.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from mappings.resolve import Item
from mappings.spec import MappingSpec
from synchub.errors import OdooMisconfigured, OdooPermanent, OdooRetryable, OdooUnknownOutcome
from synchub.sync.coalesce import Do, Work
from synchub.sync.outcome import Outcome, Outcomes


class Writer(Protocol):
    """How changes reach Odoo: see `deliver.Delivery`."""

    def change_in(self, spec: MappingSpec, language: str, work: Sequence[Work]) -> Outcomes: ...

    def find_children(self, items: Sequence[Item]) -> list[Item]: ...


def translate(writer: Writer, spec: MappingSpec, work: Sequence[Work], outcomes: Outcomes) -> None:
    """`outcomes` say which records are there, and then what came of their other languages. A record that is refused in one
    language is not tried in the next."""
    there = [one for one in work if one.item.is_translated and _is_there(one, outcomes)]
    for one in there:
        one.item.odoo_id = outcomes[one.record_id].odoo_id
    _look_inside(writer, there, outcomes)
    for inner, records in _by_mapping(spec, [one for one in there if _is_there(one, outcomes)]):
        for language in inner.languages:
            owners = [
                (one, item)
                for one, item in records
                if item.translations.get(language) and _is_there(one, outcomes)
            ]
            # A number of its own for each: of one record, several inside it may have to be told apart.
            parts = [
                Work(
                    replace(one.claim, record_id=place, odoo_id=item.odoo_id),
                    Do.UPDATE,
                    Item(item.odoo_id, {}, values=item.translations[language]),
                )
                for place, (one, item) in enumerate(owners)
            ]
            done = writer.change_in(inner, language, parts) if parts else {}
            for place, (one, _) in enumerate(owners):
                outcome = done[place]
                if outcome.error is not None:
                    field = f"{outcome.field}@{language}" if outcome.field else None
                    outcomes[one.record_id] = Outcome(one.item.odoo_id, outcome.error, field, partly=True)


def _is_there(one: Work, outcomes: Outcomes) -> bool:
    outcome = outcomes.get(one.record_id)
    return outcome is not None and outcome.error is None and outcome.odoo_id is not None


def _look_inside(writer: Writer, work: Sequence[Work], outcomes: Outcomes) -> None:
    """Records that are new inside others have their ids now."""
    new = [one for one in work if any(item.odoo_id is None for _, item in one.item.inside())]
    if not new:
        return
    try:
        found = writer.find_children([one.item for one in new])
    except (OdooPermanent, OdooRetryable, OdooUnknownOutcome, OdooMisconfigured) as error:
        outcomes |= {one.record_id: Outcome(one.item.odoo_id, error=error, partly=True) for one in new}
        return
    for one, item in zip(new, found, strict=True):
        one.item.children = item.children


def _by_mapping(spec: MappingSpec, work: Sequence[Work]) -> list[tuple[MappingSpec, list[tuple[Work, Item]]]]:
    found: dict[int, tuple[MappingSpec, list[tuple[Work, Item]]]] = {}
    for one in work:
        for inner, item in [(spec, one.item), *one.item.inside()]:
            if item.translations and item.odoo_id is not None:
                found.setdefault(id(inner), (inner, []))[1].append((one, item))
    return list(found.values())
