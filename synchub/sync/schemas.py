"""The story of the schema cache: nightly, and when somebody asks, what Odoo says of its models is read anew.

Where fields have gone or changed, the mappings and endpoints concerned say so before their next run fails: see
`mappings.drift`.
"""

import logging
import time

from endpoints import registry
from endpoints.models import Endpoint
from mappings import domain_fields, domains, drift, schema
from mappings.clients import client_for
from mappings.drift import Drift
from mappings.models import Connection, Mapping, OdooModel, SchemaProblem, Severity
from synchub.errors import HubError, OdooError, OdooMisconfigured, OdooPermanent
from synchub.odoo import OdooClient
from synchub.sync import health

logger = logging.getLogger(__name__)

SECONDS = 600.0  # for one connection; what is left waits for the next night
MODELS = 500


def refresh_all() -> None:
    """Every connection that is not paused; one that fails stops no other."""
    for connection in Connection.objects.filter(paused_at=None):
        try:
            refresh(connection)
        except (HubError, OSError) as error:
            logger.warning("The fields of connection “%s” could not be read: %s", connection.name, error)


def refresh(connection: Connection) -> None:
    """Read names and fields of one connection, and note what no longer fits. Raises OdooError, ConfigurationError."""
    deadline = time.monotonic() + SECONDS
    try:
        with client_for(connection) as client:
            _names(connection, client)
            for model in _models(connection)[:MODELS]:
                if time.monotonic() > deadline:
                    logger.warning("Connection “%s”: reading the fields takes too long.", connection.name)
                    break
                _fields(connection, model, client)
    except OdooError as error:
        health.failed(connection.pk, error)
        raise
    health.answered(connection.pk)
    for endpoint in Endpoint.objects.filter(mapping__connection=connection).select_related("mapping"):
        _filters(endpoint)
    registry.clear()


def _names(connection: Connection, client: OdooClient) -> None:
    try:
        schema.refresh_names(connection, client)
    except OdooMisconfigured:
        raise
    except OdooPermanent as error:
        # Ordinary users may not see them; models can still be typed.
        logger.info("The models of connection “%s” cannot be listed: %s", connection.name, error.message)


def _models(connection: Connection) -> list[str]:
    """Those of mappings first: what was read for a picker once can wait."""
    used = Mapping.objects.filter(connection=connection).values_list("model", flat=True).distinct()
    kept = OdooModel.objects.filter(connection=connection).order_by("read_at").values_list("model", flat=True)
    return list(dict.fromkeys([*used, *kept]))


def _fields(connection: Connection, model: str, client: OdooClient) -> None:
    try:
        schema.refresh(connection, model, client)
    except OdooPermanent as error:
        for mapping in Mapping.objects.filter(connection=connection, model=model):
            text = f"Odoo does not tell the fields of {model}: {error.message}"
            kept = [one for one in mapping.schema_problems.filter(endpoint="") if one.line_id or one.field]
            drift.note(mapping, [*map(_again, kept), Drift(None, "", text, Severity.BROKEN)])


def _again(problem: SchemaProblem) -> Drift:
    return Drift(problem.line, problem.field, problem.text, Severity(problem.severity), problem.was)


def _filters(endpoint: Endpoint) -> None:
    """What the endpoint filters by: its domain and its parameters."""
    mapping = endpoint.mapping
    known = schema.fields_of(mapping.connection_id)
    fields = known(mapping.model)
    try:
        problems = domain_fields.problems(domains.parse(endpoint.domain), mapping.model, known)
    except domains.DomainError as error:
        problems = [str(error)]
    found = [
        Drift(None, "", f"The domain of endpoint “{endpoint.name}”: {one}", Severity.BROKEN)
        for one in problems
    ]
    found += [
        Drift(
            None,
            parameter.field,
            f"Parameter “{parameter.key}” of endpoint “{endpoint.name}”: {mapping.model} has no field "
            f"{parameter.field} any more; remove it, or let it filter by another field.",
            Severity.BROKEN,
        )
        for parameter in endpoint.parameters.all()
        if fields and parameter.field not in fields
    ]
    drift.note(mapping, found, endpoint.name)
