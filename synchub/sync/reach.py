"""What a new record of an access key with rows of its own may become a change of.

Odoo may have a record of its name that lies beyond these rows: archived, not read yet, or none of the endpoint's. The key would
write over what it may not see, and be shown it as its own. What it may reach is asked when that is found: here nobody knows of it before.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from endpoints.models import AccessGrant, Change, Operation
from endpoints.registry import EndpointSpec
from mappings import domains
from synchub.odoo import OdooClient


def beyond(endpoint: EndpointSpec, client: OdooClient, found: Mapping[int, int]) -> dict[int, str]:
    """Of new records, by the id of that which Odoo has of their name, those that must not become a change of it: by record, the
    access key that sent it. Raises OdooError."""
    sent = (
        Change.objects.filter(record_id__in=list(found), operation=Operation.CREATE)
        .exclude(access_key="")
        .values_list("record_id", "access_key")
    )
    by_key: dict[str, set[int]] = {}
    for record_id, key in sent:
        by_key.setdefault(key, set()).add(record_id)
    refused: dict[int, str] = {}
    for key, rows in _rows(endpoint, by_key) if by_key else ():
        reached = set(_reached(endpoint, client, rows, [found[one] for one in by_key[key]]))
        refused |= {one: key for one in by_key[key] if found[one] not in reached}
    return refused


def _rows(
    endpoint: EndpointSpec, keys: Mapping[str, set[int]]
) -> Iterator[tuple[str, domains.Domain | None]]:
    """The rows of those of the keys that have some of their own; None for what cannot be read."""
    grants = AccessGrant.objects.filter(endpoint_id=endpoint.id, key__name__in=list(keys))
    for key, text in grants.values_list("key__name", "domain"):
        try:
            rows = domains.parse(text or "[]")
        except domains.DomainError:
            yield key, None
            continue
        if rows:
            yield key, domains.expand(rows, datetime.now(UTC), endpoint.time_zone)


def _reached(
    endpoint: EndpointSpec, client: OdooClient, rows: domains.Domain | None, odoo_ids: list[int]
) -> list[int]:
    if rows is None:
        return []
    domain = domains.both(rows, [("id", "in", odoo_ids)])
    return client.search(endpoint.mapping.model, domain, order="id", context={"active_test": False})
