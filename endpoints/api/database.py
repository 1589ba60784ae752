"""Queries on behalf of consumers, bounded in time."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from endpoints import counts
from endpoints.conditions import Records
from synchub.postgres.prepared import prepared

# The bounds are no equation, and the order names the endpoint: so it is the order of the index of lists alone. With an
# equation PostgreSQL leaves the endpoint out of the order, and may walk through all endpoints' records by their ids.
_FIRST = f"""SELECT ({counts.TOTAL})::text UNION ALL (SELECT document FROM endpoints_record
    WHERE endpoint_id >= %s AND endpoint_id <= %s AND deleted_at IS NULL ORDER BY endpoint_id, id LIMIT %s)"""  # noqa: S608  # text of our own
# Further on, places first: what lies before the page is counted in the index, and no document of it is looked at.
_PLACES = """SELECT document FROM endpoints_record WHERE id IN (
    SELECT id FROM endpoints_record WHERE endpoint_id = %s AND deleted_at IS NULL ORDER BY id LIMIT %s OFFSET %s)
    ORDER BY id"""


def total_and_documents(endpoint_id: int, limit: int, offset: int) -> tuple[int, list[tuple[Any, ...]]]:
    """How many records the endpoint has, and a slice of their documents in the order in which they came.

    What most lists ask for, the first page, is one statement, whose time needs no bound: an index has the page in its order.
    """
    if not offset:
        with prepared() as cursor:
            cursor.execute(_FIRST, [endpoint_id, endpoint_id, endpoint_id, limit])
            (number,), *documents = cursor.fetchall()
            return int(number), documents
    return _both(counts.TOTAL, [endpoint_id], _PLACES, [endpoint_id, limit, offset])


def number_and_documents(
    found: Records, limit: int, offset: int, *, at_most: int
) -> tuple[int, list[tuple[Any, ...]]]:
    """How many records are found, `at_most` of them counted, and a slice of their documents in the order in which they
    came.

    Their condition is written once and stands in both statements: Django takes longer to write it than PostgreSQL to carry it out.
    """
    try:
        places, params = found.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # no record could match
        return 0, []
    return _both(
        f"SELECT count(*) FROM ({places} LIMIT {at_most:d}) AS counted",  # noqa: S608  # Django's own
        params,
        f"""SELECT document FROM endpoints_record WHERE id IN (
            {places} ORDER BY endpoints_record.id LIMIT %s OFFSET %s) ORDER BY id""",  # noqa: S608  # Django's own
        [*params, limit, offset],
    )


def total_and_rows(endpoint_id: int, shown: QuerySet[Any, Any]) -> tuple[int, list[tuple[Any, ...]]]:
    """How many records the endpoint has, and the rows of `shown`."""
    return _both(counts.TOTAL, [endpoint_id], *shown.query.sql_with_params())


def number_and_rows(
    counted: QuerySet[Any, Any], shown: QuerySet[Any, Any]
) -> tuple[int, list[tuple[Any, ...]]]:
    """How many rows `counted` has, and those of `shown` as PostgreSQL gives them; see `errors` for where it gives up.

    All goes there in one message, which is a transaction of its own: nobody waits for five answers in turn.
    """
    try:
        (one, one_params), (two, two_params) = (
            query.query.sql_with_params() for query in (counted.values("pk"), shown)
        )
    except EmptyResultSet:  # no record could match
        return 0, []
    return _both(f"SELECT count(*) FROM ({one}) AS counted", one_params, two, two_params)  # noqa: S608  # Django's own


def _both(
    number: str, number_params: Sequence[Any], rows: str, rows_params: Sequence[Any]
) -> tuple[int, list[tuple[Any, ...]]]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_limit()}; {number}; {rows}", [*number_params, *rows_params])
        cursor.nextset()
        (found,) = cursor.fetchone()
        cursor.nextset()
        return found, cursor.fetchall()


def number_of(counted: QuerySet[Any, Any]) -> int:
    try:
        statement, params = counted.values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"{_limit()}; SELECT count(*) FROM ({statement}) AS counted", params)  # noqa: S608  # Django's own
        cursor.nextset()
        return int(cursor.fetchone()[0])


def rows_of(shown: QuerySet[Any, Any]) -> list[tuple[Any, ...]]:
    """The same without counting."""
    try:
        statement, params = shown.query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"{_limit()}; {statement}", params)
        cursor.nextset()
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _limit() -> str:
    return f"SET LOCAL statement_timeout = {settings.API_STATEMENT_TIMEOUT * 1000:d}"
