"""Each request of a consumer as an exchange of the audit log.

a write that is accepted   within its transaction, by `Log.statement`; what was answered is added a moment later
any other write            at once, when it is answered: refused, repeated, or done in Odoo itself
reading                    by `audit.buffer`, which the request does not wait for
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from urllib.parse import unquote

import orjson
from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.views import APIView

from endpoints.api.sent import Sent
from endpoints.api.strangers import STRANGERS, is_refused
from endpoints.registry import KeySpec
from synchub.addresses import client_address, household
from synchub.audit import log
from synchub.audit.buffer import BUFFER, now_or_later
from synchub.audit.models import Direction, Lacks
from synchub.audit.redact import redact

READS = ("GET", "HEAD", "OPTIONS")
NOT_ANSWERED = "accepted"


class LoggedView(APIView):
    """All that is asked of it is in the audit log, whatever comes of it."""

    log: "Log"
    replays: "Replays | None" = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.log = Log(request, replays=self.replays)
        try:
            response = cast(HttpResponse, super().dispatch(request, *args, **kwargs))
        except Exception as error:
            self.log.broke(error)
            raise
        self.log.finish(response)
        return response


@dataclass(frozen=True)
class Replays:
    """The exchange that is sent again, and by whom."""

    id: int
    person: str


class Log:
    """The exchange of one request. Where the address of the request holds `secret`, `path` is what is kept of it."""

    def __init__(
        self, request: HttpRequest, path: str = "", secret: str = "", *, replays: Replays | None = None
    ) -> None:
        self.body: bytes | None = None
        """Where it was read past the request."""
        self._secret, self._replays = secret, replays
        self.endpoint = self.connection = ""
        self.key: KeySpec | None = None
        self.record = ""
        self._request, self._path = request, path
        self._at, self._started = timezone.now(), time.monotonic()
        self._id: int | None = None

    def statement(self) -> tuple[str, list[Any]]:
        """The write is accepted (see `audit.log.Note`). Within its transaction: neither is there without the other."""
        return log.insertion([self._row(NOT_ANSWERED, failed=False, answered=_Answered())])

    @property
    def is_accepted(self) -> bool:
        """The write was noted as accepted, though its transaction may not have been committed."""
        return self._id is not None

    def noted(self, rows: Sequence[tuple[Any, ...]]) -> None:
        [(self._id,)] = rows

    def finish(self, response: HttpResponse) -> None:
        """What was answered, before it is compressed. Never raises."""
        failed = response.status_code >= 400
        reads = self._request.method in READS
        content = b""
        if failed or not reads or settings.EXCHANGE_READ_BODIES:
            content = _readable(response.content) if failed else response.content
        if not self.record and response.has_header("Location"):
            self.record = unquote(response["Location"].rpartition("/")[2])
        self._end(str(response.status_code), failed, content, len(response.content))

    def broke(self, error: Exception) -> None:
        """It is answered with 500."""
        self._end("500", True, f"{type(error).__name__}: {error}".encode("utf-8", "backslashreplace"), 0)

    def _end(self, status: str, failed: bool, content: bytes, size: int) -> None:
        answered = _Answered(content, size, round((time.monotonic() - self._started) * 1000))
        if self._id is not None and self._is_told(status, failed, answered):
            return
        if self._id is None and self._is_left_out(status):
            return
        if self._request.method not in READS:
            now_or_later(self._row(status, failed, answered))
        elif failed or settings.EXCHANGE_READS:
            _ = self._sent  # looked at now: the request itself is not kept
            BUFFER.add(lambda: self._row(status, failed, answered))
            del self._request

    def _is_left_out(self, status: str) -> bool:
        if not is_refused(status, self.endpoint or self.connection, known=self.key is not None):
            return False
        return not STRANGERS.is_kept(household(client_address(self._request)))

    def _is_told(self, status: str, failed: bool, answered: "_Answered") -> bool:
        """Whether the exchange that the write has made is still there: it is not where all was rolled back."""
        # Where the database was lost in the commit, or after it, the write is there as this is: not to be sent again.
        refused = failed and status != "503"

        def told() -> log.Answer:
            text = self._answer_text(answered, failed)
            return log.Answer(
                self._id or 0, status, refused, answered.milliseconds, answered.size, text, self._record
            )

        if not failed:
            entry = told()
            BUFFER.add(lambda: entry)
            return True
        try:
            return log.answer([told()]) > 0
        except Error:
            BUFFER.add(told)
            return True

    def _row(self, status: str, failed: bool, answered: "_Answered") -> log.Row:
        sent = self._sent
        if not failed:
            request, lacks, _ = sent.kept
        else:
            request, lacks, _ = sent.looked_through
        target = redact(
            log.printable(sent.target), [*sent.secrets, *sent.hidden(failed)], settings.EXCHANGE_SECRETS
        )
        headers = redact(log.printable(sent.headers), sent.secrets)
        if not lacks and (sent.is_cut or len(target.text) > 500):
            lacks = Lacks.REST.value
        return log.Row(
            direction=Direction.IN.value,
            at=self._at,
            request_id=sent.request_id,
            endpoint=self.endpoint,
            connection=self.connection,
            access_key=self.key.name if self.key else "",
            key_id=self.key.id if self.key else None,
            address=sent.address[:64],
            method=sent.method[:128],
            target=target.text[:500],
            record=self._record,
            headers=headers.text,
            status=status,
            failed=failed,
            milliseconds=answered.milliseconds,
            request_bytes=sent.length,
            response_bytes=answered.size,
            request=request,
            lacks=Lacks.SECRETS.value if target.hidden or headers.hidden else lacks,
            response=self._answer_text(answered, failed),
            replay_of=self._replays.id if self._replays else None,
            replayed_by=self._replays.person[:150] if self._replays else "",
        )

    def _answer_text(self, answered: "_Answered", failed: bool) -> str:
        sent = self._sent
        text, _, _ = log.kept(answered.content, [*sent.secrets, *sent.hidden(failed)])
        return text

    @property
    def _record(self) -> str:
        return redact(log.printable(self.record), self._sent.secrets).text[:255]

    @cached_property
    def _sent(self) -> Sent:
        return Sent.of(self._request, self._path, self._secret, self.body)


def _readable(content: bytes) -> bytes:
    """JSON without escapes: for people, and so that a secret in it is found."""
    try:
        return orjson.dumps(orjson.loads(content))
    except ValueError:
        return content


@dataclass(frozen=True, slots=True)
class _Answered:
    content: bytes = b""
    size: int = 0
    milliseconds: int = 0
