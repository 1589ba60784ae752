"""What the engine learns about a connection while it works."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import connection as database
from django.db.models.functions import Now

from mappings.clients import client_for
from mappings.models import Connection
from synchub.errors import OdooError, OdooMisconfigured, OdooOutdated, OdooPermanent, OdooRetryable
from synchub.odoo.faults import NO_RIGHT, is_passing
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
    name, trouble = _note(connection_id, "last_ok_at = now(), last_error = '', last_error_at = NULL")
    if trouble:
        logger.warning("Odoo answers connection “%s” again.", name)


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
    """Note the failure; a login that Odoo refuses stops the connection until a person has mended it.

    What Odoo no longer has, a field or a model, or what the hub's user has no right to, is told with the endpoint that asks for it:
    Odoo has answered, and the others of the connection work. Not so where that user does not work in the connection's company.
    Nor is it the connection's trouble that somebody else in Odoo had a record just then.
    """
    of_endpoint = isinstance(error, OdooPermanent) and not (
        error.code == NO_RIGHT and _company_refused(connection_id)
    )
    busy = isinstance(error, OdooRetryable) and is_passing(error.message)
    if of_endpoint or busy or isinstance(error, OdooOutdated):
        answered(connection_id)
        return
    name, trouble = _note(connection_id, "last_error = %s, last_error_at = now()", error.message)
    if not trouble:  # each try after that has the same to tell
        logger.warning("Connection “%s” is in trouble, and is tried until it works: %s", name, error.message)
    if isinstance(error, OdooMisconfigured) and error.login_refused:
        found = Connection.objects.filter(pk=connection_id, paused_at=None)
        if found.update(paused_at=Now(), paused_reason=error.message):
            logger.error("Connection “%s” is paused: %s", name, error.message)


def _company_refused(connection_id: int) -> bool:
    connection = Connection.objects.get(pk=connection_id)
    if connection.company_id is None:
        return False
    try:
        with client_for(connection) as client:
            client.read("res.company", [connection.company_id], ["name"])
    except OdooError:
        return True
    return False


def _note(connection_id: int, columns: str, *values: str) -> tuple[str, str]:
    """What the connection is called, and the trouble it was in until now."""
    with database.cursor() as cursor:
        cursor.execute(
            f"""WITH before AS (SELECT id, name, last_error FROM mappings_connection WHERE id = %s FOR NO KEY UPDATE)
                UPDATE mappings_connection c SET {columns} FROM before WHERE c.id = before.id
                RETURNING before.name, before.last_error""",  # noqa: S608
            [connection_id, *values],
        )
        found = cursor.fetchone()
        return (str(found[0]), str(found[1])) if found else ("", "")
