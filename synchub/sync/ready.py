"""Making an endpoint ready to work: its model's fields have to be known."""

import logging

from endpoints import registry
from endpoints.models import Endpoint, PullState
from mappings import domain_fields, domains, schema
from mappings.clients import client_for
from synchub.errors import HubError, OdooError
from synchub.odoo import OdooClient
from synchub.sync import health

logger = logging.getLogger(__name__)


def read_fields(name: str) -> bool:
    """Read the fields of the endpoint's models from Odoo. False: Odoo did not tell; the connection says why."""
    endpoint = Endpoint.objects.select_related("mapping__connection").get(name=name)
    connection, models = endpoint.mapping.connection, endpoint.mapping.models_involved()
    try:
        with client_for(connection) as client:
            for model in models:
                schema.refresh(connection, model, client)
            _read_paths(endpoint, client)
    except OdooError as error:
        note_problem(endpoint.pk, error.message)
        if connection.paused_at is None:
            health.failed(connection.pk, error)
        return False
    registry.clear()
    return True


def _read_paths(endpoint: Endpoint, client: OdooClient) -> None:
    """The models that the domain's dotted paths lead through, one level after the other."""
    connection, read = endpoint.mapping.connection, set[str]()
    domain = domains.parse(endpoint.domain)
    while models := (
        domain_fields.unread(domain, endpoint.mapping.model, schema.fields_of(connection.pk)) - read
    ):
        for model in models:
            schema.refresh(connection, model, client)
        read |= models


def told(error: BaseException, *, again: bool = True) -> str:
    """For a person: what kept the hub from doing something, which nothing of its own was prepared for. `again`: it will try."""
    if isinstance(error, HubError):
        return str(error)
    first = str(error).strip().partition("\n")[0][:500]
    return (
        f"The hub itself failed at it ({type(error).__name__}{': ' if first else ''}{first}). {'It is tried again; the' if again else 'The'} "
        "log of the worker has more, for whoever mends the hub."
    )


def note_problem(endpoint_id: int, problem: str) -> None:
    logger.error("Endpoint %s cannot work: %s", endpoint_id, problem)
    PullState.objects.filter(endpoint_id=endpoint_id).update(last_error=problem)
