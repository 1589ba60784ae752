"""A consumer of the API, and a hub whose database is rolled back after each test."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from demo.odoo import PracticeOdoo
from tests.conftest import Hub

BASE = "/bj_api_sync/v1"


@pytest.fixture(scope="session")
def odoo_that_stays() -> Iterator[PracticeOdoo]:
    """For tests that only read from Odoo, and little."""
    with PracticeOdoo(seed_records=30) as odoo:
        yield odoo


@pytest.fixture
def desk(odoo_that_stays: PracticeOdoo, db: None) -> Hub:
    """A hub that nothing is pushed from: for what a consumer sees. Much faster than `hub`."""
    return Hub(odoo_that_stays)


class Api:
    """A consumer. Whatever it gets is checked against the contract: JSON, of one of the two shapes if an error."""

    def __init__(self, **headers: str) -> None:
        self._client = Client(raise_request_exception=False)
        self._headers = headers

    def ask(
        self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **options: Any
    ) -> Any:
        headers = self._headers | options.pop("headers", {})
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        content_type = options.pop("content_type", "application/json")
        address = path if path.startswith("/") else f"{BASE}/{path}"
        if content_type and method in ("POST", "PUT"):  # Django's client names no type for an empty body
            options.setdefault("CONTENT_TYPE", content_type)
        answer = self._client.generic(
            method, address, data, content_type=content_type, headers=headers, **options
        )
        assert answer["X-Request-ID"]
        if answer.status_code >= 400 and method != "HEAD":
            check_error(answer)
        return answer

    def get(self, path: str, query: Any = None, *, status: int = 200, **options: Any) -> Any:
        # `query` is a dict, or pairs where a key stands twice.
        answer = self._client.get(
            path if path.startswith("/") else f"{BASE}/{path}",
            dict(query or {}),
            headers=self._headers | options.pop("headers", {}),
            **options,
        )
        if answer.status_code >= 400:
            check_error(answer)
        assert answer.status_code == status, answer.content
        return answer.json()

    def post(self, path: str, body: Any, *, status: int = 201, **options: Any) -> Any:
        return self._checked("POST", path, body, status, options)

    def put(self, path: str, body: Any, *, status: int = 200, **options: Any) -> Any:
        return self._checked("PUT", path, body, status, options)

    def delete(self, path: str, *, status: int = 200, **options: Any) -> Any:
        return self._checked("DELETE", path, None, status, options)

    def names(self, path: str, query: Any = None) -> list[str]:
        """The identifiers of a list, in its order."""
        return [row["customer_id"] for row in self.get(path, query)["results"]]

    def _checked(self, method: str, path: str, body: Any, status: int, options: dict[str, Any]) -> Any:
        answer = self.ask(method, path, body, **options)
        assert answer.status_code == status, answer.content
        return json.loads(answer.content)


def check_error(answer: Any) -> None:
    assert answer["Content-Type"] == "application/json", answer.content
    body = json.loads(answer.content)
    assert body.pop("request_id") == answer["X-Request-ID"]
    if "message" in body:
        assert list(body) == ["message"]
        assert body["message"]
    else:
        assert set(body) - {"index"} == {"error", "line_id", "status_code", "key"}
    assert answer.status_code != 500, body


@pytest.fixture
def api() -> Api:
    return Api()
