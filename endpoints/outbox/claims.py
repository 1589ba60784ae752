"""Out of the queue: who works on which changes, and for how long."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from django.conf import settings
from django.db import connection, transaction

from endpoints.models import Operation
from endpoints.models.record import RELATIONS
from mappings.archive import USUAL
from mappings.relations import seen_lines
from mappings.sides import Rule

MAX_ATTEMPTS = 12
SUSPICIOUS = 4


@dataclass(frozen=True)
class ClaimedChange:
    id: int
    operation: str
    values: dict[str, Any]
    request: dict[str, Any] | None
    base: dict[str, Any] | None
    """What Odoo had of these fields when the consumer wrote."""
    created_at: datetime
    attempts: int
    sent: bool
    """An earlier attempt began to send this; whether Odoo has it is not known."""
    undoes: bool = False
    """It puts back what was before, and gives way to what Odoo has changed since, whatever the endpoint's rule."""
    on_delete: str = ""


class UnderId(NamedTuple):
    """A record of Odoo's, and whether it may be the one that a claim is about."""

    made: str
    """Its `create_date`."""
    called: Any
    before: Any
    """How the one was called that the claim is about."""
    unlike: bool
    """Nothing else of it is as that was."""


@dataclass
class Claim:
    """One record's open changes, oldest first, owned until the lease runs out."""

    record_id: int
    handle: uuid.UUID
    external_id: str | None
    odoo_id: int | None
    base: dict[str, Any] | None
    changes: list[ClaimedChange] = field(default_factory=list)
    create_date: str = ""
    """When Odoo made it, as far as the hub knows: what it has under this id may be another record by now."""
    write_date: str = ""
    """When it was last written there, as far as the hub knows."""
    archive: str = USUAL
    """The field of its model that says whether it is archived."""
    archived: bool = False
    """Odoo has it, archived: it was found there when it was to be created."""
    found: bool = False
    """Odoo has it, and the hub did not know its id until now."""
    made: dict[str, Any] = field(default_factory=dict)
    """Where an earlier attempt has created it, unheard: what Odoo was given then."""
    takes: int | None = None
    """The record of Odoo's that is called as this one is to be, and is about to give that name up."""
    doubtful: bool = False
    """An earlier attempt may have created it, and Odoo does not tell the hub's user."""
    lost: set[str] = field(default_factory=set)
    """Fields that Odoo changed as well, and wins."""
    overtaken: dict[str, str] = field(default_factory=dict)
    """Fields that another endpoint was sent after this, and has brought to Odoo; with its name."""
    again: set[str] = field(default_factory=set)
    """Fields that Odoo alone changed: what it has now is what they are to stay."""
    there: "UnderId | None" = None
    """What Odoo has under its id by now. None: it was not read."""
    rules: dict[str, Rule] = field(default_factory=dict)
    """By one2many field, whose value counts where both sides changed one of a line; else the hub's."""
    yielded: set[str] = field(default_factory=set)
    """One2many fields in which what was sent of a line gave way to what Odoo has."""
    later: list[int] = field(default_factory=list)
    """Changes that are not for now after all: see `put_back`."""
    others: dict[str, set[int]] = field(default_factory=dict)
    """By field, lines that somebody else has added in Odoo since the consumer wrote."""

    @property
    def seen(self) -> dict[str, Any]:
        """What Odoo had of the fields that are written, when the first of these writes came; of lines not, where Odoo may have
        what one of them says of a line, and another says otherwise."""
        base = dict(self.made)
        for change in self.changes:
            base = (change.base or {}) | base
        for name in self.sent:
            if sum(name in change.values for change in self.changes) > 1:
                base.pop(seen_lines(name), None)
        return base

    @property
    def given_way(self) -> set[str]:
        """Fields that are not written after all."""
        return self.lost | self.overtaken.keys()

    @property
    def sent(self) -> set[str]:
        """Fields of which Odoo may have what an earlier attempt wrote."""
        return {name for change in self.changes if change.sent for name in change.values}

    @property
    def creates(self) -> bool:
        """Is one of the changes a new record's first?"""
        return any(change.operation == Operation.CREATE for change in self.changes)

    def named(self, identifier: str) -> list[Any]:
        """What it is called by each of its writes that says so."""
        return [change.values[identifier] for change in self.changes if identifier in change.values]

    def named_by(self, identifier: str) -> int:
        """Which of its writes gives it the name that it is to have."""
        return max((change.id for change in self.changes if identifier in change.values), default=0)

    def put_off(self, change_id: int) -> bool:
        """This change and what came after it goes later. False: nothing came before it, or Odoo may have got some of it."""
        rest = [change for change in self.changes if change.id >= change_id]
        if len(rest) == len(self.changes) or any(change.sent for change in rest):
            return False
        self.changes, self.later = self.changes[: -len(rest)], [*self.later, *(change.id for change in rest)]
        return True


