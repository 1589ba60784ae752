"""Methods of Odoo that consumers asked for, called record by record, in order with the record's changes.

Odoo's methods are not made to be repeated. Where an answer got lost a person is asked to look, unless the action's author
said that it may run twice.
"""

from collections.abc import Callable, Iterable

from endpoints import dialogs
from endpoints.models import Change, ChangeState, Operation
from endpoints.outbox import Claim, ClaimedChange
from endpoints.registry import EndpointSpec
from synchub.errors import OdooError, OdooUnknownOutcome, ValueNotSendable
from synchub.odoo import OdooClient
from synchub.sync.coalesce import Do, Work
from synchub.sync.outcome import ForAPerson, Outcome, Outcomes


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
            f"“{asked.get('action')}” was not called: Odoo refused a change of this record that came before it. Mend or "
            "discard that one, then send this again."
        )
    if claim.odoo_id is None:
        return f"“{asked.get('action')}” was not called: Odoo does not have this record."
    if change.sent and not asked.get("repeatable"):
        return _unknown(asked.get("action"), "The worker stopped while")
    return None


def call(
    endpoint: EndpointSpec, client: OdooClient, check: Callable[[], None], work: Iterable[Work]
) -> Outcomes:
    """One call for each. `check` is called before each, and may raise."""
    outcomes: Outcomes = {}
    for one in work:
        [change], odoo_id = one.claim.changes, one.claim.odoo_id
        asked = change.request or {}
        check()
        try:
            answer = client.execute(
                endpoint.mapping.model,
                asked["method"],
                [odoo_id],
                context=endpoint.context,
                **asked["parameters"],
            )
            # What it returns is for Odoo's own screens.
            undone = dialogs.left_open(asked["action"], answer)
            outcomes[one.record_id] = Outcome(odoo_id, error=ForAPerson(undone) if undone else None)
        except OdooUnknownOutcome as error:
            kept: OdooError = error
            if not asked.get("repeatable"):
                kept = ForAPerson(_unknown(asked["action"], f"{error.message.rstrip('.')}, after"))
            outcomes[one.record_id] = Outcome(odoo_id, error=kept)
        except (OdooError, ValueNotSendable) as error:
            outcomes[one.record_id] = Outcome(odoo_id, error=error)
    return outcomes


def _unknown(action: object, how: str) -> str:
    return (
        f"{how} “{action}” had been sent to Odoo: whether it was done there is not known. Look there; then discard this, or "
        "send it again."
    )
