"""A live endpoint has no pull that would meet a field that is gone in Odoo: whoever asks meets it."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from endpoints import registry
from endpoints.registry import EndpointSpec
from mappings import outdated, schema
from mappings.models import Connection
from synchub.errors import ConfigurationError, NotReady, OdooPermanent, UnfitValue
from synchub.odoo import OdooClient

logger = logging.getLogger(__name__)


@contextmanager
def fitting(endpoint: EndpointSpec, client: OdooClient) -> Iterator[None]:
    """Around what is read while nothing is written yet. Where Odoo refuses that for fields which it has no more, or which are of another
    type by now, they are read anew, and the next request is answered. Raises NotReady, ConfigurationError."""
    try:
        yield
    except (OdooPermanent, UnfitValue) as error:
        if isinstance(error, OdooPermanent) and not outdated.is_outdated(endpoint.mapping, client):
            raise
        said = f"Endpoint “{endpoint.name}”: {error}"
        connection = Connection.objects.get(pk=endpoint.connection_id)
        try:
            for model in {model for model, _ in outdated.read_of(endpoint.mapping)}:
                schema.refresh(connection, model, client)
        except OdooPermanent:
            raise ConfigurationError(said) from error
        registry.clear()
        raise NotReady(f"{said}. Its fields have been read anew.") from error