def claim(endpoint_id: int, token: uuid.UUID, sizes: int | Mapping[str, int]) -> list[Claim]:
    """Take the open changes of so many records: single writes before those that came in bulk, oldest first.

    `sizes` is how many, or says by operation how many of it would be a whole batch. Where there are several, each takes its
    share; a record counts as what its first open change is.

    Only a record's first open change can be locked into a claim, and it brings the later ones along: so no
    two workers ever hold changes of one record, and none overtakes another. An action stands alone: what came before it
    goes first, what came after it later. What only archives a record comes after what was written to it: that stays in Odoo; unless that
    waits for another record, which may never come: the record is not to stay in use so long. What was tried `SUSPICIOUS` times comes after
    the rest, and alone: it may be what makes a batch time out, or its worker die.
    """
    if isinstance(sizes, int):
        sizes = dict.fromkeys(Operation.values, sizes)
    alone = dict.fromkeys(Operation.values, 1)
    return _claim(endpoint_id, token, sizes, "<") or _claim(endpoint_id, token, alone, ">=")


_CLAIMED = f"""r.id, r.handle, r.external_id, r.odoo_id, r.base - '{RELATIONS}', c.id, c.operation, c."values", c.request,
    c.base, c.created_at, c.attempts, c.sent, c.undoes IS NOT NULL, c.on_delete,
    r.create_date, r.write_date"""
_BATCH = 1_000_000  # parts of a batch: shares are whole numbers, so that they add up


