"""See the package."""

import select
import time
from types import TracebackType

from django.db import OperationalError
from django.db.backends.postgresql import base
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property
from psycopg.errors import ReadOnlySqlTransaction


class _Errors(DatabaseErrorWrapper):
    """A database that takes no writes (a standby, or one whose disk its keeper protects) is away, not a bug of the hub's.

    The next request has a new connection: somewhere else there may be one that does take them by now.
    """

    wrapper: "DatabaseWrapper"

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, ReadOnlySqlTransaction):
            self.wrapper.close_at = time.monotonic()
            self.wrapper.errors_occurred = True
            raise OperationalError(*error.args) from error
        super().__exit__(kind, error, trace)


class DatabaseWrapper(base.DatabaseWrapper):
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
