"""What an outcome means for the change: done, tried again and when, or refused and why."""

import random
from collections.abc import Sequence

from endpoints import outbox
from endpoints.awaited import Awaited
from endpoints.models import ChangeState, Operation
from endpoints.outbox import Claim, Verdict
from endpoints.registry import EndpointSpec
from mappings import tracing
from mappings.line_error import LineError
from synchub.errors import (
    HubError,
    OdooError,
    OdooMisconfigured,
    OdooOutdated,
    OdooPermanent,
    OdooRetryable,
    OdooUnknownOutcome,
    UnfitValue,
)
from synchub.sync.coalesce import Do, work
from synchub.sync.outcome import ForAPerson, Outcome

WAIT_SECONDS = 60.0
# Nothing was said of the change: it spends no attempt, and its delay grows with the time for which Odoo has been silent.
_SHARE_OF_SILENCE, _LONGEST = 0.25, 60.0


def trouble_of(error: Exception | None) -> OdooError | None:
    """What may pass by itself, or when the connection is mended: it says nothing of the record."""
    return error if isinstance(error, (OdooRetryable, OdooUnknownOutcome, OdooMisconfigured)) else None


def verdict(
    endpoint: EndpointSpec, claim: Claim, outcome: Outcome | None, trouble: OdooError | None, silent: float
) -> Verdict:
    """`silent`: for so many seconds the connection has not worked."""
    attempts = max(change.attempts for change in claim.changes)
    if outcome is None:
        # Nothing was sent for it now: something before the first call was in the way, or in the other lane's.
        return later(claim, trouble, attempts, None, unknown=False, spend=False, silent=silent)
    error = outcome.error
    if outcome.waits_for is not None:
        return _waiting(claim, outcome.waits_for, outcome)
    if error is None:
        return Verdict(
            claim.record_id,
            ChangeState.APPLIED,
            odoo_id=outcome.odoo_id,
            error=_not_written(claim),
            gave_way=claim.given_way | claim.again,
        )
    unknown = isinstance(error, OdooUnknownOutcome)
    if isinstance(error, OdooMisconfigured):
        return later(
            claim, error, attempts, outcome.odoo_id, unknown=outcome.partly, spend=False, silent=silent
        )
    if trouble_of(error):
        # Below XML-RPC nothing was said of this record: an Odoo that is away must not use up its attempts.
        spend = unknown or getattr(error, "code", None) is not None
        if attempts < outbox.MAX_ATTEMPTS or not spend:
            sent = unknown or outcome.partly
            return later(claim, error, attempts, outcome.odoo_id, unknown=sent, spend=spend, silent=silent)
    line_id, text, outdated = _explained(endpoint, claim, error, outcome.field)
    if trouble_of(error):
        text = f"Given up after {attempts} attempts; the last one: {text}"
        if unknown:
            text += " Whether Odoo has it is not known: look there before sending it again."
    if outcome.partly:
        text += (
            " The rest of it is in Odoo: only what this is about (new lines, a translation, a value that another record has) is "
            "missing there."
        )
    return Verdict(
        claim.record_id,
        ChangeState.FAILED,
        odoo_id=outcome.odoo_id,
        error=text,
        line_id=line_id,
        code=error.code if isinstance(error, LineError) else "",
        outdated=outdated,
        # Who waits for it is not told that nothing of it stays.
        outcome_unknown=unknown or outcome.partly,
        deletion_only=isinstance(error, OdooPermanent)
        and not isinstance(error, ForAPerson)
        and _writes_before_it_deletes(claim),
    )


def _writes_before_it_deletes(claim: Claim) -> bool:
    """Then Odoo was sent nothing of these writes, and it says nothing of them when it does not delete the record."""
    operations = {change.operation for change in claim.changes}
    return claim.odoo_id is not None and Operation.DELETE in operations and len(operations) > 1


def _not_written(claim: Claim) -> str:
    """What of it gave way, and to whom."""
    kept = ", ".join(sorted(claim.lost | claim.yielded))
    said = [f"Odoo had changed {kept} as well, and its value was kept."] if kept else []
    for endpoint in sorted(set(claim.overtaken.values())):
        names = ", ".join(sorted(name for name, by in claim.overtaken.items() if by == endpoint))
        said.append(f"“{endpoint}” was sent {names} after this, and that was kept.")
    return " ".join(said)


