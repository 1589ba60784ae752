"""What is wrong with a grant, said before it is saved."""

from typing import TYPE_CHECKING

from django.db.models import Q

from endpoints import scope
from mappings import domain_fields, domains, schema
from mappings.models import Mapping

if TYPE_CHECKING:
    from endpoints.models.grant import AccessGrant


def problems(grant: "AccessGrant") -> dict[str, list[str]]:
    """Sentences by field."""
    found: dict[str, list[str]] = {}
    if not grant.endpoint_id:
        return found
    key = grant.key
    if (
        not key.endpoint_id
        and grant.endpoint.keys.filter(Q(name=key.name) | (Q(login=key.login) & ~Q(login=""))).exists()
    ):
        found["endpoint"] = [
            f"This endpoint has an access key “{key.name}” of its own, or one with the same login."
        ]
    keys = [line.key for line in grant.endpoint.mapping.lines.all()]
    parameters = [parameter.key for parameter in grant.endpoint.parameters.all()]
    for name, known in (("read", [*keys, *parameters]), ("write", keys)):
        unknown = [key for key in getattr(grant, name) if not any(_covers(key, one) for one in known)]
        if unknown:
            found[name] = [
                f"The mapping has no key {', '.join(f'“{one}”' for one in unknown)}. It has: {', '.join(keys)}."
            ]
    wrong = domain_problems(grant.domain, grant.endpoint.mapping)
    if wrong:
        found["domain"] = wrong
    return found


def domain_problems(text: str, mapping: Mapping) -> list[str]:
    try:
        domain = domains.parse(text)
    except domains.DomainError as error:
        return [str(error)]
    known = schema.fields_of(mapping.connection_id)
    relations = {name for name, facts in known(mapping.model).items() if facts.get("relation")}
    return domain_fields.problems(domain, mapping.model, known) or scope.problems(domain, relations)


def _covers(key: str, line: str) -> bool:
    return line == key or line.startswith(f"{key}.")
