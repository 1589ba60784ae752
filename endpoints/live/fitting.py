"""A live endpoint has no pull that would meet a field that is gone in Odoo: whoever asks meets it."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from endpoints import registry
from endpoints.registry import EndpointSpec
from mappings import outdated, schema
from mappings.models import Connection
from synchub.errors import ConfigurationError, NotReady, OdooPermanent, UnfitValue
from synchub.odoo import OdooClient

logger = logging.getLogger(__name__)

READ_AGAIN = 60.0
"""Seconds for which an endpoint's fields are not read anew for a request, after that has mended nothing."""

_read_in_vain: dict[int, float] = {}
"""By endpoint, when that was, by this process's own clock."""


@contextmanager
def fitting(endpoint: EndpointSpec, client: OdooClient) -> Iterator[None]:
    """Around what is read while nothing is written yet. Where Odoo refuses that for fields which it has no more, or which are of another
    type by now, they are read anew, and the next request is answered. Raises NotReady; ConfigurationError where that mends nothing."""
    try:
        yield
    except (OdooPermanent, UnfitValue) as error:
        if isinstance(error, OdooPermanent) and not outdated.is_outdated(endpoint.mapping, client):
            raise
        said = f"Endpoint “{endpoint.name}”: {error}"
        if not read_anew(endpoint, client):
            raise ConfigurationError(said) from error
        raise NotReady(f"{said}. Its fields have been read anew.") from error


def read_anew(endpoint: EndpointSpec, client: OdooClient) -> bool:
    """Is the endpoint another one by now, which the fields that Odoo has may fit? Raises OdooError that may pass."""
    lately = time.monotonic() - _read_in_vain.get(endpoint.id, -READ_AGAIN) < READ_AGAIN
    if lately and not registry.has_changed(endpoint):
        return False
    connection = Connection.objects.get(pk=endpoint.connection_id)
    try:
        for model in {model for model, _ in outdated.read_of(endpoint.mapping)}:
            schema.refresh(connection, model, client)
    except OdooPermanent as error:
        logger.warning("The fields of “%s” cannot be read: %s", endpoint.name, error.message)
    registry.clear()
    if registry.has_changed(endpoint):  # also where another process has read them
        return True
    _read_in_vain[endpoint.id] = time.monotonic()
    return False
