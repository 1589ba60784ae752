"""The story of the schema cache: nightly, and when somebody asks, what Odoo says of its models is read anew.

Where fields have gone or changed, the mappings and endpoints concerned say so before their next run fails: see
`mappings.drift`.
"""

import logging
import time

from endpoints import registry
from endpoints.models import Endpoint, RunKind
from mappings import domain_fields, domains, drift, schema, wakeup
from mappings.clients import client_for
from mappings.drift import Drift
from mappings.models import Connection, Mapping, OdooModel, SchemaProblem, Severity
from synchub.errors import OdooError, OdooMisconfigured, OdooPermanent
from synchub.odoo import OdooClient
from synchub.sync import health
from synchub.sync.runs import RunLog

logger = logging.getLogger(__name__)

SECONDS = 600.0  # for one connection; what is left waits for the next night
MODELS = 500


def ask_for_all() -> None:
    """Of every connection that is not paused, each by itself: one that fails stops no other."""
    for pk in Connection.objects.filter(paused_at=None).values_list("pk", flat=True):
        if not wakeup.read_fields(pk, at_night=True):
            return


def refresh(connection: Connection) -> None:
    """Read names and fields of one connection, and note what no longer fits. Raises OdooError, ConfigurationError."""
    models = _models(connection)[:MODELS]
    with RunLog(None, RunKind.SCHEMA, len(models), connection_id=connection.pk) as run:
        untold = _read(connection, models, run)
        for endpoint in Endpoint.objects.filter(mapping__connection=connection).select_related("mapping"):
            _filters(endpoint)
        registry.clear()
        run.says(_outcome(connection, untold))


def _read(connection: Connection, models: list[str], run: RunLog) -> list[str]:
    """The models whose fields were not told."""
    deadline = time.monotonic() + SECONDS
    untold: list[str] = []
    try:
        with client_for(connection) as client:
            _names(connection, client)
            for place, model in enumerate(models):
                if time.monotonic() > deadline:
                    logger.warning("Connection “%s”: reading the fields takes too long.", connection.name)
                    untold += models[place:]
                    break
                changed = _fields(connection, model, client)
                run.progress(seen=1, changed=int(changed is True), failed=int(changed is None))
                untold += [model] if changed is None else []
    except OdooError as error:
        health.failed(connection.pk, error)
        raise
    health.answered(connection.pk)
    return untold


def _outcome(connection: Connection, untold: list[str]) -> str:
    """What came of it, for a person."""
    found = SchemaProblem.objects.filter(mapping__connection=connection)
    concerned = sorted(set(found.values_list("mapping__name", flat=True)))
    said = f"Odoo did not tell the fields of {', '.join(untold[:5])}. " if untold else ""
    if not concerned:
        return f"{said}Every mapping fits what Odoo has."
    names = ", ".join(f"“{name}”" for name in concerned[:5])
    more = f" and {len(concerned) - 5} more" if len(concerned) > 5 else ""
    which = f"{'mapping' if len(concerned) == 1 else 'mappings'} {names}{more}"
    return f"{said}Look at {which}: what Odoo has no longer fits there."


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


def _fields(connection: Connection, model: str, client: OdooClient) -> bool | None:
    """Whether they have changed; None where Odoo does not tell them."""
    known = schema.fields_of(connection.pk)(model)
    try:
        return bool(schema.refresh(connection, model, client).fields != known)
    except OdooPermanent as error:
        for mapping in Mapping.objects.filter(connection=connection, model=model):
            text = f"Odoo does not tell the fields of {model}: {error.message}"
            kept = [one for one in mapping.schema_problems.filter(endpoint="") if one.line_id or one.field]
            drift.note(mapping, [*map(_again, kept), Drift(None, "", text, Severity.BROKEN)])
        return None


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
