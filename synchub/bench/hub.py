"""An endpoint of ten keys over contacts, as admin would set it up, removed afterwards."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from endpoints import registry
from endpoints.models import Auth, Endpoint
from mappings import schema
from mappings.clients import client_for
from mappings.models import Connection, Line, Mapping
from synchub.bench.odoo import Address

LINES: dict[str, dict[str, Any]] = {
    "customer_id": {"field": "ref", "identifier": True},
    "name": {"field": "name"},
    "email": {"field": "email"},
    "phone": {"field": "phone"},
    "address.street": {"field": "street"},
    "address.city": {"field": "city"},
    "address.zip": {"field": "zip"},
    "address.country": {"field": "country_id"},
    "company": {"field": "is_company"},
    "note": {"field": "comment"},
}
FIELDS = [line["field"] for line in LINES.values()]


@contextmanager
def mapping(address: Address) -> Iterator[Mapping]:
    """A mapping over a connection of its own, removed with everything below it."""
    connection = Connection.objects.create(
        name=f"bench-{uuid.uuid4().hex[:8]}",
        url=address.url,
        database=address.database,
        login=address.login,
        secret=address.password,
        concurrency=8,
    )
    try:
        with client_for(connection) as client:
            schema.refresh(connection, "res.partner", client)
        made = Mapping.objects.create(name=connection.name, connection=connection, model="res.partner")
        for position, (key, facts) in enumerate(LINES.items()):
            Line.objects.create(mapping=made, key=key, position=position, **facts)
        yield made
    finally:
        Endpoint.objects.filter(mapping__connection=connection).delete()
        Mapping.objects.filter(connection=connection).delete()
        connection.delete()
        registry.clear()


def endpoint(over: Mapping, suffix: str, **options: Any) -> Endpoint:
    """Open to everybody and without limits, unless `options` say otherwise."""
    made = Endpoint.objects.create(
        name=f"{over.name}-{suffix}",
        mapping=over,
        **{"auth": Auth.NONE, "rate_per_address": None, "rate_per_key": None, "on_delete": "unlink"}
        | options,
    )
    registry.clear()
    return made


def payload(number: int, prefix: str, country: int) -> dict[str, Any]:
    return {
        "customer_id": f"{prefix}{number}",
        "name": f"Benchmark {number}",
        "email": f"b{number}@bench.example",
        "phone": f"+1 555 {number:07}",
        "address": {
            "street": f"{number} Main St",
            "city": "Springfield",
            "zip": f"{number:05}",
            "country": country,
        },
        "company": bool(number % 2),
        "note": "<p>made by a benchmark</p>",
    }


def raw_values(number: int, prefix: str, country: int) -> dict[str, Any]:
    """The same record as Odoo takes it."""
    sent = payload(number, prefix, country)
    place = sent["address"]
    return {
        "ref": sent["customer_id"], "name": sent["name"], "email": sent["email"], "phone": sent["phone"],
        "street": place["street"], "city": place["city"], "zip": place["zip"], "country_id": country,
        "is_company": sent["company"], "comment": sent["note"],
    }  # fmt: skip
