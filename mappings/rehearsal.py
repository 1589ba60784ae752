"""A client that reads from Odoo and only notes what would be written."""

from collections.abc import Mapping
from typing import Any

from mappings.calls import Call
from synchub.odoo import READING, OdooClient


class Rehearsal(OdooClient):
    """Calls that only read go through. Others are noted in `calls` and answered as if they had succeeded, with id 0 for
    new records."""

    def __init__(self, client: OdooClient) -> None:
        super().__init__(client.access)
        self._real = client
        self.calls: list[Call] = []
        self._made: set[Any] = set()

    def execute(
        self, model: str, method: str, /, *args: Any, context: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> Any:
        if method in READING:
            return self._real.execute(model, method, *args, context=context, **kwargs)
        if not self._is_done(method, args):
            self.calls.append(Call(model, method, [*args, *kwargs.values()], dict(context or {})))
        match method, args:
            case "load", [_, rows]:
                return {"ids": [0] * len(rows), "messages": []}
            case "create", [[*rows]]:
                return [0] * len(rows)
        return True

    def _is_done(self, method: str, args: tuple[Any, ...]) -> bool:
        """Whether these records were noted as created, so that a look-up would find them by now."""
        if method != "load" or args[0][0] != "id":
            return False
        names = {row[0] for row in args[1]}
        done = names <= self._made
        self._made |= names
        return done
