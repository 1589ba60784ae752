"""What can be told of an endpoint beside its mapping, as far as Odoo's fields are known."""

from typing import TYPE_CHECKING

from endpoints.models.choices import Method, Mode, OnDelete
from mappings import domain_fields, domains, schema
from mappings.archive import archive_field
from mappings.models import Direction, Kind

if TYPE_CHECKING:
    from endpoints.models.endpoint import Endpoint


def mapping_problems(endpoint: "Endpoint") -> dict[str, str | list[str]]:
    """By field of the endpoint, what does not go with its mapping."""
    errors: dict[str, str | list[str]] = {}
    lines = list(endpoint.mapping.lines.all())
    if not any(line.identifier for line in lines):
        errors["mapping"] = (
            f"Mapping “{endpoint.mapping}” has no identifier yet: mark the line that names a record."
        )
    fields = schema.known_fields(endpoint.mapping)
    try:
        domain = domains.parse(endpoint.domain)
    except domains.DomainError as error:
        errors["domain"] = str(error)
    else:
        known = schema.fields_of(endpoint.mapping.connection_id)
        problems = domain_fields.problems(domain, endpoint.mapping.model, known)
        if problems:
            errors["domain"] = problems
    if (
        endpoint.on_delete == OnDelete.ARCHIVE
        and Method.DELETE in endpoint.methods
        and fields
        and not archive_field(fields)
    ):
        errors["on_delete"] = (
            f"{endpoint.mapping.model} has nothing like an archive in Odoo; choose delete or leave."
        )
    if (
        Method.POST in endpoint.methods
        and lines
        and all(line.direction == Direction.FROM_ODOO for line in lines)
    ):
        errors["methods"] = "No line of the mapping goes to Odoo, so POST could write nothing; leave it out."
    return errors


# Odoo makes another file of a picture, and lists are sets of ids that say nothing of who it is.
_UNMATCHED = ("binary", "image", "one2many", "many2many")


def match_keys(text: str) -> list[str]:
    """“name + zip” → the keys that have to agree together."""
    return [key.strip() for key in text.split("+")]


def match_problem(endpoint: "Endpoint") -> str | None:
    """Why its records cannot be matched by these keys, or None."""
    if not endpoint.match_on or not endpoint.mapping_id:
        return None
    if endpoint.mode == Mode.LIVE:
        return "A live endpoint keeps nothing that could be matched; leave it empty."
    facts = schema.known_fields(endpoint.mapping)
    fit = {
        line.key
        for line in endpoint.mapping.lines.all()
        if line.kind == Kind.PLAIN
        and line.direction != Direction.FROM_ODOO
        and line.constant is None
        and facts.get(line.field, {}).get("type") not in _UNMATCHED
    }
    for text in endpoint.match_on:
        for key in match_keys(text):
            if key not in fit:
                return (
                    f"“{key}” is no single value that is written to Odoo (no relation, list or file); there are "
                    f"{', '.join(sorted(fit))}."
                )
    return None
