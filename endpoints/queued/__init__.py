"""What stands in the queue: questions to the outbox that change nothing."""

from endpoints.queued.elsewhere import (
    Elsewhere,
    sent_unheard,
    waiting_elsewhere,
    written_as_lines,
    written_elsewhere,
)
from endpoints.queued.names import (
    BeingNamed,
    being_named,
    created_as,
    giving_up_name,
    left_behind,
    naming,
    takers,
    to_be_archived,
    to_be_deleted,
)
from endpoints.queued.waits import leading_back, waited_for
from endpoints.queued.work import (
    endpoints_with_work,
    is_being_made,
    lines_refused,
    not_as_shown,
    not_odoo_s,
    on_its_way,
    open_writes,
    perhaps_created,
    waiting,
)

__all__ = [
    "BeingNamed",
    "Elsewhere",
    "being_named",
    "created_as",
    "endpoints_with_work",
    "giving_up_name",
    "is_being_made",
    "leading_back",
    "left_behind",
    "lines_refused",
    "naming",
    "not_as_shown",
    "not_odoo_s",
    "on_its_way",
    "open_writes",
    "perhaps_created",
    "sent_unheard",
    "takers",
    "to_be_archived",
    "to_be_deleted",
    "waited_for",
    "waiting",
    "waiting_elsewhere",
    "written_as_lines",
    "written_elsewhere",
]