def broken(claims: Sequence[Claim], error: Exception, *, begun: bool) -> list[Verdict]:
    """The hub itself failed. Of several, any one may be the cause: none of them pays for it. `begun`: their send had."""
    bug = HubError(f"The hub failed on this ({type(error).__name__}); its log tells more.")
    if isinstance(error, UnfitValue):
        bug = error
    if len(claims) > 1:
        return [
            Verdict(
                claim.record_id,
                ChangeState.PENDING,
                error=str(bug),
                spend_attempt=False,
                outcome_unknown=begun,
            )
            for claim in claims
        ]
    [claim] = claims
    attempts = max(change.attempts for change in claim.changes)
    if attempts < outbox.MAX_ATTEMPTS:
        return [later(claim, bug, attempts, None, unknown=begun, spend=True)]
    text = str(bug)
    if begun or any(change.sent for change in claim.changes):
        text += " Whether Odoo has it is not known: look there before sending it again."
    return [Verdict(claim.record_id, ChangeState.FAILED, error=text, outcome_unknown=begun)]


def _waiting(claim: Claim, first: Awaited, outcome: Outcome) -> Verdict:
    """Woken when that record has got there; looked at after a while in any case."""
    stands = (
        f" “{first.endpoint}”, or its connection, is paused or off: this waits until it goes on."
        if first.paused
        else ""
    )
    return Verdict(
        claim.record_id,
        ChangeState.PENDING,
        odoo_id=outcome.odoo_id,
        error=f"Waits for a record of “{first.endpoint}”, of this name, named by it or naming it, which is on its way to Odoo.{stands}",
        # Spread out, so that two that wait for each other do not come back together.
        retry_in=WAIT_SECONDS * random.uniform(*((1.25, 2.0) if outcome.patient else (0.5, 1.0))),  # noqa: S311  # no secret
        spend_attempt=False,
        waits_for=first.record_id,
    )


def _explained(
    endpoint: EndpointSpec, claim: Claim, error: Exception, field: str | None
) -> tuple[int | None, str, bool]:
    """The line at fault, what a person is to do, and whether the hub knows the field otherwise than Odoo has it."""
    if isinstance(error, LineError):
        return error.line_id, str(error), False
    if not isinstance(error, OdooPermanent) or isinstance(error, ForAPerson):
        line = endpoint.mapping.line_of(field or "")
        return (line.id if line else None), str(error), False
    one, first = work(claim), claim.changes[0]
    values = None if one.do is Do.DELETE else one.item.written
    traced = tracing.trace(
        endpoint.mapping,
        error.message,
        field=field,
        values=values,
        code=error.code,
        changing=one.do is Do.UPDATE,
        acting=str((first.request or {}).get("action", "")) if first.operation == Operation.ACTION else "",
    )
    return traced.line_id, traced.text, traced.outdated


def later(
    claim: Claim,
    error: Exception | None,
    attempts: int,
    odoo_id: int | None,
    *,
    unknown: bool,
    spend: bool,
    silent: float = 0.0,
) -> Verdict:
    steps = outbox.BACKOFF_SECONDS
    delay = 0.0
    # A refused login pauses the connection: whoever resumes it has mended that.
    if error is not None and not (isinstance(error, OdooMisconfigured) and error.login_refused):
        delay = steps[min(attempts, len(steps)) - 1]
        if isinstance(error, OdooOutdated) and error.stays:
            delay = steps[-1]  # else each sweep would claim a batch, and give all of it back
        elif not spend:
            delay = max(delay, min(silent * _SHARE_OF_SILENCE, _LONGEST))
        # Spread out, so that what failed together does not come back together.
        delay *= random.uniform(0.5, 1.5)  # noqa: S311  # no secret
    return Verdict(
        claim.record_id,
        ChangeState.PENDING,
        odoo_id=odoo_id,
        error=str(error or ""),
        retry_in=delay,
        spend_attempt=spend,
        outcome_unknown=unknown,
    )
