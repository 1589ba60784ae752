"""What the views ask for, wherever the answers come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.http import QueryDict

from endpoints.api import cursor, paging
from endpoints.expected import Expected
from endpoints.incoming import Stored, Who
from endpoints.registry import ActionSpec, EndpointSpec

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
