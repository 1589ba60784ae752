"""All SQL of the queue. Changes go in with the write that made them and come out claimed, in order per record.

    pending ──claim──▶ claimed ──settle──▶ applied | failed | pending again (retry, release)
                          └─ lease runs out ─▶ pending again (expire)

Every time is the database's. A settle names its token: a worker that lost its lease changes nothing.
"""

from endpoints.outbox.accepting import NewRecord, accept_new, add
from endpoints.outbox.claims import (
    MAX_ATTEMPTS,
    Claim,
    ClaimedChange,
    UnderId,
    begin_send,
    claim,
    expire,
    renew,
    still_open,
)
from endpoints.outbox.in_sql import STATE, WORKS, database_time
from endpoints.outbox.settling import (
    BACKOFF_SECONDS,
    GAVE_WAY,
    Verdict,
    keep_only,
    put_back,
    rebase,
    release,
    settle,
)

__all__ = [
    "BACKOFF_SECONDS",
    "GAVE_WAY",
    "MAX_ATTEMPTS",
    "STATE",
    "WORKS",
    "Claim",
    "ClaimedChange",
    "NewRecord",
    "UnderId",
    "Verdict",
    "accept_new",
    "add",
    "begin_send",
    "claim",
    "database_time",
    "expire",
    "keep_only",
    "put_back",
    "rebase",
    "release",
    "renew",
    "settle",
    "still_open",
]
