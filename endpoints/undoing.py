"""Undoing what a push run wrote in Odoo: what would be put back, what not and why, and putting it back.

Everything goes through the outbox, as changes that give way: where Odoo has changed a field after the look, Odoo's value
stays.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from endpoints import outbox, queued, registry
from endpoints.layers import renew
from endpoints.models import Change, Did, Footprint, OnDelete, Operation, Record, SyncState
from endpoints.models.queue import OPEN
from endpoints.registry import EndpointSpec
from mappings import languages, untold
from mappings.convert import Values, from_row
from mappings.payload import Written
from mappings.spec import MappingSpec
from synchub.odoo import OdooClient

LEAVE = "leave"
"""What may become of created records: this, or `archive` or `unlink` of OnDelete."""


@dataclass
class Step:
    """All that a run did to one record, as one."""

    record_id: int
    odoo_id: int
    first: str
    last: str
    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)


@dataclass
class Plan:
    """What undoing would do. `operation` None: nothing; `left` says what stays as it is, and why. An update with `on_delete` goes
    back into the archive after that."""

    step: Step
    operation: Operation | None = None
    values: Values = field(default_factory=dict)
    base: Values = field(default_factory=dict)
    on_delete: str = ""
    left: list[str] = field(default_factory=list)

    @property
    def changes(self) -> Values:
        """What becomes another value; the rest is written lest Odoo works it out anew."""
        return {name: value for name, value in self.values.items() if value != self.step.after.get(name)}

    def said(self, spec: MappingSpec) -> str:
        done = "archived" if self.operation and self.on_delete == OnDelete.ARCHIVE else ""
        if self.operation is Operation.RESTORE:
            done = "taken out of the archive"
        elif self.operation is Operation.DELETE:
            done = done or "deleted"
        parts = [done] if done else []
        if self.changes:
            parts.append(f"put back: {', '.join(key_of(spec, name) for name in self.changes)}")
        return "; ".join([*parts, *self.left])


def key_of(spec: MappingSpec, name: str) -> str:
    line = spec.line_of(name)
    return line.key if line else name


def steps(footprints: Iterable[Footprint]) -> list[Step]:
    """Oldest first in, one for each record out."""
    found: dict[int, Step] = {}
    for one in footprints:
        step = found.setdefault(one.record_id, Step(one.record_id, one.odoo_id, one.did, one.did))
        step.last = one.did
        step.before = one.before | step.before
        step.after |= one.after
    return list(found.values())


def judge(
    spec: MappingSpec, step: Step, current: Values | None, *, created: str = LEAVE, busy: str = ""
) -> Plan:
    """Pure. `current` is what Odoo has now, None: nothing; `busy` says what waits to be written to it."""
    if busy:
        return Plan(step, left=[busy])
    if step.last == Did.UNLINK:
        if step.first == Did.CREATE:
            return Plan(step, left=["created and deleted again: nothing is left of it"])
        return Plan(step, left=["deleted in Odoo, for good; what the hub had of it is kept with this run"])
    if current is None:
        return Plan(step, left=["no longer in Odoo"])
    if step.first == Did.CREATE:
        return _uncreated(spec, step, current, created)
    plan = Plan(step, Operation.UPDATE)
    if step.last == Did.ARCHIVE:
        plan.operation = Operation.RESTORE
        if not spec.is_archived(current):
            return Plan(step, left=["no longer archived in Odoo"])
    places = {line.field.name: place for place, line in enumerate(spec.lines)}
    for name, wrote in sorted(step.after.items(), key=lambda item: places.get(item[0], len(places))):
        if name in step.before and step.before[name] == wrote:
            continue
        if name == spec.archive and spec.line_of(name) is None:  # the run took it out of there
            if plan.operation is Operation.UPDATE and not spec.is_archived(current):
                plan.on_delete = OnDelete.ARCHIVE
            continue
        why = _why_not(spec, name, step, current.get(name), wrote)
        if why:
            plan.left.append(f"{key_of(spec, name)}: {why}")
        else:
            plan.values[name], plan.base[name] = step.before[name], wrote
    plan.values |= (again := _said_again(spec, step, current, list(plan.values)))
    plan.base |= again
    if plan.operation is Operation.UPDATE and not plan.values and plan.on_delete:
        plan.operation = Operation.DELETE
    elif plan.operation is Operation.UPDATE and not plan.values:
        plan.operation = None
        plan.left = plan.left or ["it has what it had before"]
    return plan


def _uncreated(spec: MappingSpec, step: Step, current: Values, created: str) -> Plan:
    changed = [name for name, wrote in step.after.items() if current.get(name) != wrote]
    if created == LEAVE:
        return Plan(step, left=["created; it stays, as chosen"])
    if changed:
        keys = ", ".join(key_of(spec, name) for name in changed)
        return Plan(step, left=[f"created, and changed since ({keys}): it stays"])
    if created == OnDelete.ARCHIVE and spec.is_archived(current):
        return Plan(step, left=["archived already"])
    return Plan(step, Operation.DELETE, base=dict(step.after), on_delete=created)


def _said_again(spec: MappingSpec, step: Step, current: Values, going: Sequence[str]) -> Values:
    """What is as it was, and Odoo would work out anew from what goes back: the price beside the quantity."""
    return {
        name: wrote
        for name, wrote in step.after.items()
        if name in step.before
        and step.before[name] == wrote == current.get(name)
        and spec.worked_out_anew(name, going, step.after)
    }


def _why_not(spec: MappingSpec, name: str, step: Step, now: Any, wrote: Any) -> str:
    line = spec.line_of(name)
    if line is None:
        return "the mapping no longer writes it"
    if line.field.type.name == "one2many":
        return "its lines are not put back"
    if now != wrote:
        return "changed since"
    if name not in step.before:
        return "what it had before is not known"
    return ""


def pending(run_id: int, undo_run: int | None = None) -> QuerySet[Footprint]:
    """What of a run is not undone yet, nor looked at by this undo."""
    rows = Footprint.objects.filter(run=run_id, undone=False)
    return rows if undo_run is None else rows.exclude(undo_run=undo_run)


def plans(
    endpoint: EndpointSpec,
    client: OdooClient,
    record_ids: Sequence[int],
    rows: QuerySet[Footprint],
    created: str,
) -> list[Plan]:
    """For these records of a run, with one reading of Odoo. Raises OdooError."""
    found = steps(rows.filter(record__in=record_ids).order_by("id"))
    spec = endpoint.mapping
    ids, fields = [step.odoo_id for step in found], sorted({*endpoint.odoo_fields, *spec.archive_read})
    told = untold.read(client, spec.model, ids, fields)
    there = {row["id"]: from_row(spec, row) for row in languages.added(spec, told.rows, client)}
    busy = _busy(endpoint, found)
    return [
        judge(spec, step, there.get(step.odoo_id), created=created, busy=busy.get(step.record_id, ""))
        for step in found
    ]


def _busy(endpoint: EndpointSpec, some: Sequence[Step]) -> dict[int, str]:
    """By record, what waits to be written to it. By way of whatever endpoint: an undo, accepted after that, would count instead."""
    own = Change.objects.filter(record__in=[step.record_id for step in some], state__in=OPEN)
    found = dict.fromkeys(own.values_list("record_id", flat=True), "something newer waits to be written")
    writers = registry.writers(endpoint.connection_id, endpoint.mapping.model)
    others = [one for one in writers if one != endpoint.id]
    elsewhere = queued.waiting_elsewhere(others, [step.odoo_id for step in some])
    return {
        step.record_id: f"something that “{elsewhere[step.odoo_id]}” was sent waits to be written"
        for step in some
        if step.odoo_id in elsewhere
    } | found


def carry_out(endpoint: EndpointSpec, some: Sequence[Plan], undo_run: int, who: str) -> int:
    """Queue what is to be put back. To be called inside a transaction. Returns how many records that are.

    A record that was written to since the look, or whose name another one has by now, is left; its plan says so.
    """
    ids = [plan.step.record_id for plan in some]
    records = {
        record.pk: record
        for record in Record.objects.select_for_update(of=("self",))
        .select_related("endpoint")
        .filter(pk__in=ids)
        .order_by("pk")
    }
    busy, count = _busy(endpoint, [plan.step for plan in some]), 0
    for plan in some:
        record = records.get(plan.step.record_id)
        if plan.operation is None or record is None:
            continue
        problem = busy.get(record.pk) or _taken(plan, record)
        if problem:
            plan.operation, plan.values, plan.left = None, {}, [problem]
            continue
        _put_back(endpoint, plan, record, undo_run, who)
        count += 1
    return count


def _taken(plan: Plan, record: Record) -> str:
    if plan.operation is not Operation.RESTORE or record.deleted_at is None or record.external_id is None:
        return ""
    same = Record.objects.filter(
        endpoint_id=record.endpoint_id, external_id=record.external_id, deleted_at=None
    )
    return f"another record is called {record.external_id} by now" if same.exists() else ""


def _put_back(endpoint: EndpointSpec, plan: Plan, record: Record, undo_run: int, who: str) -> None:
    there: Mapping[str, Any] = record.values if record.base is None else record.base
    record.deleted_at = timezone.now() if plan.on_delete else None
    record.state, record.problem = SyncState.PENDING, ""
    renew(record, dict(there), Written(values=plan.values))
    queue = partial(
        outbox.add, endpoint.id, record.pk, request_id="", access_key=f"undo by {who}"[:63], undoes=undo_run
    )
    if plan.operation is Operation.DELETE:
        queue(Operation.DELETE, Written(), base=plan.base, on_delete=plan.on_delete)
        return
    queue(plan.operation or Operation.UPDATE, Written(values=plan.values), base=plan.base)
    if plan.on_delete:
        queue(Operation.DELETE, Written(), base={}, on_delete=plan.on_delete)
