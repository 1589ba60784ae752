"""Carrying steps to Odoo in few calls, and telling for each record what came of it.

A call for many records that Odoo refuses is halved until the record at fault stands alone; what may pass later and
what nobody knows is not.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from endpoints.models import OnDelete
from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec
from mappings import loading
from mappings.convert import to_wire
from synchub.errors import OdooError, OdooPermanent, OdooRetryable, OdooUnknownOutcome, ValueNotSendable
from synchub.odoo import LoadMessage, OdooClient
from synchub.sync.coalesce import Do, Step

# Module of the external ids by which Odoo knows what the hub created. Double underscores keep it apart from real ones.
EXTERNAL_ID_MODULE = "__synchub__"
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "no_reset_password": True,
}
MISSING = "does not exist or has been deleted"

Work = tuple[Claim, Step]


@dataclass(frozen=True)
class Outcome:
    """`error` None: done. `field` names the Odoo field that a refusal is about, where Odoo told it."""

    odoo_id: int | None = None
    error: OdooError | ValueNotSendable | None = None
    field: str | None = None


Outcomes = dict[int, Outcome]  # by record id


class Delivery:
    """One endpoint's writes over one client."""

    def __init__(self, endpoint: EndpointSpec, client: OdooClient) -> None:
        self._endpoint, self._client = endpoint, client
        self._model, self._spec = endpoint.mapping.model, endpoint.mapping
        self._context: dict[str, Any] = {} if endpoint.chatter else dict(QUIET)

    def deliver(self, work: Sequence[Work]) -> Outcomes:
        """Creates, then updates, then deletes. Raises OdooMisconfigured; other errors are outcomes."""
        outcomes: Outcomes = {claim.record_id: Outcome(claim.odoo_id) for claim, _ in work}
        for group in _grouped(work, Do.CREATE, lambda step: tuple(sorted(step.values))):
            outcomes |= self._create(group)
        for group in _grouped(work, Do.UPDATE, lambda step: _text(step.values)):
            outcomes |= self._together(group, self._write)
        outcomes |= self._delete([(claim, step) for claim, step in work if step.do is Do.DELETE])
        return outcomes

    # create --------------------------------------------------------------------------------------------------

    def _create(self, work: list[Work]) -> Outcomes:
        """`load()` with external ids: sent twice, it makes one record. Rows that it refuses are left out and
        the rest is loaded again."""
        outcomes: Outcomes = {}
        while work:
            try:
                ids, refused = self._load(work)
            except ValueNotSendable as error:
                refused, ids = self._unsendable(work, error), None
            except OdooPermanent as error:
                if len(work) == 1:
                    return outcomes | {work[0][0].record_id: Outcome(error=error)}
                half = len(work) // 2
                return outcomes | self._create(work[:half]) | self._create(work[half:])
            except (OdooRetryable, OdooUnknownOutcome) as error:
                return outcomes | {claim.record_id: Outcome(error=error) for claim, _ in work}
            if ids is not None:
                return outcomes | {
                    claim.record_id: Outcome(odoo_id) for (claim, _), odoo_id in zip(work, ids, strict=True)
                }
            outcomes |= refused
            work = [(claim, step) for claim, step in work if claim.record_id not in refused]
        return outcomes

    def _load(self, work: list[Work]) -> tuple[list[int] | None, Outcomes]:
        fields = sorted(work[0][1].values)
        result = self._client.load(
            self._model,
            ["id", *loading.columns(self._spec, fields)],
            [[external_id(claim), *loading.cells(self._spec, fields, step.values)] for claim, step in work],
            context=self._context | loading.UTC_CONTEXT,
        )
        if result.ids is not None:
            return result.ids, {}
        refused = _refused(work, result.messages)
        if not refused:
            texts = (
                "; ".join(complaint.message for complaint in result.messages)
                or "Odoo refused it, saying nothing."
            )
            raise OdooPermanent(texts)
        return None, refused

    def _unsendable(self, work: list[Work], error: ValueNotSendable) -> Outcomes:
        row = getattr(error, "row", None)
        if row is None:
            return {claim.record_id: Outcome(error=error, field=error.field) for claim, _ in work}
        return {work[row][0].record_id: Outcome(error=error, field=error.field.removesuffix("/.id"))}

    # delete --------------------------------------------------------------------------------------------------

    def _delete(self, work: list[Work]) -> Outcomes:
        """A record that may or may not have been created is loaded once more, which tells its id, and then deleted."""
        outcomes: Outcomes = {}
        lost = [(claim, step) for claim, step in work if claim.odoo_id is None]
        for group in _grouped(lost, Do.DELETE, lambda step: tuple(sorted(step.values))):
            outcomes |= self._create(group)
        for claim, _ in lost:
            outcome = outcomes[claim.record_id]
            claim.odoo_id = outcome.odoo_id
            if isinstance(outcome.error, (OdooPermanent, ValueNotSendable)):
                outcomes[claim.record_id] = Outcome()  # never created: nothing is left to delete
        there = [(claim, step) for claim, step in work if claim.odoo_id is not None]
        return outcomes | (self._together(there, self._remove) if there else {})

    # update and delete -----------------------------------------------------------------------------------------

    def _together(self, work: list[Work], call: Callable[[list[Work]], None]) -> Outcomes:
        try:
            call(work)
        except OdooPermanent as error:
            if len(work) == 1:
                return {work[0][0].record_id: Outcome(work[0][0].odoo_id, error=error)}
            half = len(work) // 2
            return self._together(work[:half], call) | self._together(work[half:], call)
        except (OdooRetryable, OdooUnknownOutcome) as error:
            return {claim.record_id: Outcome(claim.odoo_id, error=error) for claim, _ in work}
        except ValueNotSendable as error:
            return {
                claim.record_id: Outcome(claim.odoo_id, error=error, field=error.field) for claim, _ in work
            }
        return {claim.record_id: Outcome(claim.odoo_id) for claim, _ in work}

    def _write(self, work: list[Work]) -> None:
        values = to_wire(self._spec, work[0][1].values)
        self._client.write(self._model, _ids(work), values, context=self._context)

    def _remove(self, work: list[Work]) -> None:
        ids = _ids(work)
        try:
            if self._endpoint.on_delete == OnDelete.ARCHIVE:
                self._client.write(self._model, ids, {"active": False}, context=self._context)
            else:
                self._client.unlink(self._model, ids, context=self._context)
        except OdooPermanent as error:
            if len(ids) > 1 or MISSING not in error.message:
                raise
            # Gone already is what was wanted.


