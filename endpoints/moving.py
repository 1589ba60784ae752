"""Endpoints whose records come from elsewhere from now on: another database, connection or model.

The hub's copies, their ids and whatever was noted by these belong to where they came from.
"""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Count, Q

from endpoints.models import Change, Conflict, Difference, Endpoint, Footprint, Match, Record, Touched
from endpoints.models.queue import OPEN
from endpoints.registry import EndpointSpec
from synchub.errors import HubError

_HELD = (Touched, Match, Conflict, Difference, Change, Record)


class Moved(HubError):
    """What was read of an endpoint is of another database or model than its records come from by now."""


def hold(endpoint: EndpointSpec, database: str) -> None:
    """What was read from there may be merged: until the caller's transaction ends, the endpoint's records still come from
    there. Raises Moved where they no longer do."""
    # The lock that a new record takes anyhow, before anything is looked at.
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM endpoints_endpoint WHERE id = %s FOR KEY SHARE", [endpoint.id])
    still = Endpoint.objects.filter(
        pk=endpoint.id,
        mapping__model=endpoint.mapping.model,
        mapping__connection=endpoint.connection_id,
        mapping__connection__database=database,
    )
    if not still.exists():
        raise Moved(f"“{endpoint.name}” shows records from elsewhere by now, which are read anew.")


def waiting(endpoints: Iterable[str]) -> dict[str, int]:
    """How many changes of these endpoints have yet to reach Odoo, where there are any.

    The endpoints are locked first, so that no change is accepted between the count and the commit.
    """
    locked = [row.pk for row in Endpoint.objects.select_for_update().filter(name__in=list(endpoints))]
    counted = (
        Endpoint.objects.filter(pk__in=locked)
        .annotate(open=Count("changes", filter=Q(changes__state__in=OPEN)))
        .values_list("name", "open")
    )
    return {name: count for name, count in counted if count}


def drop_records(endpoints: Iterable[str]) -> None:
    """All copies of these endpoints' records, with their changes. In a statement for each table, however many there are."""
    names = list(endpoints)
    of_records = Footprint.objects.filter(record__in=Record.objects.filter(endpoint__name__in=names))
    for rows in (of_records, *(model._base_manager.filter(endpoint__name__in=names) for model in _HELD)):
        rows._raw_delete(using=rows.db)
