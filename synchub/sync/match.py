"""The story of a match: which new records does Odoo have already? Odoo is only read.

index     new records by what has to agree: the identifier first, then the endpoint's `match_on`
read      all records of the model, archived ones too, in pages
judge     exactly one that fits, several, or none
report    one row for each new record; what a person has decided already stays
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction

from endpoints import matching
from endpoints.matching import Key
from endpoints.models import Endpoint, Match, Record, Run, Verdict
from endpoints.models.endpoint_checks import match_problem
from endpoints.registry import EndpointSpec
from mappings import domains, languages, walking
from mappings.convert import Values, from_row
from mappings.normal import normal_key
from mappings.spec import MappingSpec
from synchub.errors import ConfigurationError
from synchub.odoo import OdooClient
from synchub.sync.runs import RunLog

MOST = 20  # candidates that are shown for one record
_ROWS_AT_ONCE = 1_000


@dataclass
class Wanted:
    """A new record with the candidates that were found, by key."""

    record_id: int
    values: Values
    version: int
    found: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))


def match(endpoint: EndpointSpec, client: OdooClient, log: RunLog, run: Run) -> None:
    spec = endpoint.mapping
    stored = Endpoint.objects.get(pk=endpoint.id)
    if problem := match_problem(stored):  # a line of that key may have gone since the endpoint was saved
        raise ConfigurationError(
            f"{problem} Put it right on the endpoint's page, under “first matched with Odoo by”, and look again."
        )
    keys = matching.found_by(spec, stored.match_on)
    wanted = [
        Wanted(*row)
        for row in matching.undecided(endpoint.id).values_list("pk", "values", "version").iterator()
    ]
    index = _index(keys, wanted)
    lines = {line.key: line for key in keys for line in key.lines}
    names = {line.field.name for line in lines.values()}
    own = {line.field.odoo_name for line in lines.values() if not line.field.language}
    fields = sorted({"display_name", *spec.archive_read, *own})
    everyone = {"active_test": False}
    log.expects(client.search_count(spec.model, [], context=everyone) if wanted else 0)

    def read(domain: domains.Domain, limit: int) -> list[dict[str, Any]]:
        return client.search_read(spec.model, domain, fields, limit=limit, order="id", context=everyone)

    walk = walking.pages(
        client, spec.model, [], read, lambda row: int(row["id"]), settings.PULL_PAGE, context=everyone
    )
    for page in walk if wanted else ():
        for row in languages.added(spec, page.rows, client, only=names):
            _look(spec, keys, index, row)
        log.progress(seen=len(page.rows))
    rows_made = judge(spec, keys, wanted)
    _write(endpoint, run, rows_made, {one.record_id: one.version for one in wanted})
    counts = Counter(row.verdict for row in rows_made)
    log.progress(changed=len(rows_made))
    log.says(
        f"{counts[Verdict.EXACT]:,} have one match, {counts[Verdict.AMBIGUOUS]:,} wait for a choice, "
        f"{counts[Verdict.NONE]:,} are not in Odoo. Nothing is written before this is approved."
    )


def _index(keys: Sequence[Key], wanted: Sequence[Wanted]) -> dict[str, dict[tuple[str, ...], list[Wanted]]]:
    index: dict[str, dict[tuple[str, ...], list[Wanted]]] = {key.name: defaultdict(list) for key in keys}
    for one in wanted:
        for key in keys:
            made = normal_key(key.lines, one.values)
            if made is not None:
                index[key.name][made].append(one)
    return index


def _look(
    spec: MappingSpec,
    keys: Sequence[Key],
    index: Mapping[str, Mapping[tuple[str, ...], list[Wanted]]],
    row: Mapping[str, Any],
) -> None:
    values = from_row(spec, row)
    for key in keys:
        made = normal_key(key.lines, values)
        for one in index[key.name].get(made, ()) if made is not None else ():
            if len(one.found[key.name]) <= MOST:
                one.found[key.name].append(
                    {
                        "id": row["id"],
                        "name": row["display_name"] or "",
                        "shown": {line.key: line.present(values[line.field.name]) for line in key.lines},
                        "called": None if spec.named_by_odoo else values.get(spec.identifier.field.name),
                        "archived": spec.is_archived(row),
                        "by": key.name,
                    }
                )


def judge(spec: MappingSpec, keys: Sequence[Key], wanted: Sequence[Wanted]) -> list[Match]:
    """A report's rows, not saved. The first key by which anything is found counts."""
    rows = []
    for one in wanted:
        found = next((one.found[key.name] for key in keys if one.found.get(key.name)), [])
        verdict, reason = _verdict(spec, one, found)
        rows.append(Match(record_id=one.record_id, verdict=verdict, reason=reason, candidates=found[:MOST]))
    claimed = Counter(row.candidates[0]["id"] for row in rows if row.verdict == Verdict.EXACT)
    for row in rows:
        if row.verdict == Verdict.EXACT and claimed[row.candidates[0]["id"]] > 1:
            row.verdict = Verdict.AMBIGUOUS
            row.reason = f"{claimed[row.candidates[0]['id']]} new records match the same record of Odoo."
    return rows


def _verdict(spec: MappingSpec, one: Wanted, found: Sequence[Mapping[str, Any]]) -> tuple[Verdict, str]:
    if not found:
        return Verdict.NONE, ""
    if len(found) > 1:
        count = f"More than {MOST}" if len(found) > MOST else str(len(found))
        return Verdict.AMBIGUOUS, f"{count} records of Odoo have the same {found[0]['by']}."
    [only] = found
    mine = None if spec.named_by_odoo else one.values.get(spec.identifier.field.name)
    if only["called"] is not None and mine is not None and only["called"] != mine:
        line = spec.identifier
        return (
            Verdict.AMBIGUOUS,
            f"It has another {line.key} in Odoo already: {line.present(only['called'])}.",
        )
    if only["archived"]:
        return Verdict.AMBIGUOUS, "It is archived in Odoo."
    return Verdict.EXACT, ""


def _write(endpoint: EndpointSpec, run: Run, rows: Sequence[Match], read: Mapping[int, int]) -> None:
    """What was undecided is judged anew; what somebody decided while this ran stays. What was written to or deleted meanwhile, by the
    versions that were `read`, waits for the next look."""
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[start : start + _ROWS_AT_ONCE]
        ids = [row.record_id for row in some]
        with transaction.atomic():
            # Who writes to one of them waits until its row is there, and then sees to it.
            there = Record.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
            versions = dict(there.values_list("pk", "version"))
            same = [row for row in some if versions.get(row.record_id) == read[row.record_id]]
            for row in same:
                row.endpoint_id, row.run = endpoint.id, run
            Match.objects.filter(record__in=[row.record_id for row in same], decision="").delete()
            Match.objects.bulk_create(same, ignore_conflicts=True)
