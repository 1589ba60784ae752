"""Methods of Odoo that consumers asked for, called record by record, in order with the record's changes.

Odoo's methods are not made to be repeated. Where an answer got lost a person is asked to look, unless the action's author
said that it may run twice.
"""

from collections.abc import Callable, Iterable
from typing import Any

from endpoints import dialogs
from endpoints.models import Change, ChangeState, Operation
from endpoints.outbox import Claim, ClaimedChange
from endpoints.registry import EndpointSpec
from synchub.errors import OdooUnknownOutcome
from synchub.odoo import OdooClient
from synchub.sync.coalesce import Do, Work
from synchub.sync.outcome import ForAPerson, Outcome, Outcomes
from synchub.sync.sending import Sending


def is_action(claim: Claim) -> bool:
    return claim.changes[0].operation == Operation.ACTION


def ready(claims: Iterable[Claim]) -> tuple[list[Work], Outcomes]:
    """What is to be called, and what must not be."""
    todo: list[Work] = []
    outcomes: Outcomes = {}
    claims = list(claims)
    refused = _with_refused_changes(claims)
    for claim in claims:
        problem = _problem(claim, refused)
        if problem is None:
            todo.append(Work(claim, Do.ACTION))
        else:
            outcomes[claim.record_id] = Outcome(claim.odoo_id, error=ForAPerson(problem))
    return todo, outcomes


def _with_refused_changes(claims: list[Claim]) -> set[int]:
    """Records of which Odoo refused something that came before the action."""
    if not claims:
        return set()
    asked = {claim.record_id: claim.changes[0] for claim in claims}
    refused = Change.objects.filter(record__in=list(asked), state=ChangeState.FAILED)
    return {
        one.record_id
        for one in refused.only("record_id", "operation", "sent", "settled_at")
        if one.pk < asked[one.record_id].id and not _in_knowledge_of(one, asked[one.record_id])
    }


def _in_knowledge_of(refused: Change, asked: ClaimedChange) -> bool:
    """A refused deletion, or action, has written nothing that this one could count on; and who asks after it was told may be
    doing what has to be done first (cancel an order that cannot be deleted yet)."""
    if refused.operation not in (Operation.DELETE, Operation.ACTION) or refused.sent:
        return False
    return refused.settled_at is not None and refused.settled_at < asked.created_at


def _problem(claim: Claim, refused: set[int]) -> str | None:
    [change] = claim.changes
    asked = change.request or {}
    if claim.record_id in refused:
        return (
            f"“{asked.get('action')}” was not called: a change of this record that came before it has not reached Odoo. It was refused, "
            "or somebody has to decide about it. See to that one, then send this again."
        )
    if claim.odoo_id is None:
        return f"“{asked.get('action')}” was not called: Odoo does not have this record."
    if change.sent and not asked.get("repeatable"):
        return _unknown(asked.get("action"), "The worker stopped while")
    return None


def call(
    endpoint: EndpointSpec,
    client: OdooClient,
    sending: Sending,
    check: Callable[[], None],
    work: Iterable[Work],
) -> Outcomes:
    """One call for each, as long as Odoo answers: who is asked while it hangs may have done what nobody can tell. `check` is
    called before each, and may raise."""

    def send(acts: list[Work]) -> dict[int, int]:
        for one in acts:
            check()
            _carry_out(endpoint, client, one)
        return {}

    outcomes: Outcomes = {}
    for one in work:
        error, asked = sending.together([one], send)[one.record_id].error, _asked(one)
        if isinstance(error, OdooUnknownOutcome) and not asked.get("repeatable"):
            error = ForAPerson(_unknown(asked["action"], f"{error.message.rstrip('.')}, after"))
        outcomes[one.record_id] = Outcome(one.claim.odoo_id, error=error)
    return outcomes


def _carry_out(endpoint: EndpointSpec, client: OdooClient, one: Work) -> None:
    asked = _asked(one)
    answer = client.execute(
        endpoint.mapping.model,
        asked["method"],
        [one.claim.odoo_id],
        context=endpoint.context,
        **asked["parameters"],
    )
    # What it returns is for Odoo's own screens.
    if undone := dialogs.left_open(asked["action"], answer):
        raise ForAPerson(undone)


def _asked(one: Work) -> dict[str, Any]:
    [change] = one.claim.changes
    return change.request or {}


def _unknown(action: object, how: str) -> str:
    return (
        f"{how} “{action}” had been sent to Odoo: whether it was done there is not known. Look there; then discard this, or "
        "send it again."
    )
