"""Endpoints that a file no longer has. Where much is in them they are gone from the commit on, and what they held goes in portions: by a
run; or, where their mapping goes as well, here after the commit, and the mapping after that. Cut short there, the next time the file is
applied goes on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import ProtectedError

from endpoints import counts, moving, removing
from endpoints.configfile.places import Findings
from endpoints.configfile.plan import REMOVE, Step
from endpoints.configfile.turns import wait_for_others
from endpoints.configfile.write import remove
from endpoints.models import Endpoint
from mappings.models import ConfigVersion

_UNDER_ENDPOINTS = ("mapping", "connection", "table")


@dataclass
class Dropping:
    """What is left to be done after the commit: endpoints of which much is to be removed, and steps that come after that."""

    endpoints: list[int] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    def now(self, steps: Sequence[Step]) -> list[Step]:
        return [step for step in steps if step not in self.steps]

    def finish(self, findings: Findings) -> None:
        for one in self.endpoints:
            removing.remove_all(one)
        if not self.steps:
            return
        with transaction.atomic():
            wait_for_others()  # one that is applied now may be about to use what goes
            try:
                with transaction.atomic():
                    remove(self.steps)
            except ProtectedError:  # by another file or a person in admin, meanwhile
                findings.notes.append(
                    "something that goes is used again, and stays: apply the file once more"
                )
            ConfigVersion.bump()


def drop(steps: Sequence[Step], findings: Findings) -> Dropping:
    """Within the file's transaction. Of endpoints with little in them nothing is left after it."""
    removed = _names(steps, "endpoint")
    mappings = _names(steps, "mapping")
    # What a worker has yet to remove over a mapping that goes now. To be told to wait for that would be of no use where the hub
    # is just being started with the file: no worker comes before it is applied.
    going = removing.over(mappings)
    large = [one.pk for one in going if counts.total(one.pk) > removing.FEW]
    begun = set[str]()
    for endpoint in Endpoint.objects.filter(name__in=removed).select_related("mapping"):
        if counts.total(endpoint.pk) <= removing.FEW:
            continue
        name = endpoint.name
        begun.add(name)
        removing.give_up_waiting(endpoint)
        removing.begin(endpoint)
        if endpoint.mapping.name in mappings:
            large.append(endpoint.pk)
        else:
            removing.ask(endpoint, name, "hub_apply")
            findings.notes.append(f"what the hub held of {name} is removed by a worker: see Runs")
    moving.drop_records(set(removed) - begun)
    small = going.exclude(pk__in=large)
    with removing.alone(small):
        moving.drop_records(small.values_list("name", flat=True))
        small.delete()
    later = [step for step in steps if step.action == REMOVE and step.kind in _UNDER_ENDPOINTS]
    return Dropping(large, later if large else [])


def _names(steps: Sequence[Step], kind: str) -> Collection[str]:
    return [step.name for step in steps if step.kind == kind and step.action == REMOVE]
