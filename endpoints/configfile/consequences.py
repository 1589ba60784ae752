"""What a change of the configuration means for the records and changes that are there already."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from endpoints import pulls
from endpoints.configfile.items import Config
from endpoints.configfile.nesting import with_nested
from endpoints.models import Endpoint, Mode


@dataclass(frozen=True)
class Reading:
    """What an endpoint reads: from where (its records' ids belong to that), and which of it.

    The address is no part of it: a server that moves takes its database along. A live endpoint keeps nothing of what it reads.
    """

    connection: str
    database: str
    model: str
    what: str
    is_kept: bool

    def is_elsewhere(self, other: "Reading") -> bool:
        return replace(self, what="", is_kept=True) != replace(other, what="", is_kept=True)


def readings(config: Config) -> dict[str, Reading]:
    result = {}
    for endpoint in (config.endpoints or {}).values():
        mapping = (config.mappings or {})[endpoint.mapping]
        lines = [item.lines for item in with_nested(config.mappings or {}, mapping.name)]
        names = sorted({line.table for some in lines for line in some if line.table})
        tables = [(config.tables or {})[name] for name in names]
        source = (config.connections or {})[mapping.connection]
        shown = (source.language, source.company)
        what = repr((lines, tables, endpoint.domain, endpoint.parameters, shown))
        result[endpoint.name] = Reading(
            mapping.connection, source.database, mapping.model, what, is_kept=endpoint.mode == Mode.MIRROR
        )
    return result


def read_anew(endpoints: Iterable[str]) -> None:
    """The next pull of these endpoints walks everything again, and is due."""
    pulls.start_over(_ids(endpoints))


def pull_soon(endpoints: Iterable[str]) -> None:
    """A shorter interval counts from now, not from the end of the longer one."""
    pulls.now(_ids(endpoints))


def _ids(endpoints: Iterable[str]) -> list[int]:
    return list(Endpoint.objects.filter(name__in=list(endpoints)).values_list("pk", flat=True))
