"""Queries on behalf of consumers, bounded in time."""

from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


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
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_limit()}; SELECT count(*) FROM ({one}) AS counted; {two}",  # noqa: S608  # Django's own SQL
            [*one_params, *two_params],
        )
        cursor.nextset()
        (number,) = cursor.fetchone()
        cursor.nextset()
        return number, cursor.fetchall()


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
