"""Carrying out runs that a person asked for, each by one worker at a time."""

from collections.abc import Callable

from django.db.models import Case, F, When
from django.db.models.functions import Now

from endpoints import pauses, registry, wakeup
from endpoints.models import Run, RunKind, RunState
from endpoints.registry import EndpointSpec
from mappings.clients import client_for
from mappings.models import Connection
from synchub.errors import HubError, OdooError
from synchub.odoo import OdooClient
from synchub.sync import audit, heal, health, match, reread, undo
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
    if run is None or run.endpoint is None or pauses.why(run.endpoint.pk):
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
        try:
            endpoint = registry.get(run.endpoint.name)
            with client_for(Connection.objects.get(pk=endpoint.connection_id)) as client:
                _STORIES[run.kind](endpoint, client, log, run)
        except OdooError as error:
            health.failed(run.endpoint.mapping.connection_id, error)
            if trouble_of(error) and run.kind == RunKind.REREAD:
                log.goes_on(f"{error.message} It goes on where it is as soon as Odoo answers.")
                return  # the sweep takes it up
            log.trouble(error.message)
        except HubError as error:
            log.trouble(str(error))
    if Run.objects.filter(pk=run_id, state=RunState.QUEUED).exists() and not pauses.why(run.endpoint.pk):
        wakeup.run(run_id)
