"""What the hub and Odoo have to show after each step, in as few words as can be. Pure; it knows nothing of how.

A `Thing` is a record in Odoo, a `Rec` what the hub has of one. Values are by Odoo field.
"""

from dataclasses import dataclass, field
from typing import Any

Values = dict[str, Any]


@dataclass
class Thing:
    id: int
    values: Values
    active: bool = True
    made_by: str = field(default="", compare=False)
    """The handle of the record of the hub's that it was created for."""

    @property
    def ref(self) -> str:
        return str(self.values["ref"])


@dataclass
class Write:
    operation: str
    values: Values
    base: Values = field(default_factory=dict)
    """What the hub knew of Odoo when the consumer wrote; empty where it knew nothing."""
    sent: bool = False


@dataclass
class Rec:
    handle: str
    shown: Values
    odoo_id: int | None = None
    known: Values | None = None
    """What the hub believes that Odoo has."""
    pending: list[Write] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    """The fields that refused writes had."""
    deleted: bool = False
    named: bool = True
    state: str = "pending"

    @property
    def written(self) -> Values:
        found: Values = {}
        for write in self.pending:
            found |= write.values
        return found


class Model:
    def __init__(self, *, policy: str, on_delete: str) -> None:
        self.policy, self.on_delete = policy, on_delete
        self.things: dict[int, Thing] = {}
        self.recs: list[Rec] = []

    # what a consumer sees and does -----------------------------------------------------------------------------

    def live(self, name: str) -> Rec | None:
        return next(
            (one for one in self.recs if not one.deleted and one.named and one.shown["ref"] == name), None
        )

    def answers(self) -> dict[str, Values]:
        """By name: what a GET of one shows."""
        return {one.shown["ref"]: one.shown for one in self.recs if not one.deleted and one.named}

    def shown(self) -> list[Values]:
        """What a list shows: also those that have to do without a name."""
        return [one.shown for one in self.recs if not one.deleted]

    def left_behind(self, name: str) -> bool:
        """Deleted here, left in Odoo and not there yet under that name: whoever takes it waits, and that takes two rounds."""
        return self.on_delete == "ignore" and any(
            rec.deleted
            and rec.shown["ref"] == name
            and any(one.operation == "create" or "ref" in one.values for one in rec.pending)
            for rec in self.recs
        )

    def posted(self, handle: str, values: Values) -> None:
        self.recs.append(Rec(handle, {"city": None, **values}, pending=[Write("create", dict(values))]))

    def put(self, rec: Rec, values: Values) -> None:
        # What was refused last is shown, and is not what Odoo will have. That null is shown of what a new record was sent
        # without says nothing, nor does null that is sent back.
        unsaid = rec.refused - set(rec.written)
        changed = {
            name: value for name, value in values.items() if rec.shown[name] != value or name in unsaid
        }
        if not changed:
            return
        if rec.known is None and rec.odoo_id is not None:
            rec.known = dict(rec.shown)
        base = {name: rec.known[name] for name in changed} if rec.known else {}
        rec.shown |= changed
        rec.pending.append(Write("update", changed, base))
        rec.state = "pending"
        self._inherited()

    def deleted(self, rec: Rec) -> None:
        rec.deleted = True
        if self.on_delete != "ignore":
            rec.pending.append(Write("delete", {}))
            rec.state = "pending"
        self._inherited()

    # what a push makes of it --------------------------------------------------------------------------------------

    def target(self, rec: Rec) -> Thing | None:
        """The record of Odoo's that it is about: the one it has, else the one of its name that nobody is leaving."""
        if rec.odoo_id is not None:
            return self.things.get(rec.odoo_id)
        own = next((t for t in self.things.values() if rec.handle and t.made_by == rec.handle), None)
        if own is not None or any(write.operation == "delete" for write in rec.pending):
            return own
        name = rec.written.get("ref", rec.shown["ref"])
        leaving = {other.odoo_id for other in self.recs if other is not rec and self._gives_up(other, name)}
        # Created for another one, which has not heard of it yet.
        unheard = {
            other.handle
            for other in self.recs
            if other is not rec
            and other.pending
            and other.odoo_id is None
            and not self._comes_back(other, name)
        }
        return next(
            (
                t
                for t in self.things.values()
                if t.ref == name and t.id not in leaving and not (t.made_by and t.made_by in unheard)
            ),
            None,
        )

    def _gives_up(self, rec: Rec, name: Any) -> bool:
        """Is the name to be free in Odoo? What is about to be archived under it is taken out of the archive again."""
        if rec.shown["ref"] != name and any("ref" in write.values for write in rec.pending):
            return True
        return any(write.operation == "delete" for write in rec.pending) and not self._comes_back(rec, name)

    def _comes_back(self, rec: Rec, name: Any) -> bool:
        deleted = any(write.operation == "delete" for write in rec.pending)
        return deleted and self.on_delete == "archive" and rec.shown["ref"] == name

    def result(self, rec: Rec, thing: Thing | None) -> tuple[str, Values | None, bool]:
        """(nothing | failed | gone | there, values in Odoo, active there) once its changes are carried out."""
        operations = {write.operation for write in rec.pending}
        if "delete" in operations:
            if thing is None or self.on_delete == "unlink":
                return "gone", None, False
            return "gone", self._written_over(rec, thing), False
        if thing is None:
            if rec.odoo_id is not None:
                return "failed", None, False
            return "there", {"city": None, **rec.written}, True
        revived = "create" in operations
        return "there", self._written_over(rec, thing), thing.active or revived

    def _written_over(self, rec: Rec, thing: Thing) -> Values:
        return thing.values | {
            name: wanted for name, wanted in rec.written.items() if not self._lost(rec, thing, name, wanted)
        }

    def _lost(self, rec: Rec, thing: Thing, name: str, wanted: Any) -> bool:
        """Odoo changed it as well, and wins."""
        current = thing.values[name]
        bases = [write.base[name] for write in rec.pending if name in write.base]
        own = [write.values[name] for write in rec.pending if write.sent and name in write.values]
        first = rec.pending[0]
        if rec.odoo_id is None and thing.made_by == rec.handle and first.operation == "create":
            # Made by an attempt that was not heard of: whoever changed it since changed what it was made with.
            bases = [first.values[name]] if name in first.values and name != "ref" else bases
        if not bases or current in (bases[0], wanted, *own):
            return False
        return self.policy == "odoo"

    def settled(self, rec: Rec, outcome: str, thing: Thing | None, odoo_id: int | None) -> None:
        """The changes of a record are over; `thing` is what Odoo has of it now, `odoo_id` what it was there."""
        refused = set(rec.written)
        rec.pending.clear()
        if outcome == "failed":
            rec.refused |= refused
            rec.state = "failed"
            return
        rec.state = "synced"
        if odoo_id is not None:
            rec.odoo_id = odoo_id
            for other in [o for o in self.recs if o is not rec and o.odoo_id == odoo_id]:
                self.recs.remove(other)  # a copy, or what was deleted here before
        if thing is not None and not rec.deleted:
            rec.known, rec.shown = dict(thing.values), dict(thing.values)

    # what a pull, and a search for deletions, make of it ---------------------------------------------------------------

    def pulled(self) -> None:
        by_id = {rec.odoo_id: rec for rec in self.recs if rec.odoo_id is not None}
        for thing in sorted(self.things.values(), key=lambda one: one.id):
            if not thing.active:
                continue
            rec = by_id.get(thing.id) or self._created_unheard(thing)
            if rec is None:
                waiting = self.live(thing.ref)
                if waiting is not None and waiting.odoo_id is None:
                    rec, waiting.odoo_id = waiting, thing.id
            if rec is None:
                named = self.live(thing.ref) is None
                self.recs.append(
                    Rec("", dict(thing.values), thing.id, dict(thing.values), named=named, state="synced")
                )
            elif not rec.deleted:
                rec.known = dict(thing.values)
                rec.shown = thing.values | rec.written
                rec.named = rec.named or self.live(thing.ref) is None

    def _created_unheard(self, thing: Thing) -> Rec | None:
        for rec in self.recs:
            sent = any(write.sent for write in rec.pending)
            if rec.handle and rec.handle == thing.made_by and rec.odoo_id is None and sent:
                rec.odoo_id = thing.id
                return rec
        return None

    def searched_for_deletions(self) -> None:
        for rec in self.recs:
            gone = rec.odoo_id is not None and not getattr(self.things.get(rec.odoo_id), "active", False)
            if gone and not rec.pending and not rec.deleted:
                rec.deleted = True
        self._inherited()

    def _inherited(self) -> None:
        """Whoever had to do without a name gets it once it is free."""
        for rec in self.recs:
            if not rec.deleted and not rec.named and self.live(rec.shown["ref"]) is None:
                rec.named = True
