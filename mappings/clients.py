"""From a connection's row to a client that may call it."""

from mappings.models import Connection
from synchub.audit.log import call_logger
from synchub.errors import OdooMisconfigured
from synchub.odoo import Login, OdooAccess, OdooClient, local_gate
from synchub.odoo.gate import MAX_WAIT
from synchub.shared_gate import SharedGate

# User ids by login, for the life of the process. A refused login is looked up again.
_users: dict[Login, int] = {}


def client_for(
    connection: Connection, access: OdooAccess | None = None, *, max_wait: float = MAX_WAIT
) -> OdooClient:
    """A client for this thread, within the connection's limits; its calls are in the audit log.

    `access` replaces the connection's own, for other time limits, say. `max_wait`: how many seconds a call waits for
    others to end.

    Raises OdooMisconfigured where the connection is paused or cannot work.
    """
    if connection.paused_at:
        raise OdooMisconfigured(f"Connection “{connection.name}” is paused: {connection.paused_reason}")
    key = f"connection-{connection.pk}"
    local = local_gate(key, connection.concurrency, connection.rate_per_second)
    gate = SharedGate(key, local, max_wait=max_wait)
    return OdooClient(
        access or connection.access(), gate=gate, on_call=call_logger(connection.name), users=_users
    )
