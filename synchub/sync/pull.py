"""The story of a pull: what changed in Odoo into the mirror.

    lock       one pull of an endpoint at a time, on all machines
    sight      the newest `write_date` in Odoo, before anything is read; an older one than before may be a backup's (see `went_back`)
    walk       pages of rows changed since the cursor, in order of id; each page's place is kept with its rows
    advance    after the last page, the cursor moves as far as is safe (see `cursor`)

Walking by id rather than by time: rows changed in the same second cannot fall between two pages, and one that
changes behind the walk has a newer stamp, for the next walk. The first pull is the same walk without a cursor.
"""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from endpoints import merging, mirror, moving, outbox, pauses, pulls, reshaping
from endpoints.models import Mode, PullState, RunKind
from endpoints.registry import EndpointSpec
from mappings import domains, languages, walking
from mappings.clients import client_for
from mappings.models import ConfigVersion, Connection
from synchub.errors import OdooError, OdooPermanent, UnfitValue
from synchub.odoo import OdooClient
from synchub.sync import cursor, health, namesakes, reading, ready, runs, unheard, went_back
from synchub.sync.ahead import one_ahead
from synchub.sync.locks import only_pull_of
from synchub.sync.runs import RunLog

logger = logging.getLogger(__name__)


def pull(endpoint: EndpointSpec) -> None:
    """Bring the mirror up to what Odoo has. A run is written where there is something to tell."""
    with ExitStack() as stack:
        if not stack.enter_context(only_pull_of(endpoint.id)):
            return
        connection = Connection.objects.get(pk=endpoint.connection_id)
        if endpoint.mode == Mode.LIVE or pauses.why(endpoint.id):
            return
        turn = stack.enter_context(health.turn(connection))
        if turn is None:
            return
        runs.end_interrupted(endpoint.id, [RunKind.PULL, RunKind.BACKFILL])
        state, _ = PullState.objects.get_or_create(endpoint_id=endpoint.id)
        try:
            with client_for(connection) as client:
                _walk(endpoint, client, _begun(endpoint, client, state), turn)
        except (StartedOver, moving.Moved):
            logger.info("“%s” is to be read anew; the next pull begins with that.", endpoint.name)
        except OdooError as error:
            problem = languages.explained(endpoint.mapping, error)
            PullState.objects.filter(pk=state.pk).update(last_error=problem)
            health.failed(connection.pk, error)
            if isinstance(error, OdooPermanent) and problem != state.last_error and _other_fields(endpoint):
                pulls.now([endpoint.id])
        except UnfitValue as error:
            PullState.objects.filter(pk=state.pk).update(last_error=str(error))
            if str(error) != state.last_error and _other_fields(endpoint):
                pulls.now([endpoint.id])
        else:
            health.answered(connection.pk)


def _other_fields(endpoint: EndpointSpec) -> bool:
    """Has Odoo other fields than the hub knew of? They are read anew: a line whose field is gone keeps nobody else back."""
    version = ConfigVersion.current()
    return ready.read_fields(endpoint.name) and ConfigVersion.current() != version


class StartedOver(Exception):
    """Somebody wants everything of the endpoint read anew: what this walk would write down is out of date."""


def _begun(endpoint: EndpointSpec, client: OdooClient, known: PullState) -> PullState:
    """A new walk, or the one that was cut short."""
    now = outbox.database_time()
    newest = "" if known.walk_after_id is not None else _newest(endpoint, client, now)
    if known.walk_after_id is None and endpoint.mapping.stamped:
        went_back.note(endpoint, client, known, newest)
    with transaction.atomic():
        state = PullState.objects.select_for_update().get(pk=known.pk)
        if state.mapping_version != endpoint.mapping.fingerprint:
            # The documents were made with another mapping: everything has to be made anew.
            state.cursor, state.walk_after_id, state.complete = "", None, False
            state.mapping_version = endpoint.mapping.fingerprint
        if state.walk_after_id is None:
            state.walk_after_id, state.walk_started_at = walking.FIRST, now
            state.sightings = cursor.sighted(_sightings(state), now.timestamp(), newest)
        state.save()
    return state


def _keep(state: PullState, **columns: Any) -> None:
    """Write down how far the walk is. Raises StartedOver if it is no longer the one that counts."""
    walk = PullState.objects.filter(pk=state.pk, walk_started_at=state.walk_started_at)
    if not walk.update(**columns):
        raise StartedOver


