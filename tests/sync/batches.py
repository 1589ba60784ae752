"""One batch of a push, step by step."""

import uuid
from collections.abc import Callable

from endpoints import outbox, registry
from mappings.clients import client_for
from mappings.models import Connection
from synchub.sync import carry
from synchub.sync.batch import Batch
from tests.conftest import Hub


def pushed_once(
    hub: Hub,
    name: str = "partners",
    *,
    heard: bool = True,
    claimed: Callable[[], None] | None = None,
    prepared: Callable[[], None] | None = None,
    sent: Callable[[], None] | None = None,
) -> None:
    """One batch of what waits is sent, while something else happens: once it is claimed, prepared, or sent. Not `heard`: it cannot be
    read back."""
    endpoint, token = registry.get(name), uuid.uuid4()
    batch = Batch(token, outbox.claim(endpoint.id, token, 10))
    if claimed is not None:
        claimed()
    with client_for(Connection.objects.get()) as client:
        todo = carry.prepare(endpoint, client, batch)
        if prepared is not None:
            prepared()
        carry.send(endpoint, client, batch, todo)
        if sent is not None:
            sent()
        if not heard:
            hub.odoo.faults.arm("half_answer", method="read", times=-1)
        carry.finish(endpoint, client, batch)
    hub.odoo.faults.clear()
