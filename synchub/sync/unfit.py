"""Refusals that are about no record: the hub asks for a field that Odoo no longer has (or no longer shows to its user), for a
model that is gone, or in a company that its user does not work in any more.

Whatever waits would be refused for it one by one, also what has nothing to do with it. It waits instead, and the fields are read
anew: then a line whose field is gone keeps nobody else back.
"""

from endpoints.registry import EndpointSpec
from mappings.outdated import is_outdated
from synchub.errors import OdooMisconfigured, OdooOutdated, OdooPermanent
from synchub.odoo import OdooClient
from synchub.odoo.faults import NO_RIGHT


def unfit(endpoint: EndpointSpec, client: OdooClient, error: OdooPermanent) -> OdooMisconfigured | None:
    """None where it is about what was asked for, as most refusals are. Raises OdooError that may pass."""
    if is_outdated(endpoint.mapping, client):
        return OdooOutdated(error.message, code=error.code)
    model, companies = endpoint.mapping.model, client.access.company_ids
    if error.code != NO_RIGHT or not companies or not refuses(client, model):
        return None
    if refuses(client, model, allowed_company_ids=[]):
        return None  # wherever that user works, it may not read them
    return OdooMisconfigured(
        f"The hub's user in Odoo does not work in company {companies[0]}, which the connection is for: give it that company in "
        f"Odoo, or choose another one for the connection. Odoo says: {error.message}",
        code=error.code,
    )


def refuses(client: OdooClient, model: str, **context: object) -> bool:
    """May the hub's user read none of the model's records? Raises OdooError that may pass."""
    try:
        client.search(model, [("id", "=", 0)], limit=1, context=context)
    except OdooPermanent:
        return True
    return False