def _walk(endpoint: EndpointSpec, client: OdooClient, state: PullState, turn: ExitStack) -> None:
    domain = _since(endpoint, state)
    after = walking.FIRST if state.walk_after_id is None else state.walk_after_id
    with ExitStack() as stack:
        run: RunLog | None = None
        walked = one_ahead(
            # What is new is rarely more than a page, and the nightly comparison has what is missed.
            pages(endpoint, client, domain, after, thorough=not state.cursor),
            more=lambda page: page.more,
            done=client.close,
        )
        stack.enter_context(closing(walked))
        for page in walked:
            rows = page.rows
            turn.close()
            with transaction.atomic():
                moving.hold(endpoint, client.access.database)
                merged = merging.merge(endpoint, rows, state.walk_started_at)
                state.walk_after_id = rows[-1].odoo_id
                _keep(state, walk_after_id=state.walk_after_id)
            if run is None and (merged.changed or page.more):
                run = stack.enter_context(_run(endpoint, domain, state, page))
            if run is not None:
                run.progress(seen=merged.seen, changed=merged.changed)
                run.notes(merged.odd)
            if page.more and (pause := pauses.why(endpoint.id)):
                if run is not None:
                    run.stopped(pause)
                return
    if not state.cursor:  # perhaps with another mapping than before
        reshaping.reshape(endpoint)
    _finish(state)


def _run(
    endpoint: EndpointSpec, domain: domains.Domain, state: PullState, page: walking.Page[mirror.Row]
) -> RunLog:
    total = len(page.rows)
    if page.more:
        rest = walking.behind(domain, page.rows[-1].odoo_id)
        # The walk's own client is asking for the next page meanwhile.
        with client_for(Connection.objects.get(pk=endpoint.connection_id)) as client:
            total += client.search_count(endpoint.mapping.model, rest)
    return RunLog(endpoint.id, RunKind.PULL if state.complete else RunKind.BACKFILL, total)


def _newest(endpoint: EndpointSpec, client: OdooClient, now: datetime) -> str:
    """The newest `write_date` in Odoo, "" where there is none: then each walk reads everything."""
    if not endpoint.mapping.stamped:
        return ""
    newest = client.search_read(
        endpoint.mapping.model, endpoint.domain_at(now), ["write_date"], limit=1, order="write_date desc"
    )
    return str(newest[0]["write_date"] or "") if newest else ""


def _sightings(state: PullState) -> list[cursor.Sighting]:
    return [(at, stamp) for at, stamp in state.sightings]


def _since(endpoint: EndpointSpec, state: PullState) -> domains.Domain:
    """What the walk reads. Its relative dates stand still while it lasts, also where it was cut short.

    A record may enter such a domain without any change of its own: those that were outside of it when the last walk
    began are read as well.
    """
    now = state.walk_started_at or outbox.database_time()
    domain = endpoint.domain_at(now)
    if not state.cursor:
        return domain
    news: domains.Domain = [("write_date", ">=", state.cursor)]
    if state.domain_at is not None and domains.moves(endpoint.moving_domain):
        news = domains.either(
            news, domains.outside(endpoint.moving_domain, state.domain_at, endpoint.time_zone)
        )
    return domains.both(domain, news)


def pages(
    endpoint: EndpointSpec,
    client: OdooClient,
    domain: domains.Domain,
    after: int = walking.FIRST,
    *,
    thorough: bool = True,
) -> Iterator[walking.Page[mirror.Row]]:
    """Pages of rows, with what their relations lead to. `thorough`: see `walking.pages`."""

    def read(domain: domains.Domain, limit: int) -> list[mirror.Row]:
        return reading.of_domain(endpoint, client, domain, limit)

    for page in walking.pages(
        client, endpoint.mapping.model, domain, read, lambda row: row.odoo_id, settings.PULL_PAGE, after,
        thorough=thorough,
    ):  # fmt: skip
        unheard.recognise(endpoint, client, [row.odoo_id for row in page.rows])
        namesakes.adopt(endpoint, client, page.rows)
        yield page


def _finish(state: PullState) -> None:
    started_at = (state.walk_started_at or datetime.now(UTC)).timestamp()
    moved, sightings = cursor.advance(state.cursor, _sightings(state), started_at)
    _keep(
        state,
        cursor=moved,
        sightings=sightings,
        domain_at=state.walk_started_at,
        walk_after_id=None,
        walk_started_at=None,
        complete=True,
        last_error="",
        last_ok_at=Now(),
    )
    pulls.is_done(state.endpoint_id)
