"""What waits for a person, counted: for whoever watches the hub from outside and may learn no names."""

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from endpoints import standing
from endpoints.models import Run, RunKind, RunState

_SILENT = 300  # seconds without an answer of Odoo's that are nothing to speak of
_MANY = 1000
_LATE_DAYS = 2  # much may have to be forgotten where it has only just become old
_THERE = "endpoint_id NOT IN (SELECT id FROM endpoints_endpoint WHERE removed_at IS NOT NULL)"
_RECENT = timedelta(minutes=30)


def sentences() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT
                 (SELECT count(*) FROM mappings_connection WHERE paused_at IS NULL AND last_error <> ''
                    AND (last_ok_at IS NULL OR last_ok_at < now() - make_interval(secs => %s))),
                 (SELECT count(*) FROM endpoints_pullstate s JOIN endpoints_endpoint e ON e.id = s.endpoint_id
                    JOIN mappings_mapping m ON m.id = e.mapping_id JOIN mappings_connection o ON o.id = m.connection_id
                  WHERE e.enabled AND e.mode = 'mirror' AND NOT e.paused AND o.paused_at IS NULL AND o.last_error = ''
                    AND s.last_error <> ''),
                 (SELECT count(*) FROM endpoints_pullstate s JOIN endpoints_endpoint e ON e.id = s.endpoint_id
                  WHERE e.enabled AND e.mode = 'mirror' AND s.went_back <> ''),
                 (SELECT count(*) FROM (SELECT 1 FROM endpoints_change WHERE state = 'failed' AND {_THERE} LIMIT %s) c),
                 (SELECT count(*) FROM (SELECT 1 FROM endpoints_conflict WHERE decided_at IS NULL AND {_THERE} LIMIT %s) q),
                 (SELECT count(*) FROM (SELECT 1 FROM endpoints_difference WHERE {_THERE} LIMIT %s) d)""",  # noqa: S608
            [_SILENT, _MANY, _MANY, _MANY],
        )
        silent, broken, back, refused, asked, differing = cursor.fetchone()
    # A search for deletions that stops and asks does so each time anew: of older runs this need not look through any.
    nothing = failed_runs(max(_RECENT, 2 * settings.DELETIONS_EVERY)).count()
    told = (
        (silent, "connection has not answered", "connections have not answered", "for five minutes or more"),
        (broken, "endpoint has", "endpoints have", "a problem that keeps its records from being pulled"),
        (back, "endpoint shows", "endpoints show", "what Odoo had before it went back, to a backup for one"),
        (
            standing.count(),
            "endpoint has",
            "endpoints have",
            "changes that have waited for an hour or more, of which none gets through, though Odoo answers",
        ),
        (refused, "change was", "changes were", "refused by Odoo"),
        (asked, "conflict waits", "conflicts wait", "for a decision"),
        (differing, "difference from Odoo waits", "differences from Odoo wait", "to be healed"),
        (nothing, "run has", "runs have", "come to nothing a short while ago"),
    )
    return [
        f"{count:,}{' or more' if count == _MANY else ''} {one if count == 1 else many} {rest}."
        for count, one, many, rest in told
        if count
    ]


def forgetting() -> list[str]:
    """Whether what is old goes. Where it does not, nothing is wrong for weeks, until the disk is full."""
    kept = max(settings.KEEP_EXCHANGES_DAYS, settings.KEEP_FAILURES_DAYS)
    with connection.cursor() as cursor:
        # The oldest one, by the index: it is asked every few seconds, perhaps of many millions.
        cursor.execute("SELECT extract(day FROM now() - at)::int FROM audit_exchange ORDER BY id LIMIT 1")
        oldest = cursor.fetchone()
    late = oldest[0] - kept if oldest else 0
    if late < _LATE_DAYS:
        return []
    return [
        f"For {late:,} days nothing has been forgotten of what is old, so that the database grows: see that “Forget what is old” is "
        "on in the timetable, and what the log of the worker for “housekeeping” says of it."
    ]


def failed_runs(within: timedelta) -> QuerySet[Run]:
    """Runs that came to nothing, and no later one of their kind is there. What pushes and pulls met stands with their endpoint."""
    later = Run.objects.filter(
        Q(endpoint=OuterRef("endpoint")) | Q(connection=OuterRef("connection")),
        kind=OuterRef("kind"),
        pk__gt=OuterRef("pk"),
    )
    return (
        Run.objects.filter(Q(endpoint=None) | Q(endpoint__removed_at=None))
        .filter(state=RunState.FAILED, started_at__gt=Now() - within)
        .exclude(kind__in=[RunKind.PUSH, RunKind.PULL, RunKind.BACKFILL])
        .filter(~Exists(later))
        .order_by("-id")
    )
