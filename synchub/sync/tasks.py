"""Celery's shells around the stories: they take ids, and losing one loses nothing."""

import logging

from celery import shared_task

from endpoints import counts, differences, jobs, registry, touched, wakeup
from endpoints.models import Endpoint, RunKind
from endpoints.registry import EndpointSpec, UnknownEndpoint
from mappings.models import Connection
from synchub import unwritten
from synchub.errors import ConfigurationError, HubError, NotReady
from synchub.sync import asked, deletions, locks, nightly, ready, runs, schemas
from synchub.sync import pull as pulling
from synchub.sync import push as pushing
from synchub.sync import sweep as sweeping
from synchub.sync import touched as targeted

logger = logging.getLogger(__name__)


@shared_task
def push(endpoint_id: int) -> None:
    wakeup.taken(endpoint_id)
    endpoint = _endpoint(endpoint_id)
    if endpoint is not None and pushing.push(endpoint):
        wakeup.push(endpoint_id)


@shared_task
def pull(endpoint_id: int) -> None:
    endpoint = _endpoint(endpoint_id)
    if endpoint is None:
        return
    try:
        pulling.pull(endpoint)
    except Exception as error:
        if not unwritten.is_away(error):
            ready.note_problem(endpoint.id, ready.told(error))
        raise


@shared_task
def start_due_pulls() -> None:
    for endpoint_id in sweeping.due_pulls():
        wakeup.pull(endpoint_id)
    for endpoint_id in touched.due():
        wakeup.touched(endpoint_id)


@shared_task
def read_touched(endpoint_id: int) -> None:
    endpoint = _endpoint(endpoint_id)
    if endpoint is not None:
        targeted.read(endpoint)


@shared_task
def sweep_deletions(endpoint_id: int) -> None:
    endpoint = _endpoint(endpoint_id)
    if endpoint is None:
        return
    last = runs.last(endpoint.id, RunKind.SWEEP)
    try:
        deletions.sweep(endpoint)
    except Exception as error:
        # Where it had begun to remove something, its own run says so.
        if not unwritten.is_away(error) and runs.last(endpoint.id, RunKind.SWEEP) == last:
            with runs.RunLog(endpoint.id, RunKind.SWEEP) as run:
                run.trouble(ready.told(error))
        raise


@shared_task
def start_due_sweeps() -> None:
    for endpoint_id in deletions.due():
        wakeup.sweep_deletions(endpoint_id)


@shared_task
def start_due_audits() -> None:
    for endpoint_id in nightly.due_audits():
        jobs.ask(endpoint_id, RunKind.AUDIT, "")
    for endpoint_id in differences.endpoints_to_heal():
        jobs.ask(endpoint_id, RunKind.HEAL, "")


@shared_task
def run(run_id: int) -> None:
    asked.carry_out(run_id)


@shared_task
def sweep() -> None:
    sweeping.sweep()
    wakeup.call_the_roll()


@shared_task
def be_there() -> None:
    """Says that its queue is served, by being taken from it: see `synchub.attendance`."""


@shared_task
def put_counts_together() -> None:
    """Each list adds them up: while much is written they are many."""
    counts.put_together()


@shared_task
def clean(*, goes_on: bool = False) -> None:
    """Behind whatever is due by now, where it has not got to its end. What the timetable begins is nothing where that goes on: each of
    them would go on for itself, one more with every hour, where forgetting takes a night."""
    with locks.only_cleaning() as mine:
        if mine and wakeup.may_clean(goes_on=goes_on) and not sweeping.clean():
            wakeup.clean()


@shared_task
def refresh_schemas(connection_id: int | None = None) -> None:
    """Of one connection; without one, have it done of all."""
    if connection_id is None:
        schemas.ask_for_all()
        return
    try:
        # Whose secret may not be readable any more.
        connection = Connection.objects.filter(pk=connection_id).first()
        if connection is None:
            return
        with locks.only_reading_of(connection.pk) as mine:
            if mine:
                schemas.refresh(connection)
    except (HubError, OSError) as error:
        logger.warning("The fields of connection %s could not be read: %s", connection_id, error)


def _endpoint(endpoint_id: int) -> EndpointSpec | None:
    """The endpoint, its fields read from Odoo if they never were; None where it cannot work for now."""
    name = Endpoint.objects.filter(pk=endpoint_id, enabled=True).values_list("name", flat=True).first()
    if name is None:
        return None
    try:
        try:
            return registry.get(name)
        except NotReady:
            return registry.get(name) if ready.read_fields(name) else None
    except UnknownEndpoint:
        return None
    except ConfigurationError as error:
        ready.note_problem(endpoint_id, str(error))
        return None
