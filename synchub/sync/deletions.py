"""The story of a sweep for deletions: what is no longer in Odoo leaves the mirror.

A deletion moves no `write_date`, so a pull never sees it. The ids that the endpoint's domain covers are walked in pages
and compared with the mirror's, range by range. What seems to be gone is asked for once more, for a page may have been
read while Odoo was at work. Archived records, those that left the domain, and those that a rule of Odoo hides go in the same way.

What comes back moves no `write_date` either, where the rule is gone or the record that the domain asks about has changed. The same
walk meets it, and has it read, with what was stamped long before it could be seen (`late`).

A run that would remove more than a tenth (a setting) removes nothing and says so: a wrong domain or a lost right in Odoo
looks just like a mass deletion. A person can have it done nonetheless.
"""

import logging
from collections.abc import Sequence

import orjson
from django.conf import settings
from django.db import connection as hub_database
from django.db import transaction
from django.db.models.functions import Now

from endpoints import heirs, moving, outbox, pauses, touched, wakeup
from endpoints.models import Mode, PullState, Record, Run, RunKind, RunState
from endpoints.registry import EndpointSpec
from mappings import domains, walking
from mappings.clients import client_for
from mappings.models import Connection
from synchub.errors import OdooError
from synchub.odoo import OdooClient
from synchub.sync import health
from synchub.sync.late import stamped_late
from synchub.sync.locks import only_pull_of
from synchub.sync.runs import RunLog

logger = logging.getLogger(__name__)

IDS_AT_ONCE = 10_000
BURIED_AT_ONCE = 5_000  # records, each such portion a transaction of its own


def sweep(endpoint: EndpointSpec) -> None:
    """Remove from the mirror what Odoo no longer has. A run is written where something is gone."""
    with only_pull_of(endpoint.id) as held:
        if not held:  # a pull is under way
            _try_again(endpoint)
            return
        if endpoint.mode == Mode.LIVE or pauses.why(endpoint.id):
            return
        connection = Connection.objects.get(pk=endpoint.connection_id)
        state = PullState.objects.filter(endpoint_id=endpoint.id, complete=True).first()
        if state is None:
            return
        with health.turn(connection) as turn:
            if turn is None:
                _try_again(endpoint)
                return
            try:
                with client_for(connection) as client:
                    gone, unseen = _compared(endpoint, client)
                    late = stamped_late(endpoint, client, state.cursor, IDS_AT_ONCE)
            except OdooError as error:
                health.failed(connection.pk, error)
                return
        try:
            if gone:
                _remove(endpoint, gone, connection.database, confirmed=state.deletions_confirmed)
            else:
                _is_well(endpoint)
        except moving.Moved:
            logger.info("“%s” is to be read anew; what it showed until now is not compared.", endpoint.name)
            return
        # A share for each: where very many are unseen, the late ones would be past the hour that is looked back by their turn.
        if look_at := [*late[:IDS_AT_ONCE], *unseen[:IDS_AT_ONCE]]:
            touched.look_at(endpoint.id, look_at)
            wakeup.touched(endpoint.id)
        if state.deletions_confirmed:  # who says so while a search is under way means the next one
            PullState.objects.filter(pk=state.pk).update(deletions_confirmed=False)


def _is_well(endpoint: EndpointSpec) -> None:
    """A search that finds nothing leaves no run, but for the one that says that what the last one met is over."""
    last = Run.objects.filter(endpoint=endpoint.id, kind=RunKind.SWEEP).order_by("-pk").first()
    if last is not None and last.state == RunState.FAILED:
        with RunLog(endpoint.id, RunKind.SWEEP) as run:
            run.says("Nothing is gone.")


def _try_again(endpoint: EndpointSpec) -> None:
    """Soon: the search is not left out."""
    PullState.objects.filter(endpoint_id=endpoint.id).update(deletions_next_at=Now())


def _compared(endpoint: EndpointSpec, client: OdooClient) -> tuple[list[int], list[int]]:
    """(the ids that Odoo no longer has, those that the mirror lacks). Raises OdooError."""
    started_at = outbox.database_time()
    domain = endpoint.domain_at(started_at)
    model, after = endpoint.mapping.model, walking.FIRST
    gone: list[int] = []
    missing: list[int] = []
    while True:
        page = client.search(model, walking.behind(domain, after), limit=IDS_AT_ONCE, order="id")
        last = page[-1] if len(page) == IDS_AT_ONCE else None
        known = Record.objects.filter(
            endpoint_id=endpoint.id, deleted_at=None, odoo_id__gt=after, created_at__lt=started_at
        )
        if last is not None:
            known = known.filter(odoo_id__lte=last)
        there, here = set(page), {one for one in known.values_list("odoo_id", flat=True) if one is not None}
        gone += sorted(here - there)
        missing += _missing(endpoint, sorted(there - here))
        if last is None:
            break
        after = last
    return still_gone(model, domain, gone, client), missing


