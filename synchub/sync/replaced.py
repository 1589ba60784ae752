"""Records that Odoo has no more, and has given their ids to others, as after it was restored from a backup: nothing is written to those."""

from collections.abc import Sequence
from typing import Any

from endpoints import remade
from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec
from mappings.convert import external_id, from_row
from synchub.odoo import OdooClient
from synchub.sync.outcome import ForAPerson, Outcome, Outcomes


class Replaced(ForAPerson):
    """What is there under the id has to be read."""


def replaced(endpoint: EndpointSpec, client: OdooClient, claims: Sequence[Claim]) -> Outcomes:
    """A call, where any was not read yet: of their stamps alone."""
    spec = endpoint.mapping
    asked = [one for one in claims if one.odoo_id is not None and one.create_date] if spec.dated else []
    if unread := [one.odoo_id for one in asked if one.there is None and one.odoo_id is not None]:
        name = spec.identifier.field
        fields = ["create_date", *([] if name.language else [name.name])]
        rows = {row["id"]: row for row in client.read(spec.model, unread, fields)}
        for one in asked:
            if one.there is None and one.odoo_id in rows:
                note(endpoint, one, rows[one.odoo_id])
    return {
        one.record_id: Outcome(one.odoo_id, error=_said(one)) for one in asked if _is_another(endpoint, one)
    }


def note(endpoint: EndpointSpec, claim: Claim, row: dict[str, Any]) -> None:
    name = endpoint.mapping.identifier.field.name
    called = from_row(endpoint.mapping, row).get(name)
    claim.there = str(row.get("create_date") or ""), called, (claim.base or {}).get(name)


def _is_another(endpoint: EndpointSpec, claim: Claim) -> bool:
    """One that is called as this was, or is to be, is what was meant."""
    if claim.there is None:
        return False
    spec, (made, called, before) = endpoint.mapping, claim.there
    there = {spec.identifier.field.name: called}
    names = [before, *claim.named(spec.identifier.field.name)]
    if claim.external_id is not None and external_id(spec, there) == claim.external_id:
        names.append(called)
    return all(remade.is_another(spec, claim.create_date, name, made, there) for name in names)


def _said(claim: Claim) -> Replaced:
    made, called, _ = claim.there or ("", None, None)
    return Replaced(
        f"Odoo has another record{f' (“{called}”)' if called else ''} under the id {claim.odoo_id} by now: it was made at {made} (UTC), and "
        f"the one that was meant at {claim.create_date}. Odoo was restored from a backup, or that one was deleted. Nothing was written. "
        "Discard this; or, where it was made once more under its name, have it written to that one, which this page offers once it has been pulled."
    )
