"""Where an endpoint's answers come from: the mirror, or Odoo itself. The views know only this."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.conf import settings
from django.http import QueryDict

from endpoints import access, acting, addressed, live, once, records, taking_back, upsert
from endpoints.api import cursor, filters, paging, waiting
from endpoints.api.database import (
    number_and_documents,
    number_and_rows,
    number_of,
    rows_of,
    total_and_documents,
    total_and_rows,
)
from endpoints.api.errors import ApiError
from endpoints.api.guarded import Guarded
from endpoints.conditions import Records
from endpoints.expected import Expected
from endpoints.hierarchy import descendants
from endpoints.incoming import Stored, Who
from endpoints.models import Mode, Record, SyncState
from endpoints.registry import ActionSpec, EndpointSpec
from endpoints.terms import Condition

Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Slice:
    """One page. `count` is None where only `at_least` is known."""

    count: int | None
    at_least: int
    documents: list[str]


class Source(Protocol):
    """What the views ask for. Each raises the errors that `api.errors` turns into answers."""

    def page(self, endpoint: EndpointSpec, query: QueryDict, page: paging.Page) -> Slice: ...
    def walk(
        self, endpoint: EndpointSpec, query: QueryDict, place: cursor.Place | None, limit: int
    ) -> tuple[list[str], cursor.Place | None]:
        """The documents behind `place`, and where the next ones begin; None at the end."""
        ...

    def find(self, endpoint: EndpointSpec, name: str) -> Stored: ...
    def create(self, endpoint: EndpointSpec, payloads: Sequence[Payload], who: Who) -> list[Stored]: ...
    def upsert(
        self, endpoint: EndpointSpec, payloads: Sequence[Payload], who: Who, expected: Expected
    ) -> list[Stored]:
        """Known records are changed, unknown ones made; all or nothing."""
        ...

    def act(
        self,
        endpoint: EndpointSpec,
        name: str,
        action: ActionSpec,
        parameters: Payload,
        who: Who,
        expected: Expected,
    ) -> Stored: ...
    def settled(
        self, endpoint: EndpointSpec, stored: list[Stored], who: Who, wait: float | None
    ) -> list[Stored]:
        """What was written as it is after waiting for Odoo: so many seconds, or what a new record's name takes."""
        ...

    def update(
        self, endpoint: EndpointSpec, name: str, payload: Payload, who: Who, expected: Expected
    ) -> Stored: ...
    def delete(self, endpoint: EndpointSpec, name: str, who: Who, expected: Expected) -> Stored | None:
        """What it was; None where nothing is kept."""
        ...


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


class Live:
    """Odoo itself; the audit log is all that is kept."""

    def page(self, endpoint: EndpointSpec, query: QueryDict, page: paging.Page) -> Slice:
        conditions = self._conditions(endpoint, query)
        lines = paging.order_of(query, endpoint.mapping)
        for line, _ in lines:
            if not line.field.sortable:
                raise ApiError(400, f"“ordering”: Odoo cannot put records in order by {line.key}.")
        order = [f"{line.field.odoo_name} {'desc' if descending else 'asc'}" for line, descending in lines]
        [language, *others] = {line.field.language for line, _ in lines if line.field.language} or {""}
        if others:
            raise ApiError(400, "“ordering”: Odoo can put records in order by one language at a time.")
        count, documents = live.page(endpoint, conditions, order, page.limit, page.offset, language)
        return Slice(count, count, documents)

    def walk(
        self, endpoint: EndpointSpec, query: QueryDict, place: cursor.Place | None, limit: int
    ) -> tuple[list[str], cursor.Place | None]:
        if paging.order_of(query, endpoint.mapping):
            raise ApiError(
                400, "In live mode a walk goes by Odoo's ids: leave “ordering” out, or page by “offset”."
            )
        documents, last = live.walk(
            endpoint, self._conditions(endpoint, query), place.id if place else None, limit
        )
        return documents, cursor.Place(last) if last is not None else None

    def _conditions(self, endpoint: EndpointSpec, query: QueryDict) -> list[Condition]:
        return [
            Condition(field, given.operator, given.value, given.line)
            for field, given in filters.conditions(endpoint, query)
        ]

    def find(self, endpoint: EndpointSpec, name: str) -> Stored:
        return live.find(endpoint, name)

    def create(self, endpoint: EndpointSpec, payloads: Sequence[Payload], who: Who) -> list[Stored]:
        return live.create(endpoint, payloads, who.once)

    def upsert(
        self, endpoint: EndpointSpec, payloads: Sequence[Payload], who: Who, expected: Expected
    ) -> list[Stored]:
        """A list can only be made of new records: several changes are several calls, and Odoo has no "all or none"."""
        if len(payloads) != 1:
            expected.check_missing()
            return self.create(endpoint, payloads, who)
        name = upsert.name_in(endpoint.mapping, payloads[0])
        return [live.upsert(endpoint, name, payloads[0], who.once, expected)]

    def act(
        self,
        endpoint: EndpointSpec,
        name: str,
        action: ActionSpec,
        parameters: Payload,
        who: Who,
        expected: Expected,
    ) -> Stored:
        return live.act(endpoint, name, action, parameters, who.once, expected)

    def settled(
        self, endpoint: EndpointSpec, stored: list[Stored], who: Who, wait: float | None
    ) -> list[Stored]:
        return stored

    def update(
        self, endpoint: EndpointSpec, name: str, payload: Payload, who: Who, expected: Expected
    ) -> Stored:
        return live.update(endpoint, name, payload, expected)

    def delete(self, endpoint: EndpointSpec, name: str, who: Who, expected: Expected) -> None:
        live.delete(endpoint, name, expected)


_SOURCES: dict[str, Source] = {Mode.MIRROR: Mirror(), Mode.LIVE: Live()}


def source_of(endpoint: EndpointSpec) -> Source:
    """As far as whoever the endpoint was handed to may use it."""
    source, mine = _SOURCES[endpoint.mode], access.of(endpoint, None)
    return Guarded(source, mine) if mine.is_restricted else source
