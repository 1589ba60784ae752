"""Reading an endpoint's records from Odoo, with what their relations lead to.

One record that Odoo does not tell, or not all of it, does not keep the others back: it comes with its problem (see
`mappings.untold`).
"""

from collections.abc import Sequence
from dataclasses import replace

from endpoints import mirror
from endpoints.registry import EndpointSpec
from mappings import domains, untold
from synchub.odoo import OdooClient


def of_domain(
    endpoint: EndpointSpec,
    client: OdooClient,
    domain: domains.Domain,
    limit: int | None = None,
    also: Sequence[str] = (),
) -> list[mirror.Row]:
    """The records of the domain in order of id: all of them, or the first; with these fields as well. Raises OdooError."""
    fields = [*endpoint.odoo_fields, *also]
    told = untold.read_page(client, endpoint.mapping.model, domain, fields, limit=limit)
    return _whole(endpoint, client, told)


def of_ids(
    endpoint: EndpointSpec, client: OdooClient, odoo_ids: Sequence[int], also: Sequence[str] = ()
) -> list[mirror.Row]:
    """Those of these records that the hub's user may see. Raises OdooError."""
    fields = [*endpoint.odoo_fields, *also]
    return _whole(endpoint, client, untold.read(client, endpoint.mapping.model, odoo_ids, fields))


def _whole(endpoint: EndpointSpec, client: OdooClient, told: untold.Told) -> list[mirror.Row]:
    rows = mirror.with_fragments(endpoint, told.rows, client)
    if not told.fields:
        return rows
    return [
        replace(row, problem=untold.problem(endpoint.mapping, row.odoo_id, told.fields[row.odoo_id]))
        if row.odoo_id in told.fields
        else row
        for row in rows
    ]
