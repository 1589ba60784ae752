"""Deleting an endpoint: never while accepted writes wait, and however much it holds."""

import time

from endpoints import removing
from endpoints.models import Change, Endpoint, Record

AT_ONCE_SECONDS = 3.0
"""What is gone by then needs no worker, and nobody has to look for it afterwards."""


def goes_along(endpoint: Endpoint) -> list[str]:
    """What is deleted with it, as sentences."""
    records = Record.objects.filter(endpoint=endpoint)[: removing.FEW + 1].count()
    failed = Change.objects.filter(endpoint=endpoint, state="failed").count()
    many = records > removing.FEW
    told = [
        f"{'more than ' if many else ''}{min(records, removing.FEW):,} records of the hub's copy; Odoo keeps its own"
    ]
    if failed:
        told.append(f"{failed:,} changes that Odoo refused and that nobody has sent again")
    told += ["its parameters and access keys", "its changes and runs so far"]
    if many:
        told.append(
            "Consumers are answered 404 at once; its records leave the hub in the background after that, see Runs"
        )
    return told


def remove(endpoint: Endpoint, called: str, who: str) -> bool:
    """Of one that is gone for everybody, by a commit: whoever holds a record of it waits for nothing of this then. `called` is the
    name that it had. False: a worker removes the rest."""
    deadline, place = time.monotonic() + AT_ONCE_SECONDS, removing.Place()
    while time.monotonic() < deadline:
        _, further = removing.portion(endpoint.pk, place)
        if further is None and removing.finish(endpoint.pk):
            return True
        place = further or removing.Place()
    removing.ask(endpoint, called, who)
    return False
