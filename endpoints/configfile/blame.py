"""From the errors of a model's `clean()` to the places in the file that they are about."""

from collections.abc import Mapping

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model

from endpoints.configfile import columns
from endpoints.configfile.places import Findings, Node

# Column → keys in the file, where the two differ.
_KEYS: Mapping[str, tuple[str, ...]] = {
    **{column: (key,) for key, column in {**columns.CONNECTION, **columns.LINE}.items() if key != column},
    "url_env": ("url", "env"),
    "secret_env": ("secret", "env"),
    "nested": ("mapping",),
    "pull_every": ("pull", "every"),
    "pull_cron": ("pull", "cron"),
    "rate_per_address": ("rate_limits", "per_address"),
    "rate_per_key": ("rate_limits", "per_key"),
    "token_digest": ("token",),
    "password_hash": ("password",),
}


def is_valid(
    row: Model, node: Node, findings: Findings, *, exclude: tuple[str, ...] = (), alone: bool = False
) -> bool:
    """Validates as admin does and notes what is wrong. `alone`: without comparing it with other rows."""
    try:
        row.full_clean(exclude=exclude, validate_unique=not alone, validate_constraints=not alone)
    except ValidationError as error:
        for attribute, messages in error.message_dict.items():
            if attribute == NON_FIELD_ERRORS:
                known, place = findings.is_blamed_inside(node), node
            else:
                place = node.at(*_KEYS.get(attribute, (attribute,)))
                known = place is not node and findings.is_blamed(place)
            # A problem noted here before says it better. The last message is the model's own.
            if not known:
                findings.problem(place, messages[-1])
        return False
    return True
