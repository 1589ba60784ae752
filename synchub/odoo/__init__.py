"""The Odoo client: the only XML-RPC in the project."""

from synchub.odoo.access import OdooAccess
from synchub.odoo.client import READING, Login, OdooClient
from synchub.odoo.gate import Gate, LocalGate, local_gate
from synchub.odoo.records import NAMED, LoadMessage, LoadResult
from synchub.odoo.refusals import Refusal, refusal
from synchub.odoo.report import CallReport
from synchub.odoo.wire import RowNotSendable, sendable

__all__ = [
    "NAMED",
    "READING",
    "CallReport",
    "Gate",
    "LoadMessage",
    "LoadResult",
    "LocalGate",
    "Login",
    "OdooAccess",
    "OdooClient",
    "Refusal",
    "RowNotSendable",
    "local_gate",
    "refusal",
    "sendable",
]
