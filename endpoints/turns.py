"""One at a time, over all of the hub's processes: for what Odoo itself cannot do in one step."""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, connection

from endpoints.registry import same_database

logger = logging.getLogger(__name__)

# Namespaces of their own among the database's advisory locks.
_RECORD, _NAME = 0x72656364, 0x6E616D65
# So many locks stand for all names of a model: a list of a thousand must not take all that PostgreSQL has room for.
_PLACES = 128


@contextmanager
def turn(endpoint_id: int, name: str) -> Iterator[None]:
    """Wait until nobody else is at this record. Gone with the session, should the process die."""
    with _held(_RECORD, [_number(f"{endpoint_id}/{name}")]):
        yield


@contextmanager
def naming(connection_id: int, model: str, names: Iterable[str | None]) -> Iterator[None]:
    """Wait until nobody else gives a record of this model of the database one of these names; None is none. Take a `turn` first, if
    any."""
    first = _number(f"{same_database(connection_id)[0]}/{model}") & ~(_PLACES - 1)
    # In one order for all, so that two lists cannot wait for each other.
    with _held(_NAME, sorted({first | _number(name) % _PLACES for name in names if name is not None})):
        yield


@contextmanager
def _held(space: int, numbers: Sequence[int]) -> Iterator[None]:
    _each("pg_advisory_lock", space, numbers)
    try:
        yield
    finally:
        _let_go(space, numbers)


def _let_go(space: int, numbers: Sequence[int]) -> None:
    """Never raises: what was done meanwhile is done, in Odoo, and whoever were told that the database is away would do it again."""
    try:
        _each("pg_advisory_unlock", space, numbers)
    except (OperationalError, InterfaceError) as error:
        logger.info("The session that held a turn has ended, and the turn with it: %s", error)
        connection.close()  # what comes next gets another one


def _each(function: str, space: int, numbers: Sequence[int]) -> None:
    if not numbers:
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s, n) FROM unnest(%s::int[]) AS n", [space, list(numbers)])  # noqa: S608  # two of ours


def _number(text: str) -> int:
    digest = hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=4).digest()
    return int.from_bytes(digest, signed=True)
