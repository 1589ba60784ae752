"""What the engine learns about a connection while it works."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import connection as database
from django.db.models.functions import Now

from mappings.models import Connection
from synchub.errors import OdooError, OdooMisconfigured
from synchub.sync.locks import only_try_of

logger = logging.getLogger(__name__)


@contextmanager
def turn(connection: Connection) -> Iterator[ExitStack | None]:
    """None inside where somebody else has it: a connection that made trouble when it was last tried is tried by one process at a
    time. Where an Odoo hangs, each that tries waits for two minutes, and nobody would be left for the other connections.

    To be closed once Odoo has answered: then it is everybody's again.
    """
    with ExitStack() as stack:
        mine = not connection.last_error or stack.enter_context(only_try_of(connection.pk))
        yield stack if mine else None


def answered(connection_id: int) -> None:
    Connection.objects.filter(pk=connection_id).update(last_ok_at=Now(), last_error="", last_error_at=None)


def silent_for(connection_id: int) -> float:
    """Seconds since the connection last worked, by the database's clock; 0.0 where it did when it was last tried."""
    with database.cursor() as cursor:
        cursor.execute(
            """SELECT extract(epoch FROM now() - last_ok_at)::float8 FROM mappings_connection
               WHERE id = %s AND last_error <> '' AND last_ok_at IS NOT NULL""",
            [connection_id],
        )
        found = cursor.fetchone()
        return float(found[0]) if found else 0.0


def failed(connection_id: int, error: OdooError) -> None:
    """Note the failure; a login that Odoo refuses stops the connection until a person has mended it."""
    found = Connection.objects.filter(pk=connection_id)
    found.update(last_error=error.message, last_error_at=Now())
    if isinstance(error, OdooMisconfigured) and error.login_refused:
        logger.error("Connection %s is paused: %s", connection_id, error.message)
        found.filter(paused_at=None).update(paused_at=Now(), paused_reason=error.message)
