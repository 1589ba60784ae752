"""Where an endpoint's answers come from: the mirror, or Odoo itself. The views know only this."""

from endpoints import access
from endpoints.api.sources.guarded import Guarded
from endpoints.api.sources.live import Live
from endpoints.api.sources.mirror import Mirror
from endpoints.api.sources.source import Payload, Source
from endpoints.models import Mode
from endpoints.registry import EndpointSpec

__all__ = ["Payload", "Source", "source_of"]

_SOURCES: dict[str, Source] = {Mode.MIRROR: Mirror(), Mode.LIVE: Live()}


def source_of(endpoint: EndpointSpec) -> Source:
    """As far as whoever the endpoint was handed to may use it."""
    source, mine = _SOURCES[endpoint.mode], access.of(endpoint, None)
    return Guarded(source, mine) if mine.is_restricted else source
