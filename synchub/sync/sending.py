"""One call to Odoo for many records: what became of each.

A call that Odoo refuses is halved until the record at fault stands alone, where Odoo does not name it; what may pass later and
what nobody knows is not.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mappings.calls import Call
from synchub.errors import (
    OdooError,
    OdooMisconfigured,
    OdooPermanent,
    OdooRetryable,
    OdooUnknownOutcome,
    ValueNotSendable,
)
from synchub.odoo import OdooClient, refusal
from synchub.odoo.faults import UNFORESEEN, is_passing
from synchub.odoo.records import LoadResult, RowsBusy
from synchub.sync.coalesce import Work
from synchub.sync.outcome import Outcome, Outcomes

_Send = Callable[[list[Work]], dict[int, int]]
_Table = Callable[[Sequence[Work]], Call]


@dataclass(frozen=True)
class _Told:
    """What a call has told: what became of some, who else would have been taken, and of whom nothing is known yet."""

    outcomes: Outcomes
    good: Sequence[Work] = ()
    unsure: Sequence[Work] = ()


class Sending:
    """Calls over one client. `check` is called before whatever changes Odoo, and may raise."""

    def __init__(self, client: OdooClient, check: Callable[[], None]) -> None:
        self._client, self._check = client, check
        self._stopped: OdooError | None = None
        """After this, nothing is sent any more."""

    def together(self, work: list[Work], send: _Send) -> Outcomes:
        """`send` gives the new ids by record, where there are new ones."""
        if self._stopped:
            return self._not_reached(work)
        try:
            made = send(work)
        except OdooPermanent as error:
            if len(work) == 1:
                return {work[0].record_id: Outcome(work[0].claim.odoo_id, error=error)}
            return self._halved(work, send)
        except (OdooRetryable, OdooUnknownOutcome, OdooMisconfigured) as error:
            return self._trouble(work, error)
        except ValueNotSendable as error:
            return {one.record_id: Outcome(one.claim.odoo_id, error=error, field=error.field) for one in work}
        return {one.record_id: Outcome(made.get(one.record_id, one.claim.odoo_id)) for one in work}

    def by_rows(self, work: list[Work], table: _Table, at_once: int | None = None) -> Outcomes:
        """`load()` of the `table` that some of the work makes: sent twice, it does what it does once. In calls of at most so
        many records `at_once`.

        Those that Odoo refuses are left out. What it would have taken without them goes once more, all together when the
        others are done with.
        """
        outcomes: Outcomes = {}
        waiting, good, size = list(work), list[Work](), at_once or len(work)
        while (waiting or good) and not self._stopped:
            if not waiting:
                waiting, good, size = good, [], len(good)
            part, waiting = waiting[:size], waiting[size:]
            try:
                told = self._load(part, table(part))
            except OdooPermanent as error:
                if len(part) == 1:
                    told = _Told({part[0].record_id: Outcome(part[0].claim.odoo_id, error=error)})
                else:
                    half = len(part) // 2
                    told = _Told(self.by_rows(part[:half], table) | self.by_rows(part[half:], table))
            except (OdooRetryable, OdooUnknownOutcome, OdooMisconfigured) as error:
                told = _Told(self._trouble(part, error))
            outcomes |= told.outcomes
            good += told.good
            waiting += told.unsure
        return outcomes | self._not_reached([*waiting, *good])

    def _load(self, work: list[Work], call: Call) -> _Told:
        self._check()
        try:
            result = self._client.load(call.model, *call.args, context=call.context)
        except ValueNotSendable as error:
            return _unsendable(work, call.args[1], error)
        except RowsBusy as busy:
            # What others have just then waits for them; nobody waits for it.
            if not refusal(busy.messages, len(work)).refused:
                raise
            result = LoadResult(None, busy.messages)
        if result.ids is not None:
            return _Told(
                {one.record_id: Outcome(odoo_id) for one, odoo_id in zip(work, result.ids, strict=True)}
            )
        found = refusal(result.messages, len(work))
        if not found.refused:
            texts = (
                "; ".join(complaint.message for complaint in result.messages)
                or "Odoo refused it, saying nothing."
            )
            raise OdooPermanent(texts)
        return _Told(
            {
                work[place].record_id: Outcome(
                    work[place].claim.odoo_id, error=_refused(said.message), field=said.field
                )
                for place, said in found.refused.items()
            },
            good=[work[place] for place in found.good],
            unsure=[work[place] for place in found.unsure],
        )

    def _halved(self, work: list[Work], send: _Send) -> Outcomes:
        """Odoo refused these together. Where it took the first half, it would refuse the other once more."""
        first, others = work[: len(work) // 2], work[len(work) // 2 :]
        outcomes = self.together(first, send)
        taken = all(outcome.error is None for outcome in outcomes.values())
        return outcomes | (self._halved if taken and len(others) > 1 else self.together)(others, send)

    def _trouble(self, work: list[Work], error: OdooError) -> Outcomes:
        """Where Odoo itself cannot be reached, or lets nobody in, the next call would only wait for the same."""
        if error.code is None or isinstance(error, OdooMisconfigured):
            self._stopped = self._stopped or error
        return {one.record_id: Outcome(one.claim.odoo_id, error=error) for one in work}

    def _not_reached(self, work: list[Work]) -> Outcomes:
        """Nothing was sent for these, or not all of it."""
        error = self._stopped
        if error is None:
            return {}
        if isinstance(error, OdooUnknownOutcome):
            error = OdooRetryable(error.message)  # of these it is known
        return {one.record_id: Outcome(one.claim.odoo_id, error=error) for one in work}


def _refused(text: str) -> OdooError:
    return OdooRetryable(text, code=UNFORESEEN) if is_passing(text) else OdooPermanent(text)


def _unsendable(work: Sequence[Work], table: Sequence[Sequence[Any]], error: ValueNotSendable) -> _Told:
    """Nothing was sent, and all but one may be."""
    row = getattr(error, "row", None)
    # Rows without a name are more lines of the record above.
    place = None if row is None else sum(bool(cells[0]) for cells in table[: row + 1]) - 1
    return _Told(
        {
            one.record_id: Outcome(one.claim.odoo_id, error=error, field=error.field)
            for number, one in enumerate(work)
            if place in (None, number)
        },
        unsure=[one for number, one in enumerate(work) if place not in (None, number)],
    )
