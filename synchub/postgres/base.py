"""See the package."""

import select
import time
from types import TracebackType
from typing import Any

from django.db import OperationalError
from django.db.backends.postgresql import base
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.backends.utils import CursorWrapper
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property
from psycopg.errors import FeatureNotSupported, InvalidSqlStatementName, ReadOnlySqlTransaction

_AWAY = (ReadOnlySqlTransaction, InvalidSqlStatementName, FeatureNotSupported)
_ServerBindingCursor: Any = base.ServerBindingCursor


class _Errors(DatabaseErrorWrapper):
    """A database that takes no writes (a standby, or one whose disk its keeper protects) is away, not a bug of the hub's. So is one
    that no longer has what was prepared, or in which a migration has changed what that gives.

    The next request has a new connection: somewhere else there may be one that does take writes by now.
    """

    wrapper: "DatabaseWrapper"

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, _AWAY):
            self.wrapper.close_at = time.monotonic()
            self.wrapper.errors_occurred = True
            raise OperationalError(*error.args) from error
        super().__exit__(kind, error, trace)


class _Operations(DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:
        """What was prepared psycopg does not tell with its values."""
        return str(super().last_executed_query(cursor, sql, params) or self.compose_sql(sql, params))


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = _Operations

    @cached_property
    def wrap_database_errors(self) -> _Errors:
        return _Errors(self)

    def is_usable(self) -> bool:
        """Whether a kept connection is still there.

        A server that was stopped or restarted has closed its end: then there is something to read on a connection that waits
        for nothing. Only then it is asked; Django asks before each request, which takes a list a tenth of its time.
        """
        connection = self.connection
        if connection is None or connection.closed:
            return False
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
        return not poll.poll(0) or super().is_usable()

    def prepared(self) -> CursorWrapper:
        """A cursor whose statements PostgreSQL reads and plans once for each connection.

        For those that many requests wait for, one statement at a time: the planning of a look-up takes several times what the
        look-up itself does. All others Django writes out with their values, which PostgreSQL then knows when it plans.
        """
        untyped: Any = self  # django-stubs knows neither of the two
        self.ensure_connection()
        with self.wrap_database_errors:
            cursor: CursorWrapper = untyped._prepare_cursor(_ServerBindingCursor(self.connection))
            return cursor

    def init_connection_state(self) -> None:
        super().init_connection_state()
        # What is prepared has one good plan, whatever the values are. To look for a better one each time is what it costs otherwise.
        with self.cursor() as cursor:
            cursor.execute("SET plan_cache_mode = force_generic_plan")
