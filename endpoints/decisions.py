"""A person's word on changes: sent once more, or given up. All SQL of it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection, transaction

from endpoints import heirs, overtaken, registry
from endpoints.models import Record, SyncState
from endpoints.outbox import STATE
from synchub.errors import HubError

_SAID = "%s || CASE WHEN error = '' THEN '' ELSE ' Before that: ' || error END"
"""The reason why a change is discarded, in SQL, with what Odoo had said."""


def retry(change_ids: Sequence[int], who: str = "") -> int:
    """Queue refused changes once more, at a person's word, but for what newer ones have written since. Returns how many
    records that are."""
    ids = list(change_ids)
    with transaction.atomic():
        _lock_records(ids)
        set_aside(overtaken.cut(ids), overtaken.REASON, who)
        return send(ids, who)


def send(change_ids: Sequence[int], who: str) -> int:
    """All that these refused changes write: whatever Odoo has meanwhile, it is written (of lines that others have added to those
    nothing is said), and an action that may have been carried out is called. What is to be deleted is deleted here again at once."""
    ids = list(change_ids)
    with transaction.atomic(), connection.cursor() as cursor:
        _lock_records(ids)
        _close_conflicts(ids, "Sent again as it was.", who)
        cursor.execute(
            """WITH again AS (
                   UPDATE endpoints_change SET state = 'pending', attempts = 0, not_before = now(), error = '',
                       line_id = NULL, settled_at = NULL, sent = sent AND operation <> 'action',
                   -- But for which lines there were: those that others have added since, nobody meant.
                   -- Of a new record an empty one says that a person has sent it again, whatever became of it in Odoo.
                   base = COALESCE((SELECT jsonb_object_agg(was.key, was.value) FROM jsonb_each(base) AS was
                                    WHERE base ? ('$' || was.key)), CASE operation WHEN 'create' THEN '{}'::jsonb END)
                   WHERE id = ANY(%s) AND state = 'failed' RETURNING record_id, operation
               ), one AS (
                   SELECT record_id, bool_or(operation = 'delete') AS gone FROM again GROUP BY record_id)
               UPDATE endpoints_record r SET state = %s, problem = '',
                   deleted_at = CASE WHEN gone THEN COALESCE(deleted_at, now()) ELSE deleted_at END,
                   digest = CASE WHEN gone THEN '' ELSE digest END,
                   version = version + CASE WHEN gone THEN 1 ELSE 0 END,
                   updated_at = CASE WHEN gone THEN now() ELSE updated_at END
               FROM one WHERE r.id = one.record_id
               RETURNING r.id, gone""",
            [ids, SyncState.PENDING.value],
        )
        records = cursor.fetchall()
        _leave_names([record_id for record_id, gone in records if gone])
        return len(records)


def _leave_names(record_ids: Sequence[int]) -> None:
    """These are deleted here: their names are free."""
    left = defaultdict[str, dict[str, Any]](dict)
    for record in Record.objects.filter(pk__in=record_ids, external_id__isnull=False).select_related(
        "endpoint"
    ):
        left[record.endpoint.name][record.external_id or ""] = record.values
    for name, values in left.items():
        try:
            endpoint = registry.get(name)
        except HubError:
            continue  # once the endpoint can work, all is read anew
        field = endpoint.mapping.identifier.field.name
        heirs.inherit(endpoint, {called: one.get(field) for called, one in values.items()})


def set_aside(change_ids: Sequence[int], reason: str, who: str = "") -> None:
    """Discard refused changes that have nothing left to do, and say why."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE endpoints_change SET state = 'discarded', settled_at = now(), error = {_SAID}
               WHERE id = ANY(%s) AND state = 'failed' RETURNING id, record_id""",  # noqa: S608
            [reason, list(change_ids)],
        )
        discarded = cursor.fetchall()
        if not discarded:
            return
        _close_conflicts([change_id for change_id, _ in discarded], reason, who)
        follow({record_id for _, record_id in discarded})


def follow(record_ids: Collection[int]) -> None:
    """These records' states by what is left of their changes. Without its digest one is looked at again: what a pull had to say of it
    may be told now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE endpoints_record r SET state = s.state, digest = '',
                   problem = CASE WHEN s.state IN ('failed', 'conflict') THEN r.problem ELSE '' END
               FROM (SELECT i.id, {STATE} AS state FROM unnest(%s::bigint[]) AS i (id)) AS s
               WHERE r.id = s.id""",  # noqa: S608
            [sorted(record_ids)],
        )


def _lock_records(change_ids: list[int]) -> None:
    """Records before changes: that is how a worker that settles locks them."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id FROM endpoints_record WHERE id IN (
                   SELECT record_id FROM endpoints_change WHERE id = ANY(%s)) ORDER BY id FOR UPDATE""",
            [change_ids],
        )


def _close_conflicts(change_ids: Sequence[int], decision: str, who: str) -> None:
    """What becomes of these changes is decided otherwise: nobody is asked about them any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_conflict SET decided_at = now(), decided_by = %s, decision = %s
               WHERE decided_at IS NULL AND change_ids && %s::bigint[]""",
            [who, decision, list(change_ids)],
        )


def discard(change_ids: Sequence[int], reason: str, who: str = "") -> dict[int, int]:
    """Give up changes at a person's word, waiting or refused ones; what a worker holds is left alone.

    A record that Odoo never got goes with its creation, and so does whatever else waits for it. One whose deletion
    is given up is there again, of several of one name the first with that. Returns changes and their records; the records' values are the caller's to put right.
    """
    ids = list(change_ids)
    with transaction.atomic(), connection.cursor() as cursor:
        _lock_records(ids)
        cursor.execute(
            f"""WITH chosen AS (
                   SELECT c.id, c.record_id, c.operation = 'create' AND r.odoo_id IS NULL AS never_there
                   FROM endpoints_change c JOIN endpoints_record r ON r.id = c.record_id
                   WHERE c.id = ANY(%s) AND c.state IN ('pending', 'failed') AND NOT EXISTS (
                       SELECT 1 FROM endpoints_change held
                       WHERE held.record_id = c.record_id AND held.state = 'claimed'))
               UPDATE endpoints_change c
               SET state = 'discarded', settled_at = now(), error = {_SAID}
               WHERE c.state IN ('pending', 'failed') AND (c.id IN (SELECT id FROM chosen)
                   OR c.record_id IN (SELECT record_id FROM chosen WHERE never_there))
               RETURNING c.id, c.record_id, c.operation""",  # noqa: S608
            [ids, reason],
        )
        discarded = cursor.fetchall()
        _close_conflicts([change_id for change_id, _, _ in discarded], reason, who)
        revived = [record_id for _, record_id, operation in discarded if operation == "delete"]
        cursor.execute(
            f"""UPDATE endpoints_record r
               SET state = s.state, problem = CASE WHEN s.state IN ('failed', 'conflict') THEN r.problem ELSE '' END, digest = '',
                   version = r.version + 1, updated_at = now(),
                   deleted_at = CASE WHEN r.odoo_id IS NULL AND s.state = 'synced' THEN COALESCE(r.deleted_at, now())
                                     WHEN r.id = ANY(%s) THEN NULL ELSE r.deleted_at END,
                   external_id = CASE WHEN r.id = ANY(%s) AND EXISTS (
                           SELECT 1 FROM endpoints_record other
                           WHERE other.endpoint_id = r.endpoint_id AND other.external_id = r.external_id
                             AND other.id <> r.id AND (other.deleted_at IS NULL OR (other.id = ANY(%s) AND other.id < r.id)))
                       THEN NULL ELSE r.external_id END
               FROM (SELECT i.id, {STATE} AS state
                     FROM unnest(%s::bigint[]) AS i (id)) AS s
               WHERE r.id = s.id""",  # noqa: S608
            [revived, revived, revived, sorted({record_id for _, record_id, _ in discarded})],
        )
        # Odoo may have a record of that name, which had to do without it here.
        _leave_names([record_id for _, record_id, operation in discarded if operation == "create"])
        return {change_id: record_id for change_id, record_id, _ in discarded}