def external_id(claim: Claim) -> str:
    """Under which Odoo's `ir.model.data` knows the record."""
    return f"{EXTERNAL_ID_MODULE}.{claim.handle.hex}"


def _refused(work: list[Work], messages: Sequence[LoadMessage]) -> Outcomes:
    """Which rows `load` complains about.

    Where the whole batch failed, Odoo puts that failure before the rows' own, under the number of the first row. If
    others are blamed too, the first one gets another chance without them.
    """
    complaints = [
        one for one in messages if one.type == "error" and one.record is not None and one.record < len(work)
    ]
    if len({one.record for one in complaints}) > 1 and [one.record for one in complaints].count(0) == 1:
        complaints = [one for one in complaints if one.record != 0]
    refused: Outcomes = {}
    for one in complaints:
        claim = work[one.record or 0][0]
        refused.setdefault(claim.record_id, Outcome(error=OdooPermanent(one.message), field=one.field))
    return refused


def _grouped(work: Sequence[Work], do: Do, key: Callable[[Step], Any]) -> Iterable[list[Work]]:
    groups: dict[Any, list[Work]] = defaultdict(list)
    for claim, step in work:
        if step.do is do:
            groups[key(step)].append((claim, step))
    return groups.values()


def _ids(work: Sequence[Work]) -> list[int]:
    return [claim.odoo_id for claim, _ in work if claim.odoo_id is not None]


def _text(values: dict[str, Any]) -> bytes:
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS)
