"""Which records lie below another in Odoo: asked of Odoo, remembered for a minute at most.

Whoever has been told that Odoo has a record finds it there: what was heard while something was on its way is not
remembered, and all is forgotten once a record of the endpoint has changed.
"""

from django.core.cache import cache
from django.db.models import Max

from endpoints.models import Record, SyncState
from endpoints.registry import EndpointSpec
from mappings.clients import client_for
from mappings.fieldtypes import Many2oneType
from mappings.models import Connection
from mappings.spec import FieldSpec

_REMEMBER = 60  # seconds


def is_of_records(endpoint: EndpointSpec, field: FieldSpec) -> bool:
    """Does `child_of` with this field mean the endpoint's records themselves? A many2one to their own model leads from one
    to the next, so that to Odoo the uppermost is among those below it."""
    kind = field.type
    own = isinstance(kind, Many2oneType) and kind.relation == endpoint.mapping.model
    return own or field.name == "id"


def descendants(endpoint: EndpointSpec, field: FieldSpec, odoo_id: int, *, at_most: int) -> list[int]:
    """Ids of the record and of all below it, archived ones too, as `child_of` finds them; one more than `at_most`
    where there are more. Raises OdooError."""
    own = is_of_records(endpoint, field)
    model = endpoint.mapping.model if own else getattr(field.type, "relation", "")
    name = field.name if own else "id"
    there = Record.objects.filter(endpoint_id=endpoint.id)
    last = there.aggregate(last=Max("changed_in"))["last"]
    key = f"child_of:{endpoint.id}:{last}:{model}:{name}:{odoo_id}"
    found: list[int] | None = cache.get(key)
    if found is None:
        quiet = not there.filter(state=SyncState.PENDING).exists()
        connection = Connection.objects.get(pk=endpoint.connection_id)
        with client_for(connection) as client:
            found = client.search(
                model,
                [(name, "child_of", odoo_id)],
                limit=at_most + 1,
                order="id",
                context={"active_test": False},
            )
        if quiet:
            cache.set(key, found, _REMEMBER)
    return found
