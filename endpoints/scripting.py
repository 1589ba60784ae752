"""What scripts add to a write, while the consumer is listening. Endpoints without such lines pay nothing."""

from collections.abc import Mapping, Sequence
from typing import Any

from endpoints.incoming import New
from endpoints.registry import EndpointSpec
from mappings import scripted
from mappings.clients import client_for
from mappings.line_error import LineError
from mappings.models import Connection
from mappings.payload import Written
from mappings.relations import plain_values


def add_to_new(endpoint: EndpointSpec, payloads: Sequence[Mapping[str, Any]], new: Sequence[New]) -> None:
    """Put the scripts' values into new records. Raises LineError, with `index` where several were sent; OdooError."""
    if not endpoint.mapping.scripted_in:
        return
    try:
        made = _written(endpoint, [(payload, None) for payload in payloads])
    except LineError as error:
        error.index = error.index if len(new) != 1 else None
        raise
    for one, values in zip(new, made, strict=True):
        one.written.values.update(values)
        one.values.update(plain_values(values))


def add_to_change(
    endpoint: EndpointSpec, payload: Mapping[str, Any], written: Written, record: Mapping[str, Any]
) -> None:
    """Put the scripts' values into a change of `record` (canonical values with its Odoo id, empty where it has none yet)."""
    if not endpoint.mapping.scripted_in:
        return
    try:
        written.values.update(_written(endpoint, [(payload, record)])[0])
    except LineError as error:
        error.index = None
        raise


def _written(
    endpoint: EndpointSpec, requests: Sequence[tuple[Mapping[str, Any], Mapping[str, Any] | None]]
) -> list[dict[str, Any]]:
    with client_for(Connection.objects.get(pk=endpoint.connection_id)) as client:
        return scripted.written(endpoint.mapping, endpoint.connection_id, requests, client)
