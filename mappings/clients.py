"""From a connection's row to a client that may call it."""

from mappings.models import Connection
from synchub.audit.log import call_logger
from synchub.errors import OdooMisconfigured
from synchub.odoo import Login, OdooAccess, OdooClient, local_gate

# Who the logins are, for as long as the process lives; whoever is refused is asked for anew.
_users: dict[Login, int] = {}


def client_for(connection: Connection, access: OdooAccess | None = None) -> OdooClient:
    """A client for this thread, within the connection's limits; its calls are in the audit log.

    `access` stands in for the connection's own, with other time limits, say.

    Raises OdooMisconfigured where the connection is paused or cannot work.
    """
    if connection.paused_at:
        raise OdooMisconfigured(f"Connection “{connection.name}” is paused: {connection.paused_reason}")
    gate = local_gate(f"connection-{connection.pk}", connection.concurrency, connection.rate_per_second)
    return OdooClient(
        access or connection.access(), gate=gate, on_call=call_logger(connection.name), users=_users
    )
