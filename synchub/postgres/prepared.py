"""Statements that are prepared: see `DatabaseWrapper.prepared`."""

from typing import TYPE_CHECKING, cast

from django.db import connection

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

    from synchub.postgres.base import DatabaseWrapper


def prepared() -> "CursorWrapper":
    return cast("DatabaseWrapper", connection).prepared()
