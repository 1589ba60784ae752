"""What is told about every call, for the audit log and metrics: sizes and times, no values, no secrets."""

from dataclasses import dataclass
from datetime import datetime

from synchub.errors import OdooError


@dataclass(slots=True)
class Traffic:
    """Bytes of the bodies of one call, as they crossed the wire (compressed, if they were)."""

    sent: int = 0
    received: int = 0


@dataclass(frozen=True, slots=True)
class CallReport:
    """One call. `model` is empty for `version` and `authenticate`.

    `records` is how many records the call was about, as far as its arguments or its answer say so. `seconds`
    is the time between the request's start and the decoded answer; waiting for the gate is not in it.
    `request_bytes` is 0 where nothing was sent.
    """

    url: str
    database: str
    model: str
    method: str
    records: int
    started_at: datetime
    seconds: float
    request_bytes: int
    response_bytes: int
    error: OdooError | None
