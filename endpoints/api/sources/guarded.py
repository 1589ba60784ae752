"""A source as an access key with restrictions reaches it: it sees what it may see, and writes what it may write.

All that such a key is answered goes through here, so that nothing is forgotten at one of many places.
"""

from collections.abc import Sequence
from dataclasses import replace

from django.http import QueryDict

from endpoints.access import Access
from endpoints.api import cursor, paging
from endpoints.api.sources.source import Payload, Slice, Source
from endpoints.expected import NOTHING, Expected
from endpoints.incoming import RecordMissing, Stored, Who
from endpoints.models import Mode
from endpoints.registry import ActionSpec, EndpointSpec
from endpoints.upsert import name_in
from mappings.line_error import LineError


class Guarded:
    """A source that asks the access first. The endpoint that it is handed is left aside for the access's own."""

    def __init__(self, source: Source, access: Access) -> None:
        self._source, self._access = source, access

    def page(self, endpoint: EndpointSpec, query: QueryDict, page: paging.Page) -> Slice:
        found = self._source.page(self._access.seen, query, page)
        lines = self._access.lines
        return replace(found, documents=paging.all_cut(found.documents, lines))

    def walk(
        self, endpoint: EndpointSpec, query: QueryDict, place: cursor.Place | None, limit: int
    ) -> tuple[list[str], cursor.Place | None]:
        documents, following = self._source.walk(self._access.seen, query, place, limit)
        return paging.all_cut(documents, self._access.lines), following

    def find(self, endpoint: EndpointSpec, name: str) -> Stored:
        return self._shown(self._source.find(self._access.seen, name))

    def create(self, endpoint: EndpointSpec, payloads: Sequence[Payload], who: Who) -> list[Stored]:
        self._check(payloads)
        return self._all_shown(self._source.create(self._access.whole, payloads, who))

    def upsert(
        self, endpoint: EndpointSpec, payloads: Sequence[Payload], who: Who, expected: Expected
    ) -> list[Stored]:
        self._check(payloads)
        name = name_in(self._access.whole.mapping, payloads[0]) if len(payloads) == 1 else None
        try:
            met = self._met(name, expected)
        except RecordMissing:
            met = expected  # it is made, or not, like any other
        return self._all_shown(self._source.upsert(self._access.whole, payloads, who, met))

    def act(
        self,
        endpoint: EndpointSpec,
        name: str,
        action: ActionSpec,
        parameters: Payload,
        who: Who,
        expected: Expected,
    ) -> Stored:
        met = self._met(name, expected)
        return self._shown(self._source.act(self._access.whole, name, action, parameters, who, met))

    def settled(
        self, endpoint: EndpointSpec, stored: list[Stored], who: Who, wait: float | None
    ) -> list[Stored]:
        return self._all_shown(self._source.settled(self._access.whole, stored, who, wait))

    def update(
        self, endpoint: EndpointSpec, name: str, payload: Payload, who: Who, expected: Expected
    ) -> Stored:
        self._check([payload])
        return self._shown(
            self._source.update(self._access.whole, name, payload, who, self._met(name, expected))
        )

    def delete(self, endpoint: EndpointSpec, name: str, who: Who, expected: Expected) -> Stored | None:
        was = self._source.delete(self._access.whole, name, who, self._met(name, expected))
        return was and self._shown(was)

    def _met(self, name: str | None, expected: Expected) -> Expected:
        """A tag is of what the key sees. In live mode it is made of that, so it can only be compared here; of a list,
        Odoo takes new records only."""
        if not expected or self._access.whole.mode != Mode.LIVE:
            return expected.of_view(self._access.view)
        if name is None:
            return expected
        expected.check(self.find(self._access.seen, name).tag)
        return NOTHING

    def _check(self, payloads: Sequence[Payload]) -> None:
        for index, payload in enumerate(payloads):
            try:
                self._access.check_payload(payload)
            except LineError as error:
                error.index = index if len(payloads) != 1 else None
                raise

    def _all_shown(self, stored: Sequence[Stored]) -> list[Stored]:
        return [self._shown(one) for one in stored]

    def _shown(self, stored: Stored) -> Stored:
        return replace(
            stored, document=paging.cut(stored.document, self._access.lines), view=self._access.view
        )
