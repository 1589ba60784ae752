"""The change feed: what became of an endpoint's records, in an order in which nothing is missed.

Each record bears the number of the transaction that last changed it (`changed_in`); a trigger sees to that. Numbers are
given when a transaction begins to write and seen when it commits, so that a lower one may come into sight after a
higher one. Therefore the feed goes only as far as the oldest transaction that is still under way: what has a lower number
is finished, for good. Nobody waits for a lock.

A record is in it once, with what it is now: who was away gets each one's last state. Deleted ones stay as long as their rows;
`PullState.feed_floor` is the last transaction of which some are gone.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from endpoints.models import Change, OnDelete, Record
from endpoints.models.queue import OPEN
from endpoints.sqlrows import behind
from synchub.errors import HubError

_LAST = 2**63 - 1


class Gone(HubError):
    """From here one cannot go on; the text says why."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why} Begin anew, without “since”, and drop what does not come.")


class TooOld(Gone):
    """Deletions since then are no longer known."""

    def __init__(self) -> None:
        super().__init__("This token is too old: what was deleted since then is no longer known.")


class OtherReach(Gone):
    """What has come into the access key's reach without being changed is behind this place."""

    def __init__(self) -> None:
        super().__init__("What this access key reaches is not what it was when it was given this token.")


@dataclass(frozen=True)
class Position:
    """Everything up to record `id` of transaction `at` has been told; `since`: where the walk from the beginning began,
    0 for none. What was deleted before that is not told."""

    at: int = 0
    id: int = 0
    since: int = 0


@dataclass(frozen=True)
class Standing:
    """`finished`: transactions below this number are over; `next`: those from this number on have not begun. `floor`: up
    to here deletions may be forgotten."""

    finished: int
    next: int
    floor: int

    @property
    def beginning(self) -> Position:
        return Position(since=self.finished)

    @property
    def now(self) -> Position:
        """Nothing that is already there will be told."""
        return Position(self.finished - 1, _LAST, self.finished)

    def check(self, position: Position) -> None:
        """Raises TooOld."""
        known = max(position.at, position.since - 1)
        # One that is still to come is of another database, which this one was before it was restored.
        if self.floor > known or known > self.next:
            raise TooOld

    def end(self, position: Position, last: tuple[int, int] | None) -> Position:
        """Where to go on when `last` was the last that there is."""
        at, record_id = max(last or (0, 0), (self.finished - 1, _LAST), (position.at, position.id))
        return Position(at, record_id, position.since)


def standing(endpoint_id: int) -> Standing:
    """To be asked before the changes are read: what is over by now can be seen then.

    A transaction that is under way counts unless it is known to be of another database: their numbers are drawn from one
    row, and another program's long transaction must not hold back this feed. One that has ended since PostgreSQL looked which are
    under way has no locks by which its database would be known: it is asked for after them (by CASE) whether it goes on.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH now AS (SELECT pg_current_snapshot() AS seen)
               SELECT coalesce(
                       (SELECT min(number::text::bigint) FROM pg_snapshot_xip(now.seen) AS number
                        WHERE CASE WHEN EXISTS (
                            SELECT FROM pg_locks held
                            JOIN pg_stat_activity session ON session.pid = held.pid
                            JOIN pg_database other ON other.oid = session.datid
                            WHERE held.locktype = 'transactionid' AND held.mode = 'ExclusiveLock' AND held.granted
                              AND held.transactionid = number::xid AND other.datname <> current_database())
                        THEN false ELSE pg_xact_status(number) = 'in progress' END),
                       pg_snapshot_xmax(now.seen)::text::bigint),
                   pg_snapshot_xmax(now.seen)::text::bigint,
                   coalesce((SELECT feed_floor FROM endpoints_pullstate WHERE endpoint_id = %s), 0)
               FROM now""",
            [endpoint_id],
        )
        return Standing(*cursor.fetchone())


def changes(endpoint_id: int, position: Position, standing: Standing) -> QuerySet[Record]:
    """What comes behind `position`, in order. Deleted ones only if they may have been told."""
    records = Record.objects.filter(endpoint_id__lte=endpoint_id, changed_in__lt=standing.finished).filter(
        behind(endpoint_id=endpoint_id, changed_in=position.at, id=position.id)
    )
    told = Q(created_in__lte=position.at, changed_in__gte=position.since)
    return records.filter(Q(deleted_at=None) | told).order_by("endpoint_id", "changed_in", "id")


def what(position: Position, *, created_in: int, changed_in: int, deleted: bool) -> str:
    """What to call a change for who stands at `position`."""
    if deleted:
        return "deleted"
    return "created" if created_in > position.at or changed_in < position.since else "changed"


def forgettable(days: int) -> QuerySet[Record]:
    """Deleted records that nobody needs any more. One that was only deleted here, and left in Odoo, is not: it would come
    back. Deleting rows raises `feed_floor`, by a trigger."""
    waiting = Change.objects.filter(record=OuterRef("pk"), state__in=OPEN)
    left_in_odoo = Q(endpoint__on_delete=OnDelete.IGNORE, odoo_id__isnull=False) & ~Q(write_date="")
    return Record.objects.filter(~left_in_odoo, ~Exists(waiting), deleted_at__lt=Now() - timedelta(days=days))


def after_migrations(**_: Any) -> None:
    """A database restored into another PostgreSQL has numbers of transactions that are still to come there: they begin anew
    (by the trigger), and so does whoever reads the feed."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        if "endpoints_record" not in tables:
            return
        columns = connection.introspection.get_table_description(cursor, "endpoints_record")
        if "changed_in" not in {column.name for column in columns}:
            return
        cursor.execute(
            """WITH now AS (SELECT pg_current_xact_id()::text::bigint AS number),
                   ahead AS (UPDATE endpoints_record SET changed_in = now.number FROM now
                             WHERE changed_in > now.number RETURNING id)
               UPDATE endpoints_pullstate SET feed_floor = now.number FROM now
               WHERE feed_floor > now.number OR EXISTS (SELECT FROM ahead)"""
        )
