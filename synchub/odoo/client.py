"""Calls to one Odoo database."""

import logging
import time
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

from synchub.errors import OdooError, OdooMisconfigured, OdooRetryable, OdooUnknownOutcome
from synchub.odoo import older
from synchub.odoo.access import OdooAccess
from synchub.odoo.gate import Gate
from synchub.odoo.protocol import OdooProtocol, XmlRpc
from synchub.odoo.records import RecordCalls
from synchub.odoo.report import CallReport, Traffic
from synchub.odoo.wire import sendable

log = logging.getLogger("synchub.odoo")

Answer = TypeVar("Answer")
Login = tuple[str, str, str, str]
"""URL, database, login, secret."""

# Methods that leave Odoo as it was, whatever becomes of the answer.
READING = frozenset(
    {
        "check_access_rights",
        "default_get",
        "export_data",
        "fields_get",
        "get_metadata",
        "name_search",
        "read",
        "read_group",
        "search",
        "search_count",
        "search_fetch",
        "search_read",
    }
)


class OdooClient(RecordCalls):
    """Calls to one Odoo database, each of them one POST.

    Use it in one thread at a time; after a fork the child makes its own connection. Close it, or use it in
    `with`. Every method raises the errors of `synchub.errors`, and those only. `on_call` is told of every
    call after it, failed ones too; what it raises is logged and goes no further, for the call itself has
    happened. Clients that share `users` log in once between them: Odoo makes a login slow on purpose.
    """

    def __init__(
        self,
        access: OdooAccess,
        *,
        gate: Gate | None = None,
        on_call: Callable[[CallReport], None] | None = None,
        users: "MutableMapping[Login, int] | None" = None,
    ) -> None:
        self.access = access
        self._gate: Callable[[], AbstractContextManager[None]] = gate or nullcontext
        self._on_call = on_call
        self._protocol: OdooProtocol = XmlRpc(access)
        self._users = {} if users is None else users
        self._login: Login = (access.url, access.database, access.login, access.secret)
        self._logged_in = False  # by this client itself
        self._searched_apart = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection of the calling thread; another call opens a new one."""
        self._protocol.close()

    def version(self) -> dict[str, Any]:
        """Odoo's version, asked without a login: `{"server_version": "18.0", "server_serie": "18.0", …}`."""
        return self._asked("version", self._protocol.version)

    def authenticate(self) -> int:
        """The id of the connection's user, asked for where it is not known. Raises OdooMisconfigured if refused."""
        user_id = self._users.get(self._login)
        if user_id is None:
            user_id = self._asked("authenticate", self._protocol.authenticate)
            self._users[self._login], self._logged_in = user_id, True
        return user_id

    def execute(
        self,
        model: str,
        method: str,
        /,
        *args: Any,
        context: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Call a public method of a model and return what it returns.

        `context` goes over the connection's own, key by key. Values are checked and converted by
        `wire.sendable`; one that cannot travel raises ValueNotSendable and nothing is sent. A method whose
        result has no form in XML-RPC was carried out nevertheless: the return value is then None.
        """
        sent_args = [sendable(arg, (index,)) for index, arg in enumerate(args)]
        merged = {**self.access.context, **(context or {})}
        if merged:
            kwargs["context"] = merged
        sent_kwargs = {name: sendable(value, (name,)) for name, value in kwargs.items()}
        older.refuse_language(self, merged.get("lang"))
        changes = method not in READING

        def call(traffic: Traffic) -> Any:
            return self._protocol.call(
                user_id, model, method, sent_args, sent_kwargs, traffic, changes=changes
            )

        user_id = self.authenticate()
        try:
            return self._reported(model, method, sent_args, call)
        except OdooMisconfigured:
            self._users.pop(self._login, None)
            logged_in, self._logged_in = self._logged_in, False
            if logged_in:
                raise
        # Another client learned the id, and the user may have got another one since. Nothing has begun in Odoo.
        user_id = self.authenticate()
        return self._reported(model, method, sent_args, call)

    def _asked(self, method: str, ask: Callable[[Traffic], Answer]) -> Answer:
        """A call that changes nothing in Odoo, so that a lost answer leaves nothing to find out."""
        try:
            return self._reported("", method, (), ask)
        except OdooUnknownOutcome as error:
            raise OdooRetryable(error.message, code=error.code) from error

    def _reported(
        self, model: str, method: str, args: Sequence[Any], call: Callable[[Traffic], Answer]
    ) -> Answer:
        traffic, started_at, start = Traffic(), None, 0.0
        answer: Answer | None = None
        # What stands if this thread is interrupted (a worker's time limit): the call may have gone out.
        failure: OdooError | None = OdooUnknownOutcome("The call was interrupted before its answer came.")
        try:
            with self._gate():
                started_at, start = datetime.now(UTC), time.monotonic()
                answer = call(traffic)
        except OdooError as error:
            failure = error
            raise
        else:
            failure = None
            return answer
        finally:
            # The gate is behind us: reporting may take its time. If it let nobody in, there was no call.
            if started_at is not None:
                self._report(
                    CallReport(
                        url=self.access.url,
                        database=self.access.database,
                        model=model,
                        method=method,
                        records=_records(args, answer),
                        started_at=started_at,
                        seconds=time.monotonic() - start,
                        request_bytes=traffic.sent,
                        response_bytes=traffic.received,
                        error=failure,
                    )
                )

    def _report(self, report: CallReport) -> None:
        if self._on_call is None:
            return
        try:
            self._on_call(report)
        except Exception:  # see the class: a call that happened must not look like one that failed
            log.exception("a call to Odoo could not be reported")


def _records(args: Sequence[Any], answer: Any) -> int:
    """How many records a call was about: the rows of `load`, a list of ids or values, or what came back."""
    match args:
        case [[str(), *_], [[*_], *more], *_]:
            return 1 + len(more)
        case [[int() | dict(), *_] as listed, *_]:
            return len(listed)
        case [int() | dict(), *_]:
            return 1
    return len(answer) if isinstance(answer, list) else 0
