"""Deleting an endpoint of any size, but never while accepted writes wait."""

import time

from endpoints import removing
from endpoints.models import Change, Endpoint, Record

AT_ONCE_SECONDS = 3.0
"""What can be removed within this time needs no worker."""


def goes_along(endpoint: Endpoint) -> list[str]:
    """What is deleted along with it, as sentences."""
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
    """Removes what an endpoint held, once it is gone for everybody and that is committed, so that nobody waits for this.

    `called` is the name that it had. False: a worker removes the rest.
    """
    deadline, place = time.monotonic() + AT_ONCE_SECONDS, removing.Place()
    while time.monotonic() < deadline:
        _, further = removing.portion(endpoint.pk, place)
        if further is None and removing.finish(endpoint.pk):
            return True
        place = further or removing.Place()
    removing.ask(endpoint, called, who)
    return False
