"""The first sync without doubles: what a person decides about matches, and the release of what waits.

An endpoint with `match_on` pushes nothing until it is released. Then every new record is either linked to a record of
Odoo, which the push then changes, or to be created.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from endpoints import mirror, registry, wakeup
from endpoints.models import Decision, Endpoint, Match, Operation, Record, Verdict
from endpoints.models.endpoint_checks import match_keys
from endpoints.models.queue import OPEN
from endpoints.rollbacks import tried_again
from mappings.convert import Values
from mappings.normal import normal_key
from mappings.spec import LineSpec, MappingSpec
from synchub.errors import HubError

_AT_ONCE = 1_000


@dataclass(frozen=True)
class Key:
    """What has to agree, as it is called and as lines."""

    name: str
    lines: tuple[LineSpec, ...]


class NotMatched(HubError):
    """Some of what waits has not been looked for, or not been decided; the text says what to do."""


def holds(endpoint_id: int) -> bool:
    """Does what was written to it wait for the first matching?"""
    waiting = Endpoint.objects.filter(pk=endpoint_id, matched_at=None).exclude(match_on=[])
    return waiting.exists()


def new_records(endpoint_id: int) -> QuerySet[Record]:
    """Those that wait to be created in Odoo, as far as is known. One that was deleted again is none: linked, it would take a
    record of Odoo's along."""
    return Record.objects.filter(
        endpoint=endpoint_id,
        odoo_id=None,
        deleted_at=None,
        pk__in=Record.objects.filter(
            changes__endpoint=endpoint_id, changes__operation=Operation.CREATE, changes__state__in=OPEN
        ).values("pk"),
    )


def undecided(endpoint_id: int) -> QuerySet[Record]:
    """New records without a decision: those to look for."""
    return new_records(endpoint_id).filter(Q(match=None) | Q(match__decision=""))


def found_by(spec: MappingSpec, match_on: Sequence[str]) -> list[Key]:
    """By what records are compared: the identifier first, then the endpoint's `match_on`."""
    own = [] if spec.named_by_odoo else [Key(spec.identifier.key, (spec.identifier,))]
    # A line of such a key may have gone since the endpoint was saved.
    known = [text for text in match_on if all(key in spec.by_key for key in match_keys(text))]
    return own + [Key(text, tuple(spec.by_key[key] for key in match_keys(text))) for text in known]


def has_changed(endpoint_id: int, spec: MappingSpec, record: Record, before: Values) -> None:
    """A new record was written to. What was found by values that it no longer has, and nobody has decided, is to be looked for
    anew. Who it is that somebody has decided stays: an address that changes makes nobody another."""
    rows = Match.objects.filter(record=record.pk, decision="")
    if not rows.exists():
        return
    [match_on] = Endpoint.objects.filter(pk=endpoint_id).values_list("match_on", flat=True)
    keys = found_by(spec, match_on)
    if any(normal_key(key.lines, before) != normal_key(key.lines, record.values) for key in keys):
        rows.delete()


def is_deleted(record: Record) -> None:
    """A new record was deleted again: whatever it was found to be is free for another one."""
    Match.objects.filter(record=record.pk).delete()


def report(endpoint_id: int) -> dict[str, int]:
    """How many rows of each verdict there are, how many are undecided, and how many records were not looked for."""
    rows = Match.objects.filter(endpoint=endpoint_id, record__in=new_records(endpoint_id))
    counts = dict(rows.values_list("verdict").annotate(Count("pk")))
    open_rows = rows.filter(decision="")
    return {
        **{verdict: counts.get(verdict, 0) for verdict in Verdict.values},
        "undecided": open_rows.count(),
        "missing": new_records(endpoint_id).filter(match=None).count(),
        "link": rows.filter(decision=Decision.LINK).count(),
        "create": rows.filter(decision=Decision.CREATE).count(),
    }


