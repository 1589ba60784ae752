"""The story of a push: an endpoint's waiting changes, claimed in batches that Odoo takes in two or three seconds.

claim   take open changes, in a short transaction of its own; then for each batch (see `carry`):

    prepare   what is to be sent; nothing is written for it yet but what relations need
    send      one batch at a time
    finish    what came of it
"""

import time
import uuid
from collections.abc import Callable, Sequence
from threading import Lock

from django.conf import settings

from endpoints import matching, outbox, pauses, pulls, queued, registry
from endpoints.models import RunKind
from endpoints.registry import EndpointSpec
from mappings.clients import client_for
from mappings.models import Connection
from mappings.outdated import is_outdated
from synchub.errors import HubError, OdooError, OdooOutdated
from synchub.odoo import OdooClient
from synchub.sync import health, ready
from synchub.sync.batch import Batch, Tally
from synchub.sync.beside import Beside
from synchub.sync.carry import finish, prepare, send
from synchub.sync.coalesce import Do, Work
from synchub.sync.pace import Pace
from synchub.sync.runs import RunLog

DRAIN_SECONDS = 10.0  # then it goes to the end of the queue: other endpoints have their turn


def push(endpoint: EndpointSpec) -> bool:
    """Push until nothing is waiting, Odoo makes trouble, or time is up. True: more may be waiting.

    Where much is waiting, in two lanes: while one has its turn to write to Odoo, the other settles what it wrote and
    prepares the next.
    """
    connection = Connection.objects.get(pk=endpoint.connection_id)
    if pauses.why(endpoint.id) or matching.holds(endpoint.id):
        return False
    with health.turn(connection) as turn:
        pace = Pace(endpoint.id, settings.PUSH_BATCH)
        batch = None if turn is None else _claimed(endpoint, pace)
        if turn is None or batch is None:
            return False
        expected = len(batch.claims) + queued.waiting(endpoint.id)
        with RunLog(endpoint.id, RunKind.PUSH, expected) as run, Beside("lane") as beside:
            together = _Together(endpoint, connection, run, pace, beside)
            together.go(batch, tried=turn.close)
            beside.wait()
    return together.more


class _Together:
    """What the lanes of one push share."""

    def __init__(
        self, endpoint: EndpointSpec, connection: Connection, run: RunLog, pace: Pace, beside: Beside
    ) -> None:
        self.more = False
        """Time was up before nothing was left."""
        self._endpoint, self._connection, self._run, self._pace = endpoint, connection, run, pace
        self._beside = beside
        self._turn, self._noting = Lock(), Lock()
        self._deadline = time.monotonic() + DRAIN_SECONDS
        self._over = self._told = self._read_anew = False
        self._trouble: OdooError | None = None

    def go(self, batch: Batch | None = None, tried: Callable[[], None] = lambda: None) -> None:
        """One lane, until nothing is left to claim or something is in the way. `tried` hears of the first batch's end."""
        try:
            batch = batch or self._next()
            if batch is None:
                return
            with client_for(self._connection) as client:
                while batch is not None:
                    self._carry(client, batch)
                    tried()
                    batch = self._next()
        except BaseException:
            self._over = True
            raise

    def _next(self) -> Batch | None:
        if self._over:
            return None
        if time.monotonic() > self._deadline:
            self.more = True
            return None
        return _claimed(self._endpoint, self._pace)

    def _carry(self, client: OdooClient, batch: Batch) -> None:
        batch.run_id = self._run.id
        try:
            todo = prepare(self._endpoint, client, batch)
            if isinstance(batch.trouble, OdooOutdated):
                batch.trouble.stays = self._stays_outdated(client)
            with self._turn:
                if todo and self._may_go_on():
                    self._send(client, batch, todo)
                # Where the other lane met trouble, this one's changes go back as those that were not reached.
                self._trouble = batch.trouble = self._trouble or batch.trouble
                self._over = self._over or batch.trouble is not None
            tally = finish(self._endpoint, client, batch)
        finally:
            # Whatever happened, nothing is held that nobody works on: this process may live for weeks.
            batch.lease.end()
        with self._noting:
            self._note(tally)

    def _send(self, client: OdooClient, batch: Batch, todo: Sequence[Work]) -> None:
        if batch.full and self._connection.concurrency > 1:
            self._beside.start(self.go)
        begun = time.monotonic()
        new = sum(one.do is Do.CREATE for one in todo)
        at_once = self._pace.at_once(new)
        send(self._endpoint, client, batch, todo, at_once)
        self._pace.took(batch.claims, time.monotonic() - begun)
        if not batch.is_over:
            self._pace.created(new, at_once, refused=batch.delivery.refused_new)

    def _may_go_on(self) -> bool:
        pause = "" if self._over else pauses.why(self._endpoint.id)
        if pause:
            self._run.stopped(pause)
            self._over = True
        return not self._over

    def _note(self, tally: Tally) -> None:
        self._run.progress(seen=tally.seen, changed=tally.applied, failed=tally.failed)
        if tally.broken:
            self._pace.broke(tally.seen)
        elif tally.trouble is None:
            health.answered(self._connection.pk)
        else:
            self._over = True
            if not self._told:
                self._told = True
                self._run.trouble(tally.trouble.message)
                health.failed(self._connection.pk, tally.trouble)
                if isinstance(tally.trouble, OdooOutdated):
                    ready.note_problem(self._endpoint.id, tally.trouble.message)
                    pulls.now([self._endpoint.id])  # a pull that gets to its end takes that back
        if tally.unfit:
            self._read_fields()
            # Where nothing has changed, going on finds the record that is at fault.
            if tally.broken and registry.has_changed(self._endpoint):
                self._over = self.more = True  # the next push takes the fields for what they are

    def _read_fields(self) -> None:
        """Once for a push."""
        if not self._read_anew:
            self._read_anew = True
            ready.read_fields(self._endpoint.name)

    def _stays_outdated(self, client: OdooClient) -> bool:
        """Also once the fields are read anew? Another process may have done that meanwhile."""
        with self._noting:
            self._read_fields()
        try:
            return is_outdated(registry.get(self._endpoint.name).mapping, client)
        except HubError:  # told with the endpoint, or it passes
            return False


def _claimed(endpoint: EndpointSpec, pace: Pace) -> Batch | None:
    token = uuid.uuid4()
    claims = outbox.claim(endpoint.id, token, pace.sizes)
    return Batch(token, claims, full=pace.fills(claims)) if claims else None
