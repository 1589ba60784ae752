"""What a change of the configuration means for the records and changes that are there already."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db.models import Count, Q

from endpoints import pulls
from endpoints.configfile.items import Config
from endpoints.configfile.nesting import with_nested
from endpoints.models import Change, Endpoint, Record
from endpoints.models.queue import OPEN


@dataclass(frozen=True)
class Reading:
    """What an endpoint reads: from where (its records' ids belong to that), and which of it.

    The address is no part of it: a server that moves takes its database along.
    """

    connection: str
    database: str
    model: str
    what: str

    def is_elsewhere(self, other: "Reading") -> bool:
        return replace(self, what="") != replace(other, what="")


def readings(config: Config) -> dict[str, Reading]:
    result = {}
    for endpoint in (config.endpoints or {}).values():
        mapping = (config.mappings or {})[endpoint.mapping]
        lines = [item.lines for item in with_nested(config.mappings or {}, mapping.name)]
        names = sorted({line.table for some in lines for line in some if line.table})
        tables = [(config.tables or {})[name] for name in names]
        what = repr((lines, tables, endpoint.domain, endpoint.parameters))
        database = (config.connections or {})[mapping.connection].database
        result[endpoint.name] = Reading(mapping.connection, database, mapping.model, what)
    return result


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
    """All copies of these endpoints' records, with their changes. In two statements, however many there are."""
    for model in (Change, Record):
        rows = model._base_manager.filter(endpoint__name__in=list(endpoints))
        rows._raw_delete(using=rows.db)


def read_anew(endpoints: Iterable[str]) -> None:
    """The next pull of these endpoints walks everything again, and is due."""
    pulls.start_over(_ids(endpoints))


def pull_soon(endpoints: Iterable[str]) -> None:
    """A shorter interval counts from now, not from the end of the longer one."""
    pulls.now(_ids(endpoints))


def _ids(endpoints: Iterable[str]) -> list[int]:
    return list(Endpoint.objects.filter(name__in=list(endpoints)).values_list("pk", flat=True))
