"""The links on a run's page: what it found, what went wrong, and what can be done about it."""

from collections.abc import Callable

from django.urls import reverse

from endpoints.models import Footprint, Run, RunKind
from synchub.admin.buttons import Link


def links(run: Run) -> list[Link]:
    found = _LINKS[run.kind](run) if run.kind in _LINKS else []
    if run.endpoint_id is not None:
        found.append(
            Link("Endpoint", "api", reverse("admin:endpoints_endpoint_change", args=[run.endpoint_id]))
        )
    return found


def _changes(query: str) -> str:
    return f"{reverse('admin:endpoints_change_changelist')}?{query}"


def _push(run: Run) -> list[Link]:
    found = []
    if run.failed:
        url = _changes(f"settled_in__exact={run.pk}&state__exact=failed")
        found.append(Link("What was refused", "outbox", url))
    if Footprint.objects.filter(run=run).exists():
        found.append(Link("Undo…", "undo", reverse("admin:endpoints_run_undo", args=[run.pk])))
    return found


def _undo(run: Run) -> list[Link]:
    found = [Link("What it sends to Odoo", "outbox", _changes(f"undoes__exact={run.pk}"))]
    of = run.details.get("run")
    if Run.objects.filter(pk=of).exists():
        found.append(Link("The run it undoes", "undo", reverse("admin:endpoints_run_change", args=[of])))
    return found


def _match(run: Run) -> list[Link]:
    return [
        Link("The report", "join", reverse("admin:endpoints_endpoint_first_sync", args=[run.endpoint_id]))
    ]


def _audit(run: Run) -> list[Link]:
    url = f"{reverse('admin:endpoints_difference_changelist')}?run__id__exact={run.pk}"
    return [Link("What differs", "difference", url)]


_LINKS: dict[str, Callable[[Run], list[Link]]] = {
    RunKind.PUSH: _push,
    RunKind.UNDO: _undo,
    RunKind.MATCH: _match,
    RunKind.AUDIT: _audit,
}