def link(match: Match, odoo_id: int, who: str) -> bool:
    """This record is that one of Odoo. False: another record of the endpoint is that one already."""
    try:
        with transaction.atomic():
            Endpoint.objects.select_for_update(no_key=True).filter(pk=match.endpoint_id).first()
            Match.objects.filter(pk=match.pk).update(
                decision=Decision.LINK, odoo_id=odoo_id, decided_by=who, decided_at=Now()
            )
    except IntegrityError:
        return False
    return True


def create(matches: QuerySet[Match], who: str) -> int:
    """These records are new: they are created in Odoo."""
    return matches.update(decision=Decision.CREATE, odoo_id=None, decided_by=who, decided_at=Now())


@tried_again
def approve_exact(endpoint_id: int, who: str, ids: Sequence[int] | None = None) -> int:
    """Link all that have exactly one match, or these of them: where two have the same, the first. Returns how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Whoever links one of them by hand meanwhile would have all be refused: they wait for each other.
        cursor.execute("SELECT 1 FROM endpoints_endpoint WHERE id = %s FOR NO KEY UPDATE", [endpoint_id])
        cursor.execute(
            """UPDATE endpoints_match m
               SET decision = 'link', odoo_id = one.odoo_id, decided_by = %s, decided_at = now()
               FROM (SELECT DISTINCT ON (odoo_id) id, odoo_id FROM (
                         SELECT id, (candidates -> 0 -> 'id')::int AS odoo_id FROM endpoints_match
                         WHERE endpoint_id = %s AND verdict = 'exact' AND decision = '' AND (%s::bigint[] IS NULL OR id = ANY(%s))
                     ) found ORDER BY odoo_id, id) one
               WHERE m.id = one.id AND NOT EXISTS (
                   SELECT 1 FROM endpoints_match o WHERE o.endpoint_id = %s AND o.odoo_id = one.odoo_id)""",
            [who, endpoint_id, *(2 * [None if ids is None else list(ids)]), endpoint_id],
        )
        return int(cursor.rowcount)


def create_unmatched(endpoint_id: int, who: str) -> int:
    """Create all for which nothing was found."""
    return create(Match.objects.filter(endpoint=endpoint_id, verdict=Verdict.NONE, decision=""), who)


def called_then(record_ids: Sequence[int]) -> dict[int, Any]:
    """By record that was linked with one that was found: what that was called in Odoo when it was found."""
    rows = Match.objects.filter(record__in=record_ids, decision=Decision.LINK)
    return {
        record_id: one["called"]
        for record_id, odoo_id, candidates in rows.values_list("record", "odoo_id", "candidates")
        for one in candidates
        if one["id"] == odoo_id
    }


def release(endpoint_id: int) -> None:
    """Let the push begin. Raises NotMatched while a new record is undecided.

    No write can be accepted meanwhile: it would need the endpoint's row.
    """
    with transaction.atomic():
        endpoint = Endpoint.objects.select_for_update().get(pk=endpoint_id)
        left = undecided(endpoint_id).count()
        if left:
            raise NotMatched(
                f"{left:,} new records are not decided yet. Look in Odoo once more for those that came, or were changed, since the "
                "last time, and decide what was found."
            )
        _link_all(registry.get(endpoint.name))
        endpoint.matched_at = endpoint.matched_at or timezone.now()
        endpoint.save(update_fields=["matched_at"])
        wakeup.once_committed(wakeup.push, endpoint_id)


def _link_all(spec: registry.EndpointSpec) -> None:
    rows = Match.objects.filter(
        endpoint=spec.id, decision=Decision.LINK, record__in=new_records(spec.id)
    ).order_by("pk")
    ids = list(rows.values_list("record", "odoo_id"))
    for start in range(0, len(ids), _AT_ONCE):
        some = {record: odoo_id for record, odoo_id in ids[start : start + _AT_ONCE] if odoo_id is not None}
        list(Record.objects.select_for_update().filter(pk__in=some).order_by("pk"))
        mirror.identify(spec, some)


def start_again(endpoint_id: int) -> None:
    """Hold the push and have everything that is new by then matched anew."""
    with transaction.atomic():
        Endpoint.objects.filter(pk=endpoint_id).update(matched_at=None)
        Match.objects.filter(endpoint=endpoint_id).delete()