def _missing(endpoint: EndpointSpec, odoo_ids: Sequence[int]) -> list[int]:
    """Those that no record is of, but for one that was missed in Odoo: that has no stamp. Others were deleted here."""
    if not odoo_ids:
        return []
    known = Record.objects.filter(endpoint_id=endpoint.id, odoo_id__any_of=list(odoo_ids))
    kept = known.exclude(deleted_at__isnull=False, write_date="").values_list("odoo_id", flat=True)
    return sorted(set(odoo_ids).difference(one for one in kept if one is not None))


def still_gone(model: str, domain: domains.Domain, gone: Sequence[int], client: OdooClient) -> list[int]:
    """Which of these ids Odoo does not have, or not within the domain. Raises OdooError."""
    there: set[int] = set()
    for start in range(0, len(gone), IDS_AT_ONCE):
        some = list(gone[start : start + IDS_AT_ONCE])
        there |= set(client.search(model, domains.both(domain, [("id", "in", some)]), order="id"))
    return [one for one in gone if one not in there]


def _remove(endpoint: EndpointSpec, gone: Sequence[int], database: str, *, confirmed: bool) -> None:
    total = Record.objects.filter(endpoint_id=endpoint.id, deleted_at=None, odoo_id__isnull=False).count()
    with RunLog(endpoint.id, RunKind.SWEEP, total) as run:
        run.progress(seen=total)
        # A single record is no mass deletion, however few there are.
        if not confirmed and len(gone) > max(1, total * settings.DELETIONS_BRAKE):
            run.trouble(
                f"{len(gone)} of {total} records are no longer in Odoo (deleted or archived), are there but outside of the endpoint's "
                f"domain, or are not shown to the hub's user. That is more than {settings.DELETIONS_BRAKE:.0%}, so nothing was removed, "
                "and consumers still see them. If it is right, choose “Remove what is gone” on the endpoint."
            )
            return
        for start in range(0, len(gone), BURIED_AT_ONCE):
            run.progress(changed=bury(endpoint, gone[start : start + BURIED_AT_ONCE], database))


def bury(endpoint: EndpointSpec, gone: Sequence[int], database: str) -> int:
    """Without digest and stamp, they come back as soon as a pull sees them. What is on its way to Odoo is left alone.

    Raises moving.Moved where they are missing in another database or model than the endpoint's records come from by now.
    """
    field = endpoint.mapping.identifier.field.name
    with transaction.atomic(), hub_database.cursor() as cursor:
        moving.hold(endpoint, database)
        cursor.execute(
            """UPDATE endpoints_record r SET deleted_at = now(), updated_at = now(), digest = '', write_date = '',
                   version = version + 1
               WHERE r.endpoint_id = %s AND r.odoo_id = ANY(%s) AND r.deleted_at IS NULL AND NOT EXISTS (
                   SELECT 1 FROM endpoints_change c
                   WHERE c.record_id = r.id AND c.state IN ('pending', 'claimed'))
               RETURNING r.external_id, r."values" -> %s""",
            [endpoint.id, list(gone), field],
        )
        buried = cursor.fetchall()
        heirs.inherit(endpoint, {name: orjson.loads(value) for name, value in buried if name and value})
        return len(buried)


def due() -> list[int]:
    """Endpoints whose sweep is due, each taken by one caller only; the next one is set at once."""
    states = PullState.objects.filter(
        deletions_next_at__lte=Now(), complete=True, endpoint__enabled=True, endpoint__mode=Mode.MIRROR
    )
    taken: list[int] = []
    for pk, endpoint_id, next_at in states.values_list("pk", "endpoint_id", "deletions_next_at"):
        mine = PullState.objects.filter(pk=pk, deletions_next_at=next_at)
        if mine.update(deletions_next_at=Now() + settings.DELETIONS_EVERY):
            taken.append(endpoint_id)
    return taken
