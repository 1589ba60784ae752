"""Writing the audit log. No secret goes in here."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import orjson
from django.conf import settings
from django.db import connection
from django.utils import timezone

from synchub.audit.models import Direction, Lacks
from synchub.audit.redact import redact
from synchub.middleware import request_id
from synchub.odoo import CallReport

logger = logging.getLogger(__name__)

_ODOO_TEXT = 2000
_LOOKED_THROUGH = 256_000  # bytes


@dataclass(slots=True)
class Row:
    """An exchange to be written: see the columns of `Exchange`."""

    direction: str
    method: str
    target: str = ""
    status: str = ""
    failed: bool = False
    at: datetime = field(default_factory=timezone.now)
    request_id: str = ""
    endpoint: str = ""
    connection: str = ""
    access_key: str = ""
    key_id: int | None = None
    address: str = ""
    record: str = ""
    headers: str = ""
    records: int | None = None
    milliseconds: int = 0
    request_bytes: int = 0
    response_bytes: int = 0
    request: str = ""
    lacks: str = ""
    response: str = ""
    replay_of: int | None = None
    replayed_by: str = ""


@dataclass(slots=True)
class Answer:
    """What came of an exchange that is there already: `id` its row."""

    id: int
    status: str
    failed: bool
    milliseconds: int
    response_bytes: int
    response: str
    record: str


class Note(Protocol):
    """An entry that stands or falls with a write. It may go to PostgreSQL in one statement with the write itself."""

    def statement(self) -> tuple[str, list[Any]]:
        """SQL that gives one row with the entry's `id` and may stand in a WITH, and its parameters."""

    def noted(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """It was carried out, and gave these."""


_COLUMNS = {
    "direction": "text", "method": "text", "target": "text", "status": "text", "failed": "boolean", "at": "timestamptz",
    "request_id": "text", "endpoint": "text", "connection": "text", "access_key": "text", "key_id": "bigint",
    "address": "text", "record": "text", "headers": "text", "records": "int", "milliseconds": "int",
    "request_bytes": "bigint", "response_bytes": "bigint", "request": "text", "lacks": "text", "response": "text",
    "replay_of": "bigint", "replayed_by": "text",
}  # fmt: skip
_NAMES = ", ".join(_COLUMNS)
_TYPED = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
# One JSON text for all rows: psycopg writes arrays item by item.
_INSERT = f"""INSERT INTO audit_exchange ({_NAMES})
    SELECT {_NAMES} FROM jsonb_to_recordset(%s) AS t ({_TYPED}) RETURNING id"""  # noqa: S608  # names of our own
_ANSWER = """UPDATE audit_exchange e
    SET status = t.status, failed = t.failed, milliseconds = t.milliseconds, response_bytes = t.response_bytes,
        response = t.response, record = CASE WHEN e.record = '' THEN t.record ELSE e.record END
    FROM jsonb_to_recordset(%s) AS t (id bigint, status text, failed boolean, milliseconds int, response_bytes bigint,
        response text, record text)
    WHERE e.id = t.id"""


def insert(rows: Sequence[Row]) -> list[int]:
    """Their ids. Within the caller's transaction, if there is one."""
    with connection.cursor() as cursor:
        cursor.execute(*insertion(rows))
        return [row[0] for row in cursor.fetchall()]


def insertion(rows: Sequence[Row]) -> tuple[str, list[Any]]:
    """The statement that inserts them and gives their ids, and its parameters."""
    return _INSERT, [_json(rows)]


def take(note: Note) -> None:
    """In the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(*note.statement())
        note.noted(cursor.fetchall())


def answer(answers: Sequence[Answer]) -> int:
    """How many of these exchanges there are."""
    with connection.cursor() as cursor:
        cursor.execute(_ANSWER, [_json(answers)])
        return int(cursor.rowcount)


def _json(rows: Iterable[Row | Answer]) -> str:
    return orjson.dumps(list(rows)).decode()


def printable(text: str, length: int | None = None) -> str:
    """The text as PostgreSQL can hold it, cut to `length`."""
    text = text if length is None else text[:length]
    return text.replace("\x00", "�").encode("utf-8", "backslashreplace").decode()[:length]


def kept(
    body: bytes, known: Iterable[str] = (), *, thorough: bool = False
) -> tuple[str, str, frozenset[str]]:
    """(a body as it is kept, what it lacks, the secrets that were hidden): never longer than the setting.

    `known` are secrets to be hidden wherever they stand. `thorough` looks for secrets in what is cut off as well: an error
    message may tell of them.
    """
    limit = settings.EXCHANGE_BODY
    if not body:
        return "", "", frozenset()
    looked = body[
        : max(limit * 4, _LOOKED_THROUGH) if thorough else limit * 4
    ]  # a character has four bytes at most
    text = printable(looked.decode("utf-8", "replace"))
    if not thorough:
        text = text[: limit + 1]
    found = redact(text, known, settings.EXCHANGE_SECRETS)
    is_whole = len(text) <= limit and text.encode() == body  # and not of characters that cannot be kept
    lacks = "" if is_whole else Lacks.REST.value
    if found.hidden:
        lacks = Lacks.SECRETS.value
    if not limit:
        lacks = Lacks.BODY.value
    return found.text[:limit], lacks, found.hidden


def call_logger(connection: str) -> Callable[[CallReport], None]:
    """For `OdooClient(on_call=…)`: one exchange for each call to this connection."""

    def log(report: CallReport) -> None:
        error = report.error
        code = getattr(error, "code", None)
        insert(
            [
                Row(
                    direction=Direction.ODOO.value,
                    at=report.started_at,
                    request_id=request_id().strip("-"),
                    connection=connection,
                    method=report.method,
                    target=report.model,
                    status="ok" if error is None else f"fault {code}" if code else "no answer",
                    failed=error is not None,
                    records=report.records,
                    milliseconds=round(report.seconds * 1000),
                    request_bytes=report.request_bytes,
                    response_bytes=report.response_bytes,
                    response="" if error is None else redact(printable(str(error), _ODOO_TEXT)).text,
                )
            ]
        )

    return log
