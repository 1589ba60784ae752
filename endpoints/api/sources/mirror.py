"""Answers from the hub's own copy."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import QueryDict

from endpoints import access, acting, addressed, once, records, taking_back, upsert
from endpoints.api import cursor, filters, paging, waiting
from endpoints.api.database import (
    number_and_documents,
    number_and_rows,
    number_of,
    rows_of,
    total_and_documents,
    total_and_rows,
)
from endpoints.api.sources.source import Payload, Slice
from endpoints.conditions import Records
from endpoints.expected import Expected
from endpoints.hierarchy import descendants
from endpoints.incoming import Stored, Who
from endpoints.models import Record, SyncState
from endpoints.registry import ActionSpec, EndpointSpec


class Mirror:
    """The hub's own copy; writes go through the outbox."""

    def page(self, endpoint: EndpointSpec, query: QueryDict, page: paging.Page) -> Slice:
        filtered = filters.is_filtered(query) or bool(endpoint.moving_rows)
        if paging.order_of(query, endpoint.mapping):
            found = paging.ordered(self._found(endpoint, query), query, endpoint.mapping)
            # Places first, from the index of lists alone: otherwise PostgreSQL may walk through all endpoints' records in
            # order of their ids, and through the documents of what lies before the page.
            place = found.values("pk")[page.offset : page.offset + page.limit]
            shown = paging.ordered(Record.objects.filter(pk__in=place), query, endpoint.mapping).values_list(
                "document"
            )
            number, rows = (
                number_and_rows(found.order_by()[: paging.COUNTED + 1], shown)
                if filtered
                else total_and_rows(endpoint.id, shown)
            )
        elif filtered:
            number, rows = number_and_documents(
                self._found(endpoint, query), page.limit, page.offset, at_most=paging.COUNTED + 1
            )
        else:
            filters.check_lists(query)
            number, rows = total_and_documents(endpoint.id, page.limit, page.offset)
        count, at_least = paging.counted(number, filtered=filtered)
        return Slice(count, at_least, [row[0] for row in rows])

    def walk(
        self, endpoint: EndpointSpec, query: QueryDict, place: cursor.Place | None, limit: int
    ) -> tuple[list[str], cursor.Place | None]:
        order = paging.order_of(query, endpoint.mapping)
        few = not order and (place.few if place is not None else self._has_few(endpoint, query))
        if order:
            found = paging.ordered(self._found(endpoint, query), query, endpoint.mapping, cursor.compared)
            found = cursor.behind(found, order, place) if place is not None else found
        elif few:
            found = cursor.looked_up(self._found(endpoint, query), place)
        else:
            found = self._found(endpoint, query, cursor.in_order(endpoint, place))
        columns: list[Any] = ["document", "pk", *(cursor.compared(line.field) for line, _ in order)]
        # One more than asked for tells whether there is a next page.
        rows = rows_of(found.values_list(*columns)[: limit + 1])
        more = len(rows) > limit
        rows = rows[:limit]
        return [row[0] for row in rows], cursor.Place(rows[-1][1], tuple(rows[-1][2:]), few) if more else None

    def _has_few(self, endpoint: EndpointSpec, query: QueryDict) -> bool:
        if not filters.is_filtered(query) and not endpoint.moving_rows:
            return False
        return number_of(self._found(endpoint, query).order_by()[: cursor.FEW + 1]) <= cursor.FEW

    def _found(self, endpoint: EndpointSpec, query: QueryDict, among: Records | None = None) -> Records:
        return filters.apply(
            endpoint,
            query,
            lambda field, odoo_id: descendants(endpoint, field, odoo_id, at_most=filters.MAX_BELOW),
            among,
        )

    def find(self, endpoint: EndpointSpec, name: str) -> Stored:
        return addressed.find(endpoint, name)

    def create(self, endpoint: EndpointSpec, payloads: Sequence[Payload], who: Who) -> list[Stored]:
        return records.create(endpoint, payloads, who)

    def upsert(
        self, endpoint: EndpointSpec, payloads: Sequence[Payload], who: Who, expected: Expected
    ) -> list[Stored]:
        return upsert.upsert(endpoint, payloads, who, expected)

    def act(
        self,
        endpoint: EndpointSpec,
        name: str,
        action: ActionSpec,
        parameters: Payload,
        who: Who,
        expected: Expected,
    ) -> Stored:
        return acting.act(endpoint, name, action, parameters, who, expected)

    def settled(
        self, endpoint: EndpointSpec, stored: list[Stored], who: Who, wait: float | None
    ) -> list[Stored]:
        unnamed = any(one.is_new and one.external_id is None for one in stored)
        if wait is None and not unnamed:
            return stored
        now = (
            waiting.for_names(stored, settings.API_WAIT_FOR_ID)
            if wait is None
            else waiting.for_odoo(stored, wait)
        )
        now = access.as_reached(endpoint, stored, now)
        # Of several, some may be in Odoo by now: there the states tell. One alone is taken back.
        if len(now) == 1 and now[0].state == SyncState.FAILED:
            refusal = taking_back.take_back(endpoint, now[0], who)
            if refusal is not None:
                raise refusal
        if unnamed and who.once is not None and all(one.external_id is not None for one in now):
            once.complete(who.once, now)
        return now

    def update(
        self, endpoint: EndpointSpec, name: str, payload: Payload, who: Who, expected: Expected
    ) -> Stored:
        return records.update(endpoint, name, payload, who, expected)

    def delete(self, endpoint: EndpointSpec, name: str, who: Who, expected: Expected) -> Stored | None:
        return records.delete(endpoint, name, who, expected)
