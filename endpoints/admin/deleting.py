"""Deleting an endpoint: never while accepted writes wait, and without loading all it holds into memory."""

from django.db import transaction

from endpoints import moving
from endpoints.models import Change, Endpoint, Record, Run
from endpoints.models.queue import OPEN

_FEW = 10_000


def waiting(endpoint: Endpoint) -> int:
    """How many accepted writes have not reached Odoo. Inside a transaction no further one can be accepted after this."""
    if transaction.get_connection().in_atomic_block:
        Endpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
    return Change.objects.filter(endpoint=endpoint, state__in=OPEN).count()


def goes_along(endpoint: Endpoint) -> list[str]:
    """What is deleted with it, as sentences."""
    records = Record.objects.filter(endpoint=endpoint)[: _FEW + 1].count()
    failed = Change.objects.filter(endpoint=endpoint, state="failed").count()
    told = [
        f"{'more than ' if records > _FEW else ''}{min(records, _FEW):,} records of the hub's copy; Odoo keeps its own"
    ]
    if failed:
        told.append(f"{failed:,} changes that Odoo refused and that nobody has sent again")
    told += ["its parameters and access keys", "its changes and runs so far"]
    return told


def delete(endpoint: Endpoint) -> None:
    with transaction.atomic():
        moving.drop_records([endpoint.name])
        Run.objects.filter(endpoint=endpoint).delete()
        endpoint.delete()
