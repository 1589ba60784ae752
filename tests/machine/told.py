"""Who has said what of which value, and whether what is there in the end fits. It knows the outbox, and nothing of how it works.

Each value is told once only, so that where it stands says whose it is.
"""

from dataclasses import dataclass, field
from typing import Any

from endpoints.models import Change
from endpoints.outbox import GAVE_WAY

Values = dict[str, Any]
ODOO = "Odoo"


@dataclass
class Said:
    """One value of one field, told by a consumer (`change`) or by somebody in Odoo (`thing`)."""

    step: int
    name: str
    value: Any
    change: int = 0
    thing: int = 0
    settled: int | None = None
    """The step after which its change was seen to be in Odoo."""


@dataclass
class Told:
    said: list[Said] = field(default_factory=list)
    taken: dict[int, int] = field(default_factory=dict)
    """By change: the record of Odoo's that its record was then known to be."""

    def by_consumer(self, step: int, change: int, values: Values, odoo_id: int | None) -> None:
        self.said += [Said(step, name, value, change=change) for name, value in values.items()]
        if odoo_id is not None:
            self.taken[change] = odoo_id

    def in_odoo(self, step: int, thing: int, values: Values) -> None:
        self.said += [Said(step, name, value, thing=thing) for name, value in values.items()]

    def settled(self, step: int) -> None:
        waiting = {one.change for one in self.said if one.change and one.settled is None}
        done = set(Change.objects.filter(pk__in=waiting, state="applied").values_list("pk", flat=True))
        for one in self.said:
            if one.change in done and one.settled is None:
                one.settled = step

    def judge(self, things: dict[int, Values]) -> None:
        """Nothing is lost, nothing is where it does not belong."""
        changes = {
            one.pk: one
            for one in Change.objects.filter(
                pk__in={one.change for one in self.said if one.change}
            ).select_related("record", "endpoint")
        }
        for change in changes.values():
            assert change.state != "discarded" or change.error, f"{change.pk} is discarded without a word"
            meant, got = self.taken.get(change.pk), change.record.odoo_id
            assert meant in (None, got), f"{change.pk} was about {meant} and went to {got}"
        for thing, values in things.items():
            for name, value in values.items():
                of_it = [
                    one for one in self.said if one.name == name and self._is_about(one, thing, changes)
                ]  # fmt: skip
                self._judge(thing, name, value, of_it, changes)

    def _is_about(self, one: Said, thing: int, changes: dict[int, Change]) -> bool:
        """What was sent of a new record and discarded unheard, may be any of Odoo's."""
        if one.change not in changes:
            return one.thing == thing
        change = changes[one.change]
        return change.record.odoo_id in (thing, None if change.state == "discarded" else thing)

    def _judge(self, thing: int, name: str, value: Any, said: list[Said], changes: dict[int, Change]) -> None:
        told = "\n".join(
            f"  {one} {changes[one.change].state if one.change in changes else ODOO}" for one in said
        )
        where = f"{name} of {thing} is {value!r}, of\n{told}\n"
        if value is None or (not said and name == "name"):
            assert not any(self._claims(one, name, changes) for one in said), f"lost: {where}"
            return
        there = [one for one in said if one.value == value]
        assert there, f"nobody said so: {where}"
        one = there[-1]
        for other in said[said.index(one) + 1 :]:
            if other.thing:
                assert not one.thing, f"an older value of Odoo's: {where}"
                assert (one.settled or 0) >= other.step, f"Odoo's later edit is lost: {where}"
            elif self._claims(other, name, changes):
                assert one.thing, f"an older write is there: {where}"
                assert one.step >= (other.settled or 0), f"said to be in Odoo: {where}"

    def _claims(self, one: Said, name: str, changes: dict[int, Change]) -> bool:
        """Does the hub say that it has written this?"""
        change = changes.get(one.change)
        if change is None:
            return False
        return (
            change.state == "applied"
            and name in change.values
            and name not in ((change.base or {}).get(GAVE_WAY) or [])
        )
