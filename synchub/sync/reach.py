"""What a new record of an access key with rows of its own may become a change of.

Odoo may have a record of its name that lies beyond these rows: archived, not read yet, or none of the endpoint's. The key would
write over what it may not see, and be shown it as its own. What it may reach is asked when that is found: here nobody knows of it before.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime

from django.db.models import QuerySet

from endpoints.models import AccessGrant, Change, Operation
from endpoints.registry import EndpointSpec
from mappings import domains
from synchub.odoo import OdooClient

_BEYOND = (
    ", beyond the rows of access key “{key}”, which must not write over it. Discard this, or let the key reach that record and "
    "send it again."
)
_GONE = (
    ", and no access key “{key}”, which sent this, opens this endpoint any more: whether it may write over that record is not "
    "known. Discard this, or give the endpoint a key of that name and send it again."
)


def beyond(endpoint: EndpointSpec, client: OdooClient, found: Mapping[int, int]) -> dict[int, str]:
    """Of new records, by the id of that which Odoo has of their name, those that must not become a change of it: by record, why,
    as the end of a sentence and what to do. Raises OdooError."""
    sent = (
        Change.objects.filter(record_id__in=list(found), operation=Operation.CREATE)
        .exclude(access_key="")
        .values_list("record_id", "access_key")
    )
    by_key: dict[str, set[int]] = {}
    for record_id, key in sent:
        by_key.setdefault(key, set()).add(record_id)
    if not by_key:
        return {}
    # A change bears its key's name only. Of a key that has been renamed or deleted since, nobody can say what its rows were.
    gone = by_key.keys() - set(_grants(endpoint, by_key).values_list("key__name", flat=True))
    refused = {one: _GONE.format(key=key) for key in gone for one in by_key[key]}
    for key, rows in _rows(endpoint, by_key):
        reached = set(_reached(endpoint, client, rows, [found[one] for one in by_key[key]]))
        refused |= {one: _BEYOND.format(key=key) for one in by_key[key] if found[one] not in reached}
    return refused


def _grants(endpoint: EndpointSpec, keys: Collection[str]) -> QuerySet[AccessGrant]:
    return AccessGrant.objects.filter(endpoint_id=endpoint.id, key__name__in=list(keys))


def _rows(endpoint: EndpointSpec, keys: Collection[str]) -> Iterator[tuple[str, domains.Domain | None]]:
    """The rows of those of the keys that have some of their own; None for what cannot be read."""
    for key, text in _grants(endpoint, keys).values_list("key__name", "domain"):
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
