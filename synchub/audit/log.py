"""Writing the audit log. No secret and no record's content goes in here."""

import logging
from collections.abc import Callable

from django.db import DatabaseError

from synchub.audit.models import Direction, Exchange
from synchub.middleware import request_id
from synchub.odoo import CallReport

logger = logging.getLogger(__name__)

_TEXT = 2000


def call_logger(connection: str) -> Callable[[CallReport], None]:
    """For `OdooClient(on_call=…)`: one exchange for each call to this connection."""

    def log(report: CallReport) -> None:
        error = report.error
        code = getattr(error, "code", None)
        Exchange.objects.create(
            direction=Direction.ODOO,
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
            response="" if error is None else str(error)[:_TEXT],
        )

    return log


def log_request(
    *,
    endpoint: str,
    access_key: str,
    address: str,
    method: str,
    path: str,
    status: int,
    seconds: float,
    request_bytes: int,
    response_bytes: int,
    refusal: str,
) -> None:
    """One exchange for a request of a consumer. Never raises: what was answered was answered."""
    try:
        Exchange.objects.create(
            direction=Direction.IN,
            request_id=request_id().strip("-"),
            endpoint=endpoint,
            access_key=access_key,
            address=address[:64],
            method=method,
            target=path[:500].replace("\x00", "�"),
            status=str(status),
            failed=status >= 400,
            milliseconds=round(seconds * 1000),
            request_bytes=request_bytes,
            response_bytes=response_bytes,
            response=refusal[:_TEXT].replace("\x00", "�"),
        )
    except DatabaseError as error:
        logger.warning("A request could not be written to the audit log: %s", error)
