"""From an endpoint's rows to its spec."""

import logging
from collections.abc import Iterable

from limits import RateLimitItem

from endpoints import rates
from endpoints.models import AccessGrant, AccessKey, Endpoint
from endpoints.registry.specs import ActionSpec, EndpointSpec, KeySpec, ParameterSpec
from mappings import domain_fields, domains, schema
from mappings.compile import compile_mapping
from synchub.addresses import networks_of
from synchub.errors import ConfigurationError, HubError

logger = logging.getLogger(__name__)


class UnknownEndpoint(HubError):
    """No endpoint of that name is enabled."""


def compile_endpoint(name: str) -> EndpointSpec:
    endpoint = (
        Endpoint.objects.select_related("mapping__connection")
        .prefetch_related(
            "mapping__lines__nested__connection",
            "mapping__lines__table__rows",
            "parameters",
            "actions",
            "grants__key",
        )
        .filter(name=name, enabled=True)
        .first()
    )
    if endpoint is None:
        raise UnknownEndpoint(f"There is no endpoint “{name}”.")
    grants = [grant for grant in endpoint.grants.all() if grant.key.enabled]
    # Where two have the same token or login, the endpoint's own is meant.
    grants.sort(key=lambda grant: grant.key.endpoint_id is not None)
    known = schema.known_fields(endpoint.mapping)
    # One whose field Odoo has no more is refused, as a line is, and stops nothing else.
    parameters = [one for one in endpoint.parameters.all() if one.field in known]
    kept = {name for grant in grants for name in grant.fields_of_rows() if name in known}
    mapping = compile_mapping(endpoint.mapping, [*(parameter.field for parameter in parameters), *kept])
    keys = _keys(grants, endpoint)
    return EndpointSpec(
        id=endpoint.pk,
        name=endpoint.name,
        mapping=mapping,
        connection_id=endpoint.mapping.connection_id,
        mode=endpoint.mode,
        methods=frozenset(endpoint.methods),
        auth=endpoint.auth,
        tokens={
            digest: spec
            for key, spec in keys.items()
            if not key.login
            for digest in (spec.old_secret, spec.secret)
            if digest
        },
        logins={key.login: spec for key, spec in keys.items() if key.login},
        moving_domain=domain_of(endpoint),
        time_zone=endpoint.mapping.connection.time_zone,
        parameters=tuple(
            ParameterSpec(parameter.key, mapping.by_field[parameter.field], parameter.operator)
            for parameter in parameters
        ),
        lost_parameters=frozenset(one.key for one in endpoint.parameters.all() if one.field not in known),
        limit=endpoint.limit,
        rate_per_address=_rate(endpoint.rate_per_address),
        rate_per_key=_rate(endpoint.rate_per_key),
        on_delete=endpoint.on_delete,
        conflicts=endpoint.conflicts,
        chatter=endpoint.chatter,
        require_if_match=endpoint.require_if_match,
        put_creates=endpoint.put_creates,
        post_updates=endpoint.post_updates,
        actions={
            one.name: ActionSpec(one.name, one.method, frozenset(one.parameters), one.repeatable)
            for one in endpoint.actions.all()
        },
    )


def _keys(grants: Iterable[AccessGrant], endpoint: Endpoint) -> dict[AccessKey, KeySpec]:
    """Without those whose rows cannot be read: such a key opens nothing, and the others are not concerned."""
    found = {}
    for grant in grants:
        try:
            found[grant.key] = _key(grant, endpoint)
        except ConfigurationError as error:
            logger.warning("An access key is left out: %s", error)
    return found


def _key(grant: AccessGrant, endpoint: Endpoint) -> KeySpec:
    key = grant.key
    return KeySpec(
        id=key.pk,
        name=key.name,
        login=key.login,
        secret=key.password_hash if key.login else key.token_digest,
        old_secret=key.old_secret,
        old_until=key.old_until,
        expires_at=key.expires_at,
        networks=networks_of(key.addresses),
        rate=None if key.rate in ("", rates.NONE) else rates.parse(key.rate),
        has_own_rate=bool(key.rate),
        methods=frozenset(grant.methods),
        read=tuple(grant.read),
        write=tuple(grant.write),
        domain=_bound(
            grant.domain, endpoint, f"The rows of access key “{key.name}” at endpoint “{endpoint.name}”"
        ),
    )


def _rate(text: str | None) -> RateLimitItem | None:
    return rates.parse(text) if text else None


def domain_of(endpoint: Endpoint) -> domains.Domain:
    """Its domain, with relative dates as they were written. Raises ConfigurationError."""
    domain = _bound(endpoint.domain, endpoint, f"The domain of endpoint “{endpoint.name}”")
    return domains.as_searched(endpoint.mapping.model, domain)


def _bound(text: str, endpoint: Endpoint, what: str) -> domains.Domain:
    mapping = endpoint.mapping
    try:
        domain = domains.parse(text)
    except domains.DomainError as error:
        raise ConfigurationError(f"{what}: {error}") from error
    return domain_fields.bind(domain, mapping.model, schema.fields_of(mapping.connection_id))
