"""Answers from Odoo itself."""

from collections.abc import Sequence

from django.http import QueryDict

from endpoints import live, upsert
from endpoints.api import cursor, filters, paging
from endpoints.api.errors import ApiError
from endpoints.api.sources.source import Payload, Slice
from endpoints.expected import Expected
from endpoints.incoming import Stored, Who
from endpoints.registry import ActionSpec, EndpointSpec
from endpoints.terms import Condition


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
