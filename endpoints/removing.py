"""Endpoints that go, with all that the hub holds of them.

One that is deleted is gone for everybody at once: it is off, its name is free, and `Endpoint.objects` no longer knows it. What it
held goes after that in portions, each a transaction of its own, so that a million records keep nobody waiting, and a worker
that dies on the way has lost one portion. Its row goes last.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from endpoints import counts, wakeup
from endpoints.models import (
    Change,
    Conflict,
    Difference,
    Endpoint,
    Footprint,
    KeptAnswer,
    Match,
    Record,
    Run,
    RunKind,
    RunState,
    Touched,
)
from endpoints.models.queue import OPEN

PORTION = 1000  # records, with what belongs to each
FEW = 10_000
"""Records that go in one transaction in a few seconds."""
_ROWS = 5000
_AGAIN_AFTER = timedelta(minutes=10)
_NAME_LENGTH = 40
"""Of its name, so that there is room for what tells that it is being deleted."""


@dataclass(frozen=True)
class Place:
    """Behind which record the next portion begins, in the order of the index of the change feed: without it each portion would
    look through all that the ones before have left dead."""

    changed_in: int = 0
    record_id: int = 0


def begin(endpoint: Endpoint) -> None:
    """Within a transaction in which nothing of it waits for Odoo, its row locked: from the commit on it is gone."""
    name = endpoint.name
    for rows in (endpoint.parameters, endpoint.keys, endpoint.grants, endpoint.actions):
        rows.all().delete()
    going = Endpoint.objects.get(pk=endpoint.pk)
    going.name = f"{name[:_NAME_LENGTH]}{_told(endpoint)}"
    going.enabled, going.removed_at = False, Now()
    going.save(update_fields=["name", "enabled", "removed_at"])  # signals tell every process


def give_up_waiting(endpoint: Endpoint) -> None:
    """At the word of whoever deletes it."""
    _delete(Change.objects.filter(endpoint=endpoint, state__in=OPEN))


def ask(endpoint: Endpoint, called: str, who: str) -> Run:
    """Have a worker remove what is left of it. The run is its connection's, since it outlives the endpoint."""
    run = Run.objects.create(
        connection_id=endpoint.mapping.connection_id,
        kind=RunKind.REMOVAL,
        state=RunState.QUEUED,
        asked_by=who,
        total=counts.total(endpoint.pk),
        details={"endpoint": endpoint.pk, "name": called},
    )
    wakeup.once_committed(wakeup.run, run.pk)
    return run


def move_runs() -> None:
    """To the connection that the mapping has by now, before the one that it had goes with its runs: else nobody would come back to
    what is left for as long as `ask_again` waits."""
    for run in Run.objects.filter(kind=RunKind.REMOVAL, ended_at=None):
        going = _this(run.details["endpoint"]).select_related("mapping").first()
        if going is not None and going.mapping.connection_id != run.connection_id:
            Run.objects.filter(pk=run.pk).update(connection=going.mapping.connection_id)


def _told(endpoint: Endpoint) -> str:
    return f"-deleted-{endpoint.pk}"


def ask_again() -> None:
    """Those whose run has come to nothing, or is not there: who deleted them died before asking for one, or it is too long ago.
    No other one would come back to them. Not at once, as it may do so anew."""
    long_gone = set(
        Endpoint._base_manager.filter(removed_at__lt=Now() - _AGAIN_AFTER).values_list("pk", flat=True)
    )
    for endpoint in Endpoint._base_manager.filter(removed_at__isnull=False).select_related("mapping"):
        runs = Run.objects.filter(kind=RunKind.REMOVAL, details__endpoint=endpoint.pk)
        last = runs.first()
        if last and not runs.filter(Q(ended_at=None) | Q(ended_at__gt=Now() - _AGAIN_AFTER)).exists():
            ask(endpoint, str(last.details["name"]), last.asked_by)
        elif not last and endpoint.pk in long_gone:
            ask(endpoint, endpoint.name.removesuffix(_told(endpoint)), "")


def over(mappings: Collection[str]) -> QuerySet[Endpoint]:
    """Those that are being deleted over one of these mappings."""
    return Endpoint._base_manager.filter(removed_at__isnull=False, mapping__name__in=mappings)


@contextmanager
def alone(endpoints: QuerySet[Endpoint]) -> Iterator[None]:
    """A transaction in which nobody else removes what they held: two that do would wait for each other's rows. Writes that
    are under way, which hold their endpoint as well, are not waited for."""
    with transaction.atomic():
        list(endpoints.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk"))
        yield


def portion(endpoint_id: int, place: Place) -> tuple[int, Place | None]:
    """Remove some records behind `place` with all that belongs to them. How many, and where the next portion begins; None:
    there are no more."""
    with alone(_this(endpoint_id)):
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT id, changed_in FROM endpoints_record WHERE endpoint_id = %s AND (changed_in, id) > (%s, %s)
                   ORDER BY changed_in, id LIMIT %s""",
                [endpoint_id, place.changed_in, place.record_id, PORTION],
            )
            found = cursor.fetchall()
        if not found:
            return 0, None
        ids = [record_id for record_id, _ in found]
        # Records before what belongs to them, as everybody else locks them.
        list(Record.objects.select_for_update().filter(pk__any_of=ids).order_by("pk").values_list("pk"))
        for model in (Footprint, Match, Conflict, Difference, Change):
            _delete(model._base_manager.filter(record__in=ids))
        _delete(Record.objects.filter(pk__any_of=ids))
    return len(found), Place(found[-1][1], found[-1][0])


def remove_all(endpoint_id: int) -> None:
    """Portion by portion, by whoever waits for it; a worker may be at it as well."""
    while True:
        place: Place | None = Place()
        while place is not None:
            _, place = portion(endpoint_id, place)
        if finish(endpoint_id):
            return


def finish(endpoint_id: int) -> bool:
    """Once no record is left: what else bears its name, then the endpoint. False: there is more of it."""
    for model in (Touched, Difference, KeptAnswer, Run):
        with alone(_this(endpoint_id)):
            rows: Any = model._base_manager.filter(endpoint=endpoint_id)
            ids = list(rows.order_by().values_list("pk", flat=True)[:_ROWS])
            if model is Run:
                _delete(Footprint.objects.filter(run__in=ids))
                Match.objects.filter(run__in=ids).update(run=None)
            _delete(model._base_manager.filter(pk__any_of=ids))
            if len(ids) == _ROWS:
                return False
    with alone(_this(endpoint_id)):
        if Record.objects.filter(endpoint=endpoint_id).exists():
            return False
        _this(endpoint_id).delete()
    return True


def waiting(endpoint: Endpoint) -> int:
    """How many accepted writes have not reached Odoo. Inside a transaction no further one can be accepted after this."""
    if transaction.get_connection().in_atomic_block:
        Endpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
    return Change.objects.filter(endpoint=endpoint, state__in=OPEN).count()


def _this(endpoint_id: int) -> QuerySet[Endpoint]:
    return Endpoint._base_manager.filter(pk=endpoint_id)


def _delete(rows: QuerySet[Any]) -> None:
    """In one statement: Django would fetch the rows first."""
    rows._raw_delete(using=rows.db)
