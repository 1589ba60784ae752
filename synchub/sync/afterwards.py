"""What follows on a send: what Odoo made of it is read, and scripts that have effects run."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from endpoints import mirror
from endpoints.registry import EndpointSpec
from mappings import domains, scripted
from synchub.errors import OdooError
from synchub.odoo import OdooClient
from synchub.sync import reading
from synchub.sync.coalesce import Do, Work
from synchub.sync.outcome import ForAPerson, Outcome, Outcomes

logger = logging.getLogger(__name__)

_LAST_BY = "write_uid"
_ODOO_ITSELF = 1
"""The user as whom Odoo's own rules may work, in the transaction of the write that they follow on."""


@dataclass(frozen=True)
class ReadBack:
    """What Odoo made of a batch; ids of what the endpoint's domain does not cover, of what Odoo does not show any more, and of
    what somebody else has written since."""

    rows: Sequence[mirror.Row] = ()
    outside: Collection[int] = ()
    unseen: Collection[int] = ()
    edited: Collection[int] = ()


def read_back(
    endpoint: EndpointSpec, client: OdooClient, done: Sequence[Work], outcomes: Outcomes
) -> ReadBack:
    """A failure here costs nothing: the next pull brings the same."""
    ids = [
        outcome.odoo_id
        for one in done
        if one.do in (Do.CREATE, Do.UPDATE, Do.ACTION)
        and (outcome := outcomes.get(one.record_id)) is not None
        and (outcome.error is None or _may_have_changed(one, outcome))
        and outcome.odoo_id is not None
    ]
    if not ids:
        return ReadBack()
    noted = _LAST_BY in endpoint.mapping.facts
    also = [_LAST_BY] if noted and _LAST_BY not in endpoint.odoo_fields else []
    try:
        covered = (
            reading.of_domain(endpoint, client, domains.both(endpoint.domain, [("id", "in", ids)]), also=also)
            if endpoint.domain
            else []
        )
        rest = sorted(set(ids) - {row.odoo_id for row in covered})
        others = reading.of_ids(endpoint, client, rest, also) if rest else []
        nobody_else = {client.authenticate(), _ODOO_ITSELF}
    except OdooError as error:
        logger.warning("What was pushed to “%s” could not be read back: %s", endpoint.name, error.message)
        return ReadBack()
    seen = {row.odoo_id for row in others}
    rows = [*covered, *others]
    edited = {row.odoo_id for row in rows if row.row.get(_LAST_BY, False) not in {False, *nobody_else}}
    if also:  # the mirror keeps what is read of a record, and pulls do not read that
        rows = [replace(row, row={k: v for k, v in row.row.items() if k != _LAST_BY}) for row in rows]
    return ReadBack(rows, seen if endpoint.domain else (), set(rest) - seen, edited)


def _may_have_changed(one: Work, outcome: Outcome) -> bool:
    """What was done before the error, or by an action of which nobody can be sure, is to be seen at once."""
    return outcome.partly or (one.do is Do.ACTION and isinstance(outcome.error, ForAPerson))


def execute(
    endpoint: EndpointSpec,
    client: OdooClient,
    done: Sequence[Work],
    outcomes: Outcomes,
    rows: Sequence[mirror.Row],
) -> Outcomes:
    """What was written stays written; a script that fails makes its change fail, and runs again with it."""
    if not endpoint.mapping.executing:
        return {}
    read = {row.odoo_id: row.row for row in rows}
    asked: list[tuple[Work, int, dict[str, Any]]] = []
    for one in done:
        outcome = outcomes.get(one.record_id)
        if outcome is None or outcome.error is not None or outcome.odoo_id is None:
            continue
        if outcome.waits_for is not None:  # more of it is to be written first
            continue
        if one.do in (Do.CREATE, Do.UPDATE):
            asked += [
                (one, outcome.odoo_id, change.request)
                for change in one.claim.changes
                if change.request is not None
            ]
    given = [(read.get(odoo_id, {"id": odoo_id}), request) for _, odoo_id, request in asked]
    try:
        problems = scripted.execute(endpoint.mapping, endpoint.connection_id, given, client)
    except OdooError as error:
        return {one.record_id: Outcome(odoo_id, error=error) for one, odoo_id, _ in asked}
    return {
        one.record_id: Outcome(odoo_id, error=problem)
        for (one, odoo_id, _), problem in zip(asked, problems, strict=True)
        if problem is not None
    }
