"""Who may ask for which records, and what waits to reach Odoo."""

from endpoints.models.access import AccessKey
from endpoints.models.action import Action
from endpoints.models.answer import KeptAnswer
from endpoints.models.choices import Auth, Method, Mode, OnDelete, Operator
from endpoints.models.conflict import Conflict
from endpoints.models.count import RecordCount
from endpoints.models.difference import Difference, DifferenceKind
from endpoints.models.endpoint import Endpoint
from endpoints.models.footprint import Did, Footprint
from endpoints.models.grant import AccessGrant
from endpoints.models.match import Decision, Match, Verdict
from endpoints.models.parameter import Parameter
from endpoints.models.past_secret import PastSecret
from endpoints.models.queue import Change, ChangeState, Operation
from endpoints.models.record import Record, SyncState
from endpoints.models.run import ASKED, PullState, Run, RunKind, RunState
from endpoints.models.standstill import Standstill
from endpoints.models.touched import Touched
from mappings.models import Conflicts

__all__ = [
    "ASKED",
    "AccessGrant",
    "AccessKey",
    "Action",
    "Auth",
    "Change",
    "ChangeState",
    "Conflict",
    "Conflicts",
    "Decision",
    "Did",
    "Difference",
    "DifferenceKind",
    "Endpoint",
    "Footprint",
    "KeptAnswer",
    "Match",
    "Method",
    "Mode",
    "OnDelete",
    "Operation",
    "Operator",
    "Parameter",
    "PastSecret",
    "PullState",
    "Record",
    "RecordCount",
    "Run",
    "RunKind",
    "RunState",
    "Standstill",
    "SyncState",
    "Touched",
    "Verdict",
]
