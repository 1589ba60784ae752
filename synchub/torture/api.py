"""What a consumer sees of one web server: answers, or none."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import Any

_BASE = "/bj_api_sync/v1"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]
    """Their names in lower case."""


class NoAnswer(Exception):
    """The web server is not there, or went away in the middle."""


class Api:
    """Calls with one access key."""

    def __init__(self, port: int, token: str) -> None:
        self.base, self._token = f"http://127.0.0.1:{port}", token

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        seconds: float = 60.0,
    ) -> Answer:
        """Raises NoAnswer."""
        request = urllib.request.Request(  # noqa: S310
            f"{self.base}{path}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
            | dict(headers or {}),
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310
                return Answer(answer.status, json.load(answer), _headers(answer.headers))
        except urllib.error.HTTPError as error:
            with error:
                try:
                    return Answer(error.code, json.load(error), _headers(error.headers))
                except (OSError, HTTPException, ValueError) as broken:
                    raise NoAnswer from broken
        except (OSError, HTTPException, ValueError) as error:
            raise NoAnswer from error

    def post(self, body: Any, endpoint: str = "partners", *, key: str | None = None) -> Answer:
        """`key`: the write's own, under which it may be sent again."""
        return self.call(
            "POST", f"{_BASE}/{endpoint}", body, headers={} if key is None else {"Idempotency-Key": key}
        )

    def put(self, path: str, body: Any) -> Answer:
        return self.call("PUT", f"{_BASE}/{path}", body)

    def delete(self, path: str) -> Answer:
        return self.call("DELETE", f"{_BASE}/{path}")

    def get(self, path: str) -> Answer:
        return self.call("GET", f"{_BASE}/{path}")

    def is_there(self) -> bool:
        try:
            return self.call("GET", "/healthz").status == 200
        except NoAnswer:
            return False


def _headers(given: Message) -> dict[str, str]:
    return {name.lower(): value for name, value in given.items()}
