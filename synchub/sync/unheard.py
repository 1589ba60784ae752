"""Records whose creation was sent to Odoo, and of which it is not known whether Odoo has them: asked by their external ids."""

import logging
from collections.abc import Collection, Sequence

from django.db import transaction

from endpoints import mirror, moving, queued
from endpoints.models import Record
from endpoints.registry import EndpointSpec
from mappings.external_ids import EXTERNAL_ID_MODULE
from synchub.errors import OdooPermanent
from synchub.odoo import OdooClient

logger = logging.getLogger(__name__)


def recognise(endpoint: EndpointSpec, client: OdooClient, odoo_ids: Collection[int]) -> None:
    """Of these records of Odoo's, which are about to be merged, those that are the hub's own get to be known as such.

    Otherwise a pull that sees one before its push has heard of it would show it twice for a while, if it is called
    otherwise here by now, or is named by its id alone. Raises moving.Moved.
    """
    unheard = queued.perhaps_created(endpoint.id) if odoo_ids else []
    if not unheard:
        return
    known = Record.objects.filter(endpoint_id=endpoint.id, odoo_id__any_of=list(odoo_ids))
    new = set(odoo_ids) - set(known.values_list("odoo_id", flat=True))
    if not new:
        return
    made = made_as(endpoint, client, [handle.hex for handle in unheard]) or {}
    mine = {name: odoo_id for name, odoo_id in made.items() if odoo_id in new}
    with transaction.atomic():
        moving.hold(endpoint, client.access.database)
        records = Record.objects.filter(endpoint_id=endpoint.id, handle__in=list(mine), odoo_id=None)
        locked = records.select_for_update().order_by("pk").values_list("pk", "handle")
        found = {pk: mine[handle.hex] for pk, handle in locked}
        if found:
            mirror.identify(endpoint, found)


def made_as(endpoint: EndpointSpec, client: OdooClient, names: Sequence[str]) -> dict[str, int] | None:
    """Odoo's ids by external id (without its module), where there are such. None: Odoo does not tell the hub's user."""
    try:
        rows = client.search_read(
            "ir.model.data",
            [
                ("module", "=", EXTERNAL_ID_MODULE),
                ("model", "=", endpoint.mapping.model),
                ("name", "in", list(names)),
            ],
            ["name", "res_id"],
            order="id",
        )
    except OdooPermanent as error:
        # A user without that right: `load`, and the look by identifier, find them as well. For the rest see `doubt`.
        logger.info("External ids cannot be looked up: %s", error.message)
        return None
    return {row["name"]: row["res_id"] for row in rows}
