"""What a change of the configuration means for existing records and changes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from endpoints import pulls
from endpoints.configfile.items import Config
from endpoints.configfile.nesting import with_nested
from endpoints.models import Endpoint, Mode


@dataclass(frozen=True)
class Reading:
    """What an endpoint reads: the source, to which its records' ids belong, and what of it.

    The address is not part of it, since a server that moves takes its database along. A live endpoint stores nothing.
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
    """Makes the next pull of these endpoints read everything again, and makes it due."""
    pulls.start_over(_ids(endpoints))


def pull_soon(endpoints: Iterable[str]) -> None:
    """Makes a pull due: a shorter interval counts from now, not from the end of the longer one."""
    pulls.now(_ids(endpoints))


def _ids(endpoints: Iterable[str]) -> list[int]:
    return list(Endpoint.objects.filter(name__in=list(endpoints)).values_list("pk", flat=True))
