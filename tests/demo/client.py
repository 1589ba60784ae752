"""A client for the contract tests: the same calls against the practice Odoo and a real one."""

import itertools
import time
from typing import Any
from xmlrpc.client import Fault, ServerProxy

_numbers = itertools.count(1)


class Client:
    """One login. What a test creates through `make` is removed by `clean_up`."""

    def __init__(self, url: str, database: str, login: str, password: str) -> None:
        self.url, self.database, self.login, self.password = url, database, login, password
        with ServerProxy(f"{url}/xmlrpc/2/common") as common:
            self.uid = common.authenticate(database, login, password, {})
        self._made: list[tuple[str, list[int]]] = []

    def common(self, method: str, *args: Any) -> Any:
        with ServerProxy(f"{self.url}/xmlrpc/2/common") as proxy:
            return getattr(proxy, method)(*args)

    def execute_kw(self, *args: Any) -> Any:
        with ServerProxy(f"{self.url}/xmlrpc/2/object") as proxy:
            return proxy.execute_kw(*args)

    def call(self, model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        return self.execute_kw(self.database, self.uid, self.password, model, method, list(args), kwargs)

    def fault(self, model: str, method: str, *args: Any, **kwargs: Any) -> tuple[int, str]:
        """The number and the text of the fault that a call ends in; of a traceback only its last line."""
        try:
            result = self.call(model, method, *args, **kwargs)
        except Fault as fault:
            return fault.faultCode, last_line(fault.faultString)
        raise AssertionError(f"no fault, but {result!r}")

    def make(self, model: str, vals: Any, **kwargs: Any) -> Any:
        made = self.call(model, "create", vals, **kwargs)
        self.remember(model, made if isinstance(made, list) else [made])
        return made

    def remember(self, model: str, ids: list[int]) -> None:
        self._made.append((model, ids))

    def values(self, model: str, record: int, *names: str, **kwargs: Any) -> dict[str, Any]:
        """The record without its id."""
        values: dict[str, Any] = self.call(model, "read", [record], list(names), **kwargs)[0]
        values.pop("id")
        return values

    def found(self, model: str, domain: list[Any], **kwargs: Any) -> list[int]:
        ids: list[int] = self.call(model, "search", domain, **kwargs)
        return ids

    def clean_up(self) -> None:
        quiet = {"context": {"active_test": False}}
        for model, ids in reversed(self._made):
            left = self.call(model, "search", [("id", "in", ids)], **quiet)
            if model == "sale.order" and left:
                self.call(model, "write", left, {"state": "cancel"})
            try:
                self.call(model, "unlink", left)
            except Fault:
                # In use by something the test has no hand in, like a real Odoo's stock moves.
                self.call(model, "write", left, {"active": False})
        self._made.clear()


def last_line(text: str) -> str:
    """Of a traceback the line with the exception, and what follows it; any other text as it is."""
    if not text.startswith("Traceback (most recent call last):\n"):
        return text
    lines = text.rstrip().split("\n")
    starts = [number for number, line in enumerate(lines) if line and not line.startswith((" ", "LINE "))]
    return "\n".join(lines[starts[-1] :])


def unique(text: str = "CONTRACT") -> str:
    """A text that nobody has used before, in this run or any other."""
    return f"{text} {time.time_ns()}-{next(_numbers)}"
