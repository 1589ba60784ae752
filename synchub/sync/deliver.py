"""Carrying work to Odoo in few calls, and telling for each record what came of it: which go in one call, and in which order."""

import copy
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import orjson

from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec
from mappings import calls
from mappings.external_ids import EXTERNAL_ID_MODULE
from mappings.loading import ExternalIds
from mappings.named import Names, find_names, named
from mappings.resolve import Item, resolve, translated_children
from mappings.spec import MappingSpec
from synchub.errors import OdooPermanent
from synchub.odoo import OdooClient
from synchub.sync.borne import refuse_borne
from synchub.sync.coalesce import Do, Work, grouped
from synchub.sync.deleting import Deleting
from synchub.sync.handover import hand_over, not_free, once_more, takers
from synchub.sync.outcome import Outcome, Outcomes
from synchub.sync.questions import about_lines
from synchub.sync.sending import Sending
from synchub.sync.swaps import swapped
from synchub.sync.translations import translate

Announce = Callable[[Sequence[Work], MappingSpec, Collection[Any]], None]
_RowsCall = Callable[[MappingSpec, Sequence[Item], dict[str, Any], ExternalIds], calls.Call]
_FEW = 2  # so many rows of a `load` take Odoo no longer than one `write`


class Delivery:
    """One endpoint's writes over one client. `check` is called before whatever changes Odoo, and may raise; `announce` is told
    what relations are about to create for which of the work."""

    def __init__(
        self, endpoint: EndpointSpec, client: OdooClient, check: Callable[[], None], announce: Announce
    ) -> None:
        self._endpoint, self._client, self._check, self._announce = endpoint, client, check, announce
        self.sending = Sending(client, check)
        self._model, self._spec = endpoint.mapping.model, endpoint.mapping
        self._context = endpoint.context
        self._deleting = Deleting(endpoint, client, check, self.sending, self._create)
        self._names: Names = {}
        self._at_once: int | None = None
        self.refused_new = False
        """Odoo refused some of several new records."""

    def deliver(self, work: Sequence[Work], at_once: int | None = None) -> Outcomes:
        """What was prepared, all of it with an outcome: that of its first step alone says nothing. `at_once` new records, at
        most, go in a call.

        Names are given up before they are taken: Odoo may allow each but once. And changes go before deletions, which
        may take along what was to be moved elsewhere.
        """
        self._at_once = at_once
        outcomes: Outcomes = {}
        for one in work:
            if one.item.problem is not None and one.do is not Do.DELETE:
                outcomes[one.record_id] = about_lines(self._endpoint, self._client, one)
            elif one.do is Do.UPDATE and not _changes(one):
                outcomes[one.record_id] = Outcome(one.claim.odoo_id)
        fine = [one for one in work if one.record_id not in outcomes]
        deleted = [one for one in work if one.do is Do.DELETE]
        given_up = {one.claim.external_id for one in deleted}
        there = [one for one in work if one.do is not Do.CREATE]
        later = takers(self._endpoint, there)
        changed = [one for one in fine if one.do is Do.UPDATE and one.record_id not in later]
        outcomes |= self._change([one for one in changed if one.claim.external_id not in given_up])
        outcomes |= self._deleting.delete(deleted)
        outcomes |= self._change([one for one in changed if one.claim.external_id in given_up])
        outcomes |= hand_over(self._endpoint, there, outcomes, self._change)
        outcomes |= once_more(there, outcomes, self._change)
        outcomes |= swapped(self._spec, there, outcomes, self._change)
        outcomes |= not_free(self._endpoint, [one for one in fine if one.do is Do.CREATE], work, outcomes)
        fine = [one for one in fine if one.record_id not in outcomes]
        for group in grouped(fine, Do.CREATE, lambda one: calls.shape(self._spec, one.item)):
            outcomes |= self._create(group)
        translate(self, self._spec, [one for one in work if one.do in (Do.CREATE, Do.UPDATE)], outcomes)
        for one in work:
            if one.without is not None and outcomes[one.record_id].error is None:
                left_out = frozenset(one.left_out)
                outcomes[one.record_id] = replace(
                    outcomes[one.record_id], waits_for=one.without, left_out=left_out
                )
        return outcomes

    def prepare(self, work: Sequence[Work]) -> None:
        """Find what relations name. Done twice, or for one part after the other, it does what it does once. Raises
        OdooError where they cannot be looked up, and what `announce` does."""
        for one in work:
            if one.do is Do.CREATE or (one.do is Do.DELETE and one.claim.odoo_id is None):
                one.item.external_id = external_id(one.claim)
        self._check()
        items = [one.item for one in work if _is_written(one)]
        resolve(self._spec, items, self._client, partial(self._announce, work))
        refuse_borne(self._endpoint, self._client, items)
        self._names = {**self._names, **find_names(self._spec, items, self._client)}

    # create --------------------------------------------------------------------------------------------------

    def _create(self, work: list[Work]) -> Outcomes:
        if work and calls.shape(self._spec, work[0].item)[0] == "whole":
            return self.sending.together(work, self._create_whole)
        outcomes = self._by_rows(work, calls.creation, self._at_once)
        refused = any(isinstance(outcome.error, OdooPermanent) for outcome in outcomes.values())
        self.refused_new |= refused and len(work) > 1
        return outcomes

    def _create_whole(self, work: list[Work]) -> dict[int, int]:
        call = calls.creation(self._spec, [one.item for one in work], self._context)
        self._check()
        ids = self._client.create(call.model, *call.args, context=call.context)
        return {one.record_id: odoo_id for one, odoo_id in zip(work, ids, strict=True)}

    # change --------------------------------------------------------------------------------------------------

    def _change(self, work: Sequence[Work]) -> Outcomes:
        """Changes and removals before new lines: where Odoo refuses them, nothing of it is there. It may only miss the new
        lines (those of an entry have to balance), so that what it refuses goes once more, with them."""
        parted = [(one, *self._new_lines(one)) for one in work]
        outcomes = self._write_all([rest for _, rest, _ in parted if _changes(rest)])
        refused = {
            record_id: outcome.error for record_id, outcome in outcomes.items() if outcome.error is not None
        }
        added = self._add_lines(
            [new for _, _, new in parted if new is not None and new.record_id not in refused]
        )
        outcomes |= {
            record_id: replace(outcome, partly=outcome.error is not None and record_id in outcomes)
            for record_id, outcome in added.items()
        }
        for whole, _, new in parted:
            if new is not None and isinstance(refused.get(whole.record_id), OdooPermanent):
                outcomes |= self.sending.together([whole], self._write)
        return outcomes

    def _write_all(self, work: Sequence[Work]) -> Outcomes:
        """Few with the same values are rows of one `load` with all the others; that takes Odoo a third of the time
        of a `write` for each. Many with the same values are one `write`, which takes it next to nothing."""
        outcomes: Outcomes = {}
        rows: list[Work] = []
        for group in grouped(work, Do.UPDATE, lambda one: _text(one.item.wire(self._spec))):
            if len(group) <= _FEW and calls.has_rows(self._spec, group[0].item):
                rows += group
            else:
                outcomes |= self.sending.together(group, self._write)
        for group in grouped(rows, Do.UPDATE, lambda one: calls.shape(self._spec, one.item)):
            if len(group) > 1:
                outcomes |= self._by_rows(group, calls.rows_changed)
                group = [one for one in group if outcomes[one.record_id].field == ".id"]
            # Alone; or not found by `load`, which does not see what is archived.
            for one in group:
                outcomes |= self.sending.together([one], self._write)
        return outcomes

    def _new_lines(self, one: Work) -> tuple[Work, Work | None]:
        """What is to be added by rows, apart from the rest."""
        rest, new = calls.parted(self._spec, one.item)
        return replace(one, item=rest), None if new is None else replace(one, item=new)

    def _add_lines(self, work: Sequence[Work]) -> Outcomes:
        """By rows: a `write` that arrives late, after another was sent in its place, would make them twice."""
        outcomes: Outcomes = {}
        for group in grouped(work, Do.UPDATE, lambda one: calls.added_shape(self._spec, one.item)):
            outcomes |= self._by_rows(group, calls.additions)
            for one in group:
                if outcomes[one.record_id].field == ".id":  # `load` does not see what is archived
                    outcomes |= self.sending.together([one], self._write)
        return outcomes

    # other languages ----------------------------------------------------------------------------------------

    def change_in(self, spec: MappingSpec, language: str, work: Sequence[Work]) -> Outcomes:
        """Records of a mapping, the endpoint's or one inside it, changed in a language."""
        other = copy.copy(self)
        other._spec, other._model = spec, spec.model
        other._context = self._context | {"lang": language}
        return other._change(work)

    def find_children(self, items: Sequence[Item]) -> list[Item]:
        """See `translated_children`."""
        return translated_children(self._spec, items, self._client)

    # calls for many records -----------------------------------------------------------------------------------

    def _by_rows(self, work: list[Work], rows: _RowsCall, at_once: int | None = None) -> Outcomes:
        known = named(self._spec, [one.item for one in work], self._names) if work else {}
        return self.sending.by_rows(
            work,
            lambda part: rows(self._spec, [one.item for one in part], self._context, known),
            at_once,
        )

    def _write(self, work: list[Work]) -> dict[int, int]:
        call = calls.change(self._spec, [one.item for one in work], self._context)
        self._check()
        self._client.write(call.model, *call.args, context=call.context)
        return {}


def _changes(one: Work) -> bool:
    return bool(one.item.values or one.item.commands)


def _is_written(one: Work) -> bool:
    """A record that is only deleted needs none of the records that it was to name."""
    return one.do is not Do.NOTHING and not (one.do is Do.DELETE and one.claim.odoo_id is not None)


def external_id(claim: Claim) -> str:
    """Under which Odoo's `ir.model.data` knows the record."""
    return f"{EXTERNAL_ID_MODULE}.{claim.handle.hex}"


def _text(values: dict[str, Any]) -> bytes:
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS)
