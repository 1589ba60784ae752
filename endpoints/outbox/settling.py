"""What became of what was claimed, and what that means for the changes that are still open."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

GAVE_WAY = "gave way"
"""Beside what Odoo had of its fields (`base`), in a change that is done: those of which Odoo did not get what it writes. No field is
called so."""
BACKOFF_SECONDS = (5, 15, 60, 300, 900, 1800, 3600)


@dataclass(frozen=True)
class Verdict:
    """What became of a claim. `retry_in` seconds only where it goes back into the queue."""

    record_id: int
    state: str  # applied | failed | pending
    odoo_id: int | None = None
    error: str = ""
    line_id: int | None = None
    code: str = ""
    """Of a line that refuses it; "" where Odoo does."""
    retry_in: float | None = None
    spend_attempt: bool = True
    outcome_unknown: bool = False
    """Of this attempt; what is not known of an earlier one stays so."""
    outdated: bool = False
    """Refused since what the hub knows of Odoo's fields no longer fits them."""
    waits_for: int | None = None
    """The record that has to be in Odoo before; see `release`."""
    deletion_only: bool = False
    """It is the deletion that was refused: what was written before goes back into the queue, and is to be written after all."""
    gave_way: Collection[str] = ()
    """Fields that were not written after all."""


def settle(
    token: uuid.UUID, verdicts: Sequence[Verdict], sent_before: Sequence[int], run_id: int | None = None
) -> set[int]:
    """Write down what became of claims in this run. Returns the records it still owned; the others are untouched.

    `sent_before`: changes that an earlier attempt may have carried out. Whatever is known of this one, of that one it is
    not. To be called inside a transaction that holds the records' rows locked.
    """
    rows = [
        {
            "record_id": verdict.record_id,
            "state": verdict.state,
            "unknown": verdict.outcome_unknown,
            "error": verdict.error,
            "line_id": verdict.line_id,
            "code": verdict.code,
            "spend": verdict.spend_attempt,
            "retry_in": verdict.retry_in or 0.0,
            "waits_for": verdict.waits_for,
            "only": "delete" if verdict.deletion_only else None,
            "base": {GAVE_WAY: sorted(verdict.gave_way)} if verdict.gave_way else None,
        }
        for verdict in verdicts
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_change c
               SET state = CASE WHEN v."only" <> c.operation THEN 'pending' ELSE v.state END, claim_token = NULL,
                   lease_until = NULL, settled_in = %s,
                   sent = v.state <> 'applied' AND (v.unknown OR c.id = ANY(%s)),
                   error = CASE WHEN v."only" <> c.operation THEN '' ELSE v.error END, line_id = v.line_id,
                   code = CASE WHEN v."only" <> c.operation THEN '' ELSE v.code END,
                   attempts = c.attempts - CASE WHEN v.spend AND COALESCE(v."only" = c.operation, true) THEN 0 ELSE 1 END,
                   not_before = now() + make_interval(secs => v.retry_in), waits_for = v.waits_for,
                   base = CASE WHEN v.base IS NULL THEN c.base ELSE COALESCE(c.base, '{}') || v.base END,
                   settled_at = CASE WHEN v.state <> 'pending' AND COALESCE(v."only" = c.operation, true) THEN now() END
               FROM jsonb_to_recordset(%s) AS v (record_id bigint, state text, unknown boolean, error text,
                   line_id bigint, code text, spend boolean, retry_in float8, waits_for bigint, base jsonb, "only" text)
               WHERE c.claim_token = %s AND c.record_id = v.record_id AND c.state = 'claimed'
               RETURNING c.record_id""",
            [
                run_id,
                list(sent_before),
                orjson.dumps(rows).decode(),
                token,
            ],
        )
        return {row[0] for row in cursor.fetchall()}


def put_back(token: uuid.UUID, change_ids: Sequence[int]) -> None:
    """These are not worked on yet: what came before them of their records goes first."""
    if not change_ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_change SET state = 'pending', claim_token = NULL, lease_until = NULL, attempts = attempts - 1
               WHERE claim_token = %s AND state = 'claimed' AND id = ANY(%s)""",
            [token, list(change_ids)],
        )


def keep_only(change_ids: Sequence[int], fields: Collection[str], keys: Sequence[str]) -> None:
    """Odoo has all that these changes of one record write, and the record itself, but for these fields, which are shown under
    these keys. What has none of them, nor a script to run, is done with."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH rest AS (
                   SELECT c.id, jsonb_object_agg(v.key, v.value) FILTER (WHERE v.key = ANY(%s)) AS written
                   FROM endpoints_change c LEFT JOIN LATERAL jsonb_each(c."values") AS v ON true
                   WHERE c.id = ANY(%s) GROUP BY c.id
               ), done AS (
                   UPDATE endpoints_change c
                   SET state = 'applied', settled_at = now(), sent = false, error = '', waits_for = NULL
                   FROM rest WHERE c.id = rest.id AND rest.written IS NULL AND c.request IS NULL)
               UPDATE endpoints_change c
               SET operation = 'update', "values" = COALESCE(rest.written, '{}'),
                   fragments = (SELECT COALESCE(jsonb_object_agg(key, value), '{}') FROM jsonb_each(c.fragments)
                                WHERE key = ANY(%s))
               FROM rest WHERE c.id = rest.id AND (rest.written IS NOT NULL OR c.request IS NOT NULL)""",
            [list(fields), list(change_ids), list(keys)],
        )


def release(record_ids: Sequence[int], made: Sequence[int] = ()) -> set[int]:
    """Changes that waited for these records may go now, if nothing of theirs is open any more; or if something of them was
    `made` of what it is to be just now, with more to come. Returns their endpoints."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_change c SET not_before = now(), waits_for = NULL
               WHERE c.waits_for = ANY(%s) AND c.state = 'pending' AND (c.waits_for = ANY(%s) OR NOT EXISTS (
                   SELECT 1 FROM endpoints_change first
                   WHERE first.record_id = c.waits_for AND first.state IN ('pending', 'claimed')))
               RETURNING c.endpoint_id""",
            [list(record_ids), list(made)],
        )
        return {row[0] for row in cursor.fetchall()}


def rebase(
    ours: Mapping[int, tuple[Sequence[str], Mapping[str, Any]]], created: Collection[int] = ()
) -> None:
    """Writes of the hub's own have changed these fields of records: what is still open was written in the knowledge of it.

    By record, with what Odoo has now; a field that could not be read is no longer compared. Of the others it stays noted
    what Odoo had when the consumer wrote: somebody may have changed them meanwhile. Of those `created` just now nothing could
    be noted before.
    """
    if not ours:
        return
    rows = [
        {"record_id": record_id, "fields": fields, "vals": values}
        for record_id, (fields, values) in ours.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_change c SET base = (
                   SELECT jsonb_object_agg(name, CASE WHEN n.news THEN v.vals ELSE c.base END -> name)
                   FROM (SELECT name, c.base IS NULL OR v.fields ? name AS news FROM (
                       SELECT jsonb_object_keys(COALESCE(c.base, c."values"))
                       -- What is known by now of lines that it writes.
                       UNION SELECT '$' || jsonb_object_keys(c."values")) AS all_of_them (name)) AS n
                   WHERE CASE WHEN n.news THEN v.vals ? name ELSE c.base ? name END)
               FROM jsonb_to_recordset(%s) AS v (record_id bigint, fields jsonb, vals jsonb)
               WHERE c.record_id = v.record_id AND c.state IN ('pending', 'claimed')
                 AND (c.base IS NOT NULL OR c.record_id = ANY(%s))""",
            [orjson.dumps(rows).decode(), list(created)],
        )
