"""What a batch changed in Odoo, to be kept with its run: values before and after, of what was sent, and of what Odoo worked out
anew from that. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

from endpoints.footprints import Made
from endpoints.mirror import Row
from endpoints.models import Did, OnDelete
from endpoints.registry import EndpointSpec
from mappings.convert import Values, from_row
from mappings.spec import MappingSpec
from synchub.sync.coalesce import Do, Work
from synchub.sync.outcome import Outcomes


def footprints(
    endpoint: EndpointSpec, run_id: int, sent: Iterable[Work], outcomes: Outcomes, rows: Sequence[Row]
) -> list[Made]:
    """Of what reached Odoo. `rows` are the records as they were read back."""
    spec = endpoint.mapping
    read = {row.odoo_id: from_row(spec, row.row) for row in rows}
    kept = []
    for one in sent:
        outcome = outcomes.get(one.record_id)
        if outcome is None or outcome.error is not None:
            continue
        odoo_id = outcome.odoo_id or one.claim.odoo_id
        if odoo_id is None or one.do is Do.ACTION:
            continue
        made = _of(endpoint, one, read.get(odoo_id))
        if made is not None:
            did, before, after = made
            kept.append(Made(run_id, one.record_id, odoo_id, did, before, after))
    return kept


def _of(endpoint: EndpointSpec, one: Work, read: Values | None) -> tuple[Did, Values, Values] | None:
    spec, base = endpoint.mapping, one.claim.base or {}
    if one.do is Do.DELETE:
        way = one.on_delete or endpoint.on_delete
        return Did.ARCHIVE if way == OnDelete.ARCHIVE else Did.UNLINK, dict(base), {}
    sent: dict[str, Any] = dict.fromkeys(one.item.commands) | one.item.values
    for values in one.item.translations.values():
        sent |= values
    names = [name for name in sent if name in spec.by_field]
    if one.do is Do.UPDATE and read is not None:
        names += _worked_out(spec, names, base, read)
    elif read is not None:
        names += [name for name in _may_be_filled_in(spec) if name in read and name not in sent]
    after = {name: read[name] if read is not None and name in read else sent[name] for name in names}
    if one.do is Do.CREATE:
        return Did.CREATE, {}, after
    before = dict(base)
    for change in one.claim.changes:
        if change.sent:
            # An earlier attempt may have written it: what was read since is no longer what was before.
            before = before | (change.base or {})
            break
    if one.item.commands.get(one.claim.archive) is True and one.claim.archive not in spec.by_field:
        # It was taken out of the archive, which no line may say.
        names, after = [*names, one.claim.archive], after | {one.claim.archive: True}
        before[one.claim.archive] = False
    return (Did.UPDATE, {name: before[name] for name in names if name in before}, after) if names else None


def _may_be_filled_in(spec: MappingSpec) -> set[str]:
    """What somebody may add to a new record, of which an undo takes nothing away then."""
    return {
        line.field.name
        for line in spec.incoming
        if line.field.stored and line.field.type.name not in ("binary", "image")
    }


def _worked_out(spec: MappingSpec, sent: Sequence[str], base: Values, read: Values) -> list[str]:
    """The price beside another quantity, be it the same: put back alone, the quantity might not bring back the one that was there."""
    return [
        name
        for name in {line.field.name: None for line in spec.incoming}
        if name not in sent and name in base and name in read and spec.worked_out_anew(name, sent, sent)
    ]
