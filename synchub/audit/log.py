"""Writing the audit log. No secret and no record's content goes in here."""

from collections.abc import Callable

from synchub.audit.models import Direction, Exchange
from synchub.middleware import request_id
from synchub.odoo import CallReport

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
