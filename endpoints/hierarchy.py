"""Which records lie below another in Odoo: asked of Odoo, remembered for a minute."""

from django.core.cache import cache

from endpoints.registry import EndpointSpec
from mappings.clients import client_for
from mappings.models import Connection

_REMEMBER = 60  # seconds


def descendants(endpoint: EndpointSpec, relation: str, odoo_id: int, *, at_most: int) -> list[int]:
    """Ids of the record and of all below it, archived ones too, as `child_of` finds them; one more than `at_most`
    where there are more. Raises OdooError."""
    model = relation or endpoint.mapping.model
    key = f"child_of:{endpoint.connection_id}:{model}:{odoo_id}"
    found: list[int] | None = cache.get(key)
    if found is None:
        connection = Connection.objects.get(pk=endpoint.connection_id)
        with client_for(connection) as client:
            found = client.search(
                model,
                [("id", "child_of", odoo_id)],
                limit=at_most + 1,
                order="id",
                context={"active_test": False},
            )
        cache.set(key, found, _REMEMBER)
    return found
