"""Admin of endpoints, their records and runs; the first page; people and logins."""

from typing import Any

from django.contrib import admin

from endpoints import pulls
from endpoints.admin import moved
from endpoints.admin.access_key import AccessKeyAdmin
from endpoints.admin.change import ChangeAdmin
from endpoints.admin.conflict import ConflictAdmin
from endpoints.admin.difference import DifferenceAdmin
from endpoints.admin.endpoint import EndpointAdmin
from endpoints.admin.exchange import ExchangeAdmin
from endpoints.admin.login import LoginForm
from endpoints.admin.match import MatchAdmin
from endpoints.admin.people import GroupAdmin, PersonAdmin
from endpoints.admin.record import RecordAdmin
from endpoints.admin.run import RunAdmin
from endpoints.admin.timetable import TimetableAdmin
from endpoints.models import Endpoint
from mappings.admin.notices import mapping_changed
from mappings.models import Line

__all__ = [
    "AccessKeyAdmin",
    "ChangeAdmin",
    "ConflictAdmin",
    "DifferenceAdmin",
    "EndpointAdmin",
    "ExchangeAdmin",
    "GroupAdmin",
    "MatchAdmin",
    "PersonAdmin",
    "RecordAdmin",
    "RunAdmin",
    "TimetableAdmin",
]

admin.site.index_template = "endpoints/admin/dashboard.html"
admin.site.login_template = "synchub/admin/login.html"
admin.site.login_form = LoginForm


def _start_over(mapping_id: int, **_: Any) -> None:
    """Starts over the endpoints whose documents show this mapping, by itself or inside another one."""
    found: set[int] = set()
    waiting = {mapping_id}
    while waiting:
        found |= waiting
        waiting = set(Line.objects.filter(nested__in=waiting).values_list("mapping", flat=True)) - found
    pulls.start_over(list(Endpoint.objects.filter(mapping__in=found).values_list("pk", flat=True)))


mapping_changed.connect(_start_over, dispatch_uid="start-over")
moved.connect()
