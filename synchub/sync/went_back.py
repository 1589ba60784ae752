"""Whether Odoo has gone back: restored from a backup, it has older records than it had, and gives ids once more.

That its newest stamp is older than it was may be a deletion. That a record which is still there was last written before the hub
read it is none.
"""

from endpoints import remade
from endpoints.models import PullState, Record, SyncState
from endpoints.registry import EndpointSpec
from mappings import domains
from synchub.odoo import OdooClient

MOST = 100
"""Records that are looked at: those that changed here last, which an index has in order; of write_date there is none."""


def note(endpoint: EndpointSpec, client: OdooClient, state: PullState, newest: str) -> None:
    """`newest` is Odoo's newest stamp, for which it is asked before each walk: once it is an older one, its records are looked at.
    Raises OdooError."""
    if state.newest and newest < state.newest and (why := _older(endpoint, client, newest)):
        remade.went_back(endpoint.id, why)
    if newest != state.newest:
        PullState.objects.filter(pk=state.pk).update(newest=newest)


def _older(endpoint: EndpointSpec, client: OdooClient, newest: str) -> str:
    last = Record.objects.filter(endpoint_id=endpoint.id).order_by("-changed_in", "-pk")
    known = {
        odoo_id: write_date
        for odoo_id, write_date, state, deleted_at in last.values_list(
            "odoo_id", "write_date", "state", "deleted_at"
        )[:MOST]
        if odoo_id is not None and deleted_at is None and state == SyncState.SYNCED and write_date > newest
    }
    if not known:
        return ""
    asked: domains.Domain = [("id", "in", sorted(known))]
    rows = client.search_read(
        endpoint.mapping.model, asked, ["write_date"], order="id", context={"active_test": False}
    )
    for row in rows:
        now, before = str(row["write_date"] or ""), known[row["id"]]
        if now < before:
            return f"record {row['id']} was last written at {before} (UTC) when the hub read it, and Odoo says {now or 'never'} by now"
    return ""
