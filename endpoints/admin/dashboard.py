"""The first page: how is it going? A few queries, each on an index."""

from datetime import timedelta
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest

from endpoints import attention, pauses
from endpoints.admin import counts, key_words
from endpoints.admin.run import pace, progress, took
from endpoints.admin.state import paused_said, pull_error
from endpoints.admin.there import there
from endpoints.models import AccessKey, Change, ChangeState, Conflict, Endpoint, Run, RunState
from endpoints.models.access import soon
from mappings import inside
from mappings.admin.connection_columns import pause_said
from mappings.models import Connection, SchemaProblem
from synchub import attendance, unwritten
from synchub.admin.words import ago

_SHOWN = 8
_FAILED_FOR = timedelta(days=1)


def context(request: HttpRequest, given: dict[str, Any]) -> dict[str, Any]:
    """For unfold's DASHBOARD_CALLBACK."""
    given["title"] = "How it goes"
    may = request.user.has_perm
    if may("mappings.view_connection"):
        given["connections"] = _connections()
    if may("endpoints.view_endpoint"):
        given["endpoints"] = _endpoints()
        given["standstill"] = standstill = pauses.standstill()
        if standstill is not None:
            since = (standstill.paused_at, standstill.paused_by, standstill.paused_reason)
            given["standstill_said"] = pauses.said("Everything", *since)
        given["missing"] = unwritten.troubles() + attendance.missing() + attention.forgetting()
        given["may_pause"] = may("endpoints.change_endpoint")
    if may("mappings.view_mapping"):
        given["grown_apart"] = _grown_apart()
    if may("endpoints.view_run"):
        given["runs"] = _runs()
    if may("endpoints.view_change"):
        given["refused"] = _refused()
    if may("endpoints.view_conflict"):
        given["conflicts"] = _conflicts()
    if may("endpoints.view_accesskey"):
        given["ending_keys"] = _ending_keys()
    given["first_steps"] = _first_steps(given)
    given["nothing"] = _nothing(given)
    return given


def _connections() -> dict[str, Any]:
    rows = Connection.objects.defer("secret")
    silent = rows.filter(Q(paused_at__isnull=False) | ~Q(last_error=""))[:_SHOWN]
    shown = [{"connection": one, "paused": pause_said(one) if one.paused_at else ""} for one in silent]
    return {"rows": shown, "count": rows.count(), "untried": rows.filter(last_ok_at=None).count()}


def _endpoints() -> dict[str, Any]:
    rows: Any = Endpoint.objects.annotate(**counts.counts()).select_related("pull_state")
    found: list[dict[str, Any]] = [
        {
            "endpoint": row,
            "paused": paused_said(row) if row.paused else "",
            "matching": bool(row.match_on) and row.matched_at is None,
            "waiting": counts.shown(row.waiting + row.under_way) if row.waiting or row.under_way else "",
            "failed": counts.shown(row.failed) if row.failed else "",
            "problem": pull_error(row),
        }
        for row in rows
    ]
    troubled = [
        one for one in found if one["waiting"] or one["failed"] or one["problem"] or one["endpoint"].paused
    ]
    return {"rows": troubled[:_SHOWN], "count": len(found), "more": max(0, len(troubled) - _SHOWN)}


def _grown_apart() -> dict[str, Any]:
    """Mappings that were written for other fields than Odoo has now."""
    rows = list(SchemaProblem.objects.select_related("mapping")[: _SHOWN + 1])
    used = _endpoints_over() if rows else {}
    shown = [{"problem": row, "endpoints": used.get(row.mapping_id, [])} for row in rows[:_SHOWN]]
    return {"rows": shown, "more": len(rows) > _SHOWN}


def _endpoints_over() -> dict[int, list[str]]:
    """The endpoints that show each mapping, as their own or inside it."""
    known = inside.uses()
    found: dict[int, list[str]] = {}
    for name, mapping in Endpoint.objects.order_by("name").values_list("name", "mapping"):
        for one in (mapping, *inside.within(mapping, known)):
            found.setdefault(one, []).append(name)
    return found


def _runs() -> dict[str, Any]:
    running = _with_owners(Run.objects.filter(state__in=[RunState.RUNNING, RunState.QUEUED]).order_by("-id"))
    failed = _with_owners(attention.failed_runs(_FAILED_FOR))
    return {
        "rows": [{"run": run, "bar": progress(run), "lasts": _lasts(run)} for run in running],
        "failed": [{"run": run, "when": ago(run.ended_at)} for run in failed],
    }


def _with_owners(runs: QuerySet[Run]) -> QuerySet[Run]:
    # A connection's row holds its secret.
    owners = Prefetch("connection", Connection.objects.defer("secret"))
    return there(runs).select_related("endpoint").prefetch_related(owners)[:_SHOWN]


def _lasts(run: Run) -> str:
    """How long it has been running, and how long the rest takes at that pace."""
    if run.state == RunState.QUEUED:
        return "waiting for a worker"
    return f"for {took(run.started_at, None)}, {pace(run)}"


def _refused() -> dict[str, Any]:
    last = (
        there(Change.objects.filter(state=ChangeState.FAILED))
        .select_related("endpoint", "record")
        .only("operation", "error", "settled_at", "endpoint__name", "record__external_id", "record__odoo_id",
              "record__handle")
        .order_by("-id")[:_SHOWN]
    )  # fmt: skip
    return {"rows": [{"change": change, "when": ago(change.settled_at)} for change in last]}


def _conflicts() -> dict[str, Any]:
    """What waits for a person, the oldest first."""
    rows = list(
        there(Conflict.objects.filter(decided_at=None))
        .select_related("endpoint", "record")
        .only(
            "fields", "found_at", "endpoint__name", "record__external_id", "record__odoo_id", "record__handle"
        )
        .order_by("id")[: _SHOWN + 1]
    )
    shown = [
        {
            "conflict": row,
            "keys": ", ".join(one["key"] for one in row.fields),
            "when": ago(row.found_at),
        }
        for row in rows[:_SHOWN]
    ]
    return {"rows": shown, "more": len(rows) > _SHOWN}


def _ending_keys() -> list[dict[str, Any]]:
    """Keys that have expired or soon will, and are not revoked."""
    keys = AccessKey.objects.filter(enabled=True, expires_at__lte=soon()).prefetch_related("grants")
    return [
        {"key": key, "badge": key_words.key_badge(key), "when": key_words.expiry(key)}
        for key in keys.order_by("expires_at")[:_SHOWN]
    ]


def _first_steps(given: dict[str, Any]) -> bool:
    """Whether nothing is set up yet, so that the page says how to begin."""
    return "connections" in given and not given["connections"]["count"]


def _nothing(given: dict[str, Any]) -> str:
    """A hint for people who may not see any card: an empty page would look broken."""
    cards = [given.get(name) for name in ("connections", "endpoints", "runs", "refused", "ending_keys")]
    rows = [given[name]["rows"] for name in ("grown_apart", "conflicts") if name in given]
    if any(cards) or any(rows):
        return ""
    if rows or "ending_keys" in given:
        return "Nothing waits for you."
    return "You may see nothing of the hub yet: ask whoever manages its users for permissions."
