"""The Odoos that a fault is tried on: the practice one, and the real one that ODOO_TEST_URL names."""

import os
import uuid
import xmlrpc.client
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from demo.odoo import PracticeOdoo
from synchub.torture.ways import Way


@dataclass
class Side:
    """One Odoo, and the endpoint over it. `execute` does something as a person in Odoo would, past the `way`."""

    name: str
    endpoint: str
    way: Way
    execute: Callable[..., Any]
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:6].upper())
    """All of this run's records bear it, so that nobody else's are touched."""

    def in_odoo(self, prefix: str, *fields: str) -> list[dict[str, Any]]:
        """The partners whose reference begins so, archived ones too."""
        found: list[dict[str, Any]] = self.execute(
            "res.partner", "search_read", [("ref", "=like", f"{prefix}%")], fields=["ref", "name", *fields],
            order="ref, id", context={"active_test": False},
        )  # fmt: skip
        return found


def practice(odoo: PracticeOdoo) -> Side:
    parts = urlsplit(odoo.url)
    return Side("practice", "partners", Way(parts.hostname or "", parts.port or 0), odoo.execute)


def real() -> Side | None:
    """None where no real Odoo is named."""
    url, database, login, password = (
        os.environ.get(f"ODOO_TEST_{name}", "") for name in ("URL", "DB", "LOGIN", "PASSWORD")
    )
    if not url:
        return None
    user = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/common").authenticate(database, login, password, {})

    def execute(model: str, method: str, *args: Any, **kwargs: Any) -> Any:
        # A proxy for each call: this one keeps no connection that could be stale.
        models = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/object", allow_none=True)
        return models.execute_kw(database, user, password, model, method, list(args), kwargs)

    parts = urlsplit(url)
    return Side("real", "real-partners", Way(parts.hostname or "", parts.port or 80), execute)


def tidy(side: Side) -> None:
    """Leave a real Odoo as it was."""
    ids = side.execute(
        "res.partner", "search", [("ref", "=like", f"%{side.run}%")], context={"active_test": False}
    )
    if ids:
        side.execute("res.partner", "unlink", ids)