def _claim(endpoint_id: int, token: uuid.UUID, sizes: Mapping[str, int], compared: str) -> list[Claim]:
    # As long as PostgreSQL has not heard of a sudden many, the indexes of what is pending seem to hold next to nothing, and it
    # goes through all of one for each row of a join. So the first open change is asked for record by record, not by NOT
    # EXISTS, which is a join as well; what is claimed is named in an array, and its state stands where it names no such
    # index. 22,000 open changes took four seconds for each claim.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH first AS (
                SELECT c.record_id, c.id, c.operation, c.bulk, c.waits_for FROM endpoints_change c
                WHERE c.endpoint_id = %s AND c.state = 'pending' AND c.not_before <= now()
                  AND c.attempts {compared} %s
                  AND c.id <= (
                    SELECT min(CASE open.state WHEN 'claimed' THEN 0 ELSE open.id END) FROM endpoints_change open
                    WHERE open.record_id = c.record_id AND open.state IN ('pending', 'claimed'))
                ORDER BY c.bulk, c.id LIMIT %s
                FOR UPDATE OF c SKIP LOCKED
            ), head AS (
                SELECT record_id, id, operation, waits_for FROM (
                    SELECT *, sum((%s::jsonb ->> operation)::int) OVER (ORDER BY bulk, id) AS filled FROM first) f
                WHERE filled <= %s
            )
            UPDATE endpoints_change c
            SET state = 'claimed', claim_token = %s, lease_until = now() + make_interval(secs => %s),
                attempts = c.attempts + 1
            FROM endpoints_record r
            WHERE c.record_id = ANY(ARRAY(SELECT record_id FROM head)) AND r.id = c.record_id
              AND CASE WHEN c.state <> 'pending' THEN false
                  WHEN c.record_id = ANY(ARRAY(SELECT record_id FROM head WHERE operation = 'action'))
                  THEN c.id = ANY(ARRAY(SELECT id FROM head WHERE operation = 'action'))
                  ELSE (SELECT count(*) FROM endpoints_change act
                        WHERE act.record_id = c.record_id AND act.state IN ('pending', 'claimed')
                          AND act.operation = 'action' AND act.id <= c.id) = 0
                      AND (c.operation <> 'delete' OR r.odoo_id IS NULL OR c.id = ANY(ARRAY(SELECT id FROM head))
                           OR c.record_id = ANY(ARRAY(SELECT record_id FROM head WHERE waits_for IS NOT NULL))
                           OR COALESCE(NULLIF(c.on_delete, ''),
                                       (SELECT on_delete FROM endpoints_endpoint WHERE id = c.endpoint_id)) <> 'archive') END
            RETURNING {_CLAIMED}
            """,  # noqa: S608  # one of two operators
            [
                endpoint_id,
                SUSPICIOUS,
                max(sizes.values()),
                orjson.dumps({operation: _BATCH // size for operation, size in sizes.items()}).decode(),
                _BATCH,
                token,
                settings.LEASE,
            ],
        )
        return _claims(cursor.fetchall())


def still_open(record_ids: Sequence[int]) -> list[Claim]:
    """What is open of these records, whoever holds it: to look at, not to work on."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT {_CLAIMED} FROM endpoints_change c JOIN endpoints_record r ON r.id = c.record_id
                WHERE c.record_id = ANY(%s) AND c.state IN ('pending', 'claimed')""",  # noqa: S608  # columns
            [list(record_ids)],
        )
        return _claims(cursor.fetchall())


def _claims(rows: Iterable[Sequence[Any]]) -> list[Claim]:
    claims: dict[int, Claim] = {}
    for record_id, handle, external_id, odoo_id, base, *change in sorted(rows, key=lambda row: row[5]):
        change_id, operation, values, request, seen, created_at, attempts, *rest, made, stamp = change
        holder = claims.setdefault(
            record_id,
            Claim(record_id, handle, external_id, odoo_id, _loaded(base), create_date=made, write_date=stamp),
        )
        holder.changes.append(
            ClaimedChange(
                change_id,
                operation,
                _loaded(values) or {},
                _loaded(request),
                _loaded(seen),
                created_at,
                attempts,
                *rest,
            )
        )
    return list(claims.values())


def _loaded(value: Any) -> Any:
    # Raw cursors hand jsonb over as text: Django turns psycopg's own parsing off.
    return orjson.loads(value) if isinstance(value, (str, bytes)) else value


def begin_send(token: uuid.UUID, record_ids: Sequence[int]) -> set[int]:
    """Renew the lease and note that a send begins. Returns the records still owned: send only those."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_change SET sent = true, lease_until = now() + make_interval(secs => %s)
               WHERE claim_token = %s AND state = 'claimed' AND record_id = ANY(%s) AND lease_until > now()
               RETURNING record_id""",
            [settings.LEASE, token, list(record_ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def renew(token: uuid.UUID) -> bool:
    """Hold what this token still owns for another while. False: nothing.

    It waits for no lock, so that it cannot stand in the way of the worker's own statements.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_change SET lease_until = now() + make_interval(secs => %s)
               WHERE id IN (SELECT id FROM endpoints_change
                            WHERE claim_token = %s AND state = 'claimed' AND lease_until > now()
                            FOR UPDATE SKIP LOCKED)""",
            [settings.LEASE, token],
        )
        return bool(cursor.rowcount)


def expire() -> int:
    """Put changes whose worker has gone back into the queue. Whether they were sent stays noted."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_change SET state = 'pending', claim_token = NULL, lease_until = NULL
               WHERE id IN (SELECT id FROM endpoints_change WHERE state = 'claimed' AND lease_until <= now()
                            FOR UPDATE SKIP LOCKED)"""
        )
        return int(cursor.rowcount)
