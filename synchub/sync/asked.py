"""Carrying out runs that a person asked for, each by one worker at a time."""

from collections.abc import Callable

from django.db.models import Case, F, When
from django.db.models.functions import Now

from endpoints import pauses, registry, wakeup
from endpoints.models import Endpoint, Run, RunKind, RunState
from endpoints.registry import EndpointSpec
from mappings.clients import client_for
from mappings.models import Connection
from synchub.errors import HubError, OdooError
from synchub.odoo import OdooClient
from synchub.sync import audit, heal, health, match, removal, reread, undo
from synchub.sync.runs import RunLog
from synchub.sync.verdicts import trouble_of

Story = Callable[[EndpointSpec, OdooClient, RunLog, Run], None]
_STORIES: dict[str, Story] = {
    RunKind.MATCH: match.match,
    RunKind.UNDO: undo.undo,
    RunKind.REREAD: reread.reread,
    RunKind.AUDIT: audit.audit,
    RunKind.HEAL: heal.heal,
}


def carry_out(run_id: int) -> None:
    """Begin with a run that waits. While its endpoint is paused it goes on waiting."""
    run = Run.objects.select_related("endpoint").filter(pk=run_id, state=RunState.QUEUED).first()
    if run is None or _has_to_wait(run):
        return
    mine = Run.objects.filter(pk=run_id, state=RunState.QUEUED).update(
        state=RunState.RUNNING,
        started_at=Case(When(details__has_key="after", then=F("started_at")), default=Now()),
        beat_at=Now(),
        attempts=F("attempts") + 1,
    )
    if not mine:
        return
    with RunLog(run.endpoint_id, RunKind(run.kind), asked=run) as log:
        if run.endpoint is None:
            removal.remove(log, run)
        elif not _tell(run, run.endpoint, log):
            return  # the sweep takes it up
    if Run.objects.filter(pk=run_id, state=RunState.QUEUED).exists() and not _has_to_wait(run):
        wakeup.run(run_id)


def _has_to_wait(run: Run) -> bool:
    if run.endpoint is None:
        return run.kind != RunKind.REMOVAL
    return bool(pauses.why(run.endpoint.pk))


def _tell(run: Run, of: Endpoint, log: RunLog) -> bool:
    """False: it is to wait for Odoo, where it has anything left to do."""
    try:
        endpoint = registry.get(of.name)
        with client_for(Connection.objects.get(pk=endpoint.connection_id)) as client:
            _STORIES[run.kind](endpoint, client, log, run)
    except OdooError as error:
        health.failed(of.mapping.connection_id, error)
        if trouble_of(error) and run.kind == RunKind.REREAD:
            log.goes_on(f"{error.message} It goes on where it is as soon as Odoo answers.")
            return False
        log.trouble(error.message)
    except HubError as error:
        log.trouble(str(error))
    return True
