"""Deleting in Odoo, or archiving: many records in one call."""

from collections import Counter
from collections.abc import Callable, Sequence

from endpoints.models import OnDelete
from endpoints.registry import EndpointSpec
from mappings import calls
from synchub.errors import OdooPermanent, ValueNotSendable
from synchub.odoo import OdooClient
from synchub.sync.coalesce import Do, Work, grouped
from synchub.sync.outcome import Outcome, Outcomes
from synchub.sync.sending import Sending


class Deleting:
    """One endpoint's deletions, by `sending` over its client. `check` is called before whatever changes Odoo; `create` makes
    records of one shape, or finds that they are made."""

    def __init__(
        self,
        endpoint: EndpointSpec,
        client: OdooClient,
        check: Callable[[], None],
        sending: Sending,
        create: Callable[[list[Work]], Outcomes],
    ) -> None:
        self._endpoint, self._client, self._check = endpoint, client, check
        self._sending, self._create = sending, create
        self._spec, self._context = endpoint.mapping, endpoint.context

    def delete(self, work: list[Work]) -> Outcomes:
        """A record that may or may not have been created is made once more, which tells its id, and then deleted."""
        outcomes: Outcomes = {}
        lost = [one for one in work if one.claim.odoo_id is None]
        for group in grouped(lost, Do.DELETE, lambda one: calls.shape(self._spec, one.item)):
            outcomes |= self._create(group)
        for one in lost:
            outcome = outcomes.get(one.record_id, Outcome())
            one.claim.odoo_id = outcome.odoo_id
            if isinstance(outcome.error, (OdooPermanent, ValueNotSendable)):
                outcomes[one.record_id] = Outcome()  # never created: nothing is left to delete
        there = [one for one in work if one.claim.odoo_id is not None]
        for group in grouped(there, Do.DELETE, lambda one: one.on_delete):
            outcomes |= self._sending.together(group, self._remove)
        return outcomes | self._no_doubles(lost, outcomes)

    def _no_doubles(self, made: Sequence[Work], outcomes: Outcomes) -> Outcomes:
        """What was made once more only to be archived is nobody's, and there it may be a second one of its name. Where Odoo does not let
        the hub delete it, it stays there."""
        archived = [
            one
            for one in made
            if one.claim.odoo_id is not None
            and (one.on_delete or self._endpoint.on_delete) == OnDelete.ARCHIVE
            and one.item.written.get(self._spec.identifier.field.name) is not None
            and outcomes[one.record_id].error is None
        ]
        if not archived or self._spec.named_by_odoo:
            return {}
        deleted = self._sending.together(archived, self._unlink_doubles)
        return {pk: one for pk, one in deleted.items() if not isinstance(one.error, OdooPermanent)}

    def _unlink_doubles(self, work: list[Work]) -> dict[int, int]:
        """Those of whose name Odoo has another one, which the attempt before may have written over instead."""
        field = self._spec.identifier.field
        names = [one.item.written.get(field.name) for one in work]
        rows = self._client.search_read(
            self._spec.model,
            [(field.name, "in", names)],
            [field.name],
            order="id",
            context={"active_test": False},
        )
        bearers = Counter(field.type.from_wire(row[field.name]) for row in rows)
        doubles = [one for one, name in zip(work, names, strict=True) if bearers[name] > 1]
        if doubles:
            self._check()
            self._client.unlink(self._spec.model, _ids(doubles), context=self._context)
        return {}

    def _remove(self, work: list[Work]) -> dict[int, int]:
        ids, way = _ids(work), work[0].on_delete or self._endpoint.on_delete
        self._check()
        try:
            if way == OnDelete.ARCHIVE:
                self._client.write(self._spec.model, ids, {self._spec.archive: False}, context=self._context)
            else:
                self._client.unlink(self._spec.model, ids, context=self._context)
        except OdooPermanent as error:
            if len(ids) > 1 or not error.record_missing:
                raise
            # Gone already is what was wanted.
        return {}


def _ids(work: Sequence[Work]) -> list[int]:
    return [one.claim.odoo_id for one in work if one.claim.odoo_id is not None]
