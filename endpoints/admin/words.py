"""States of records and changes: one word each, with the same colours everywhere."""

from endpoints.models import ChangeState, SyncState
from synchub.admin.words import Look, badge

_CHANGES: dict[str, tuple[str, Look]] = {
    ChangeState.PENDING: ("waiting", "info"),
    ChangeState.CLAIMED: ("on its way", "info"),
    ChangeState.APPLIED: ("in Odoo", "success"),
    ChangeState.FAILED: ("refused", "danger"),
    ChangeState.DISCARDED: ("discarded", ""),
}
_RECORDS: dict[str, tuple[str, Look]] = {
    SyncState.SYNCED: ("synced", "success"),
    SyncState.PENDING: ("waiting", "info"),
    SyncState.FAILED: ("refused", "danger"),
    SyncState.CONFLICT: ("conflict", "warning"),
}


def change_badge(state: str) -> str:
    return badge(*_CHANGES[state], ChangeState(state).label)


def record_badge(state: str, *, deleted: bool = False) -> str:
    text, look = _RECORDS[state]
    return badge(f"{text}, deleted" if deleted else text, look, SyncState(state).label)
