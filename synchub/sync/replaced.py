"""Records that Odoo has no more, and has given their ids to others, as after it was restored from a backup: nothing is written to those."""

from collections.abc import Sequence
from typing import Any

from endpoints import matching, remade
from endpoints.outbox import Claim, UnderId
from endpoints.registry import EndpointSpec
from mappings import untold
from mappings.convert import external_id, from_row
from mappings.normal import alike
from mappings.spec import MappingSpec
from synchub.odoo import OdooClient
from synchub.sync.deliver import external_id as external_id_of
from synchub.sync.outcome import ForAPerson, Outcome, Outcomes
from synchub.sync.unheard import made_as


class Replaced(ForAPerson):
    """What is there under the id has to be read."""


def replaced(endpoint: EndpointSpec, client: OdooClient, claims: Sequence[Claim]) -> Outcomes:
    """A call, where any was not read yet: of their stamps alone. One of which Odoo tells the hub's user nothing keeps nobody back:
    whether that may be written is Odoo's to say. Raises OdooError, where it tells nothing of any for one.
    """
    spec = endpoint.mapping
    was_found = {one.record_id for one in claims if _was_found(spec, one)}
    asked = [
        one
        for one in claims
        if one.odoo_id is not None and ((spec.dated and one.create_date) or one.record_id in was_found)
    ]
    if unread := [one.odoo_id for one in asked if one.there is None and one.odoo_id is not None]:
        name = spec.identifier.field
        fields = [*(["create_date"] if spec.dated else []), *([] if name.language else [name.name])]
        rows = {row["id"]: row for row in untold.read(client, spec.model, unread, fields).rows}
        for one in asked:
            if one.there is None and one.odoo_id in rows:
                note(endpoint, one, rows[one.odoo_id])
    renamed = _renamed(endpoint, client, [one for one in asked if one.record_id in was_found])
    return renamed | {
        one.record_id: Outcome(one.odoo_id, error=_said(one)) for one in asked if _is_another(endpoint, one)
    }


def _was_found(spec: MappingSpec, claim: Claim) -> bool:
    """A new record that an earlier attempt found in Odoo, under its name, and could not write over."""
    return claim.creates and claim.odoo_id is not None and not claim.found and not spec.named_by_odoo


def _renamed(endpoint: EndpointSpec, client: OdooClient, claims: Sequence[Claim]) -> Outcomes:
    """It was taken for the new one since it was called so. Not what the hub has made itself, nor what a person has linked."""
    line = endpoint.mapping.identifier
    renamed = [
        one
        for one in claims
        if one.there is not None
        and not any(
            name == one.there.called or alike(line, name, one.there.called)
            for name in one.named(line.field.name)
        )
    ]
    if not renamed:
        return {}
    linked = matching.called_then([one.record_id for one in renamed])
    names = {external_id_of(one).partition(".")[2]: one for one in renamed if one.record_id not in linked}
    own = made_as(endpoint, client, list(names)) or {} if names else {}
    return {
        one.record_id: Outcome(
            error=ForAPerson(
                f"Since record {one.odoo_id} was found in Odoo under this name, it got another {line.field.label} there: "
                f"“{one.there.called if one.there else ''}”. If it is the same, take that away there, then send this again; else discard this, and "
                "have it sent once more."
            ),
            field=line.field.name,
        )
        for name, one in names.items()
        if own.get(name) != one.odoo_id
    }


def note(endpoint: EndpointSpec, claim: Claim, row: dict[str, Any]) -> None:
    name = endpoint.mapping.identifier.field.name
    now, known = from_row(endpoint.mapping, row), claim.base or {}
    unlike = remade.unlike(endpoint.mapping, known, now)
    claim.there = UnderId(str(row.get("create_date") or ""), now.get(name), known.get(name), unlike)


def _is_another(endpoint: EndpointSpec, claim: Claim) -> bool:
    """One that is called as this was, or is to be, is what was meant."""
    spec, found = endpoint.mapping, claim.there
    if found is None:
        return False
    there = {spec.identifier.field.name: found.called}
    names = [found.before, *claim.named(spec.identifier.field.name)]
    if claim.external_id is not None and not spec.named_by_odoo:
        if external_id(spec, there) == claim.external_id:
            return False
        if found.before is None:  # of an action nothing else is known
            names.append(claim.external_id)
    return all(
        remade.is_another(
            spec, claim.create_date, name, found.made, there, written=claim.write_date, unlike=found.unlike
        )
        for name in [one for one in names if one not in (None, "")] or [None]
    )


def _said(claim: Claim) -> Replaced:
    made, called = (claim.there.made, claim.there.called) if claim.there else ("", None)
    return Replaced(
        f"Odoo has another record{f' (“{called}”)' if called else ''} under the id {claim.odoo_id} by now: it was made at {made} (UTC), and "
        f"the one that was meant at {claim.create_date}. Odoo was restored from a backup, or that one was deleted. Nothing was written. "
        "Discard this; or, where it was made once more under its name, have it written to that one, which this page offers once it has been pulled."
    )
