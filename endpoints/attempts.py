"""Creating straight in Odoo, in a way that can be repeated after a lost answer.

Under an idempotency key new records get external ids made of the key's handle. Whoever repeats the request asks Odoo
for these first; and creating them twice is refused by Odoo itself, where each external id is there once.
"""

import logging
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from endpoints import once
from endpoints.incoming import NotPossible, Once, Stored
from mappings.external_ids import EXTERNAL_ID_MODULE, IMPORTING
from synchub.errors import HubError, OdooPermanent, OdooUnknownOutcome
from synchub.odoo import OdooClient

logger = logging.getLogger(__name__)

# Besides one call's own time limit: what comes before and after it.
_AROUND = 30.0


class Attempt:
    """One request's creation of `number` records. `is_made`: from here on, Odoo has them."""

    def __init__(self, client: OdooClient, model: str, number: int, key: Once | None = None) -> None:
        self.is_made = False
        self._client, self._model, self._number, self._key = client, model, number, key
        self._again, self._names = False, [""]
        if key is not None:
            begun = once.begin(key, client.access.read_timeout + _AROUND)
            self._again, self._names = begun.again, _names(begun.handle, number)

    def made_before(self) -> list[int] | None:
        """The ids of what an earlier attempt made; None where there was none, or it came to nothing."""
        return self._found() if self._again else None

    def check_may_repeat(self, action: str, *, repeatable: bool) -> None:
        """Raises NotPossible where an earlier attempt may have done what must not be done twice."""
        if self._again and not repeatable:
            raise NotPossible(
                f"The first request with this Idempotency-Key may have carried out “{action}”; whether it did is not known. "
                "Look at the record; to do it again, take another key."
            )

    def create(self, values: Sequence[dict[str, Any]]) -> list[int]:
        """Their ids. Raises OdooError."""
        if self._key is None:
            return self._client.create(self._model, values)
        rows = [
            {**row, "id": f"{EXTERNAL_ID_MODULE}.{name}"}
            for row, name in zip(values, self._names, strict=True)
        ]
        try:
            return self._client.create(self._model, rows, context=IMPORTING)
        except OdooPermanent:
            # The first attempt may have come through meanwhile: its names are taken, then.
            made = self.made_before()
            if made is None:
                raise
            return made

    def complete(self, stored: Sequence[Stored]) -> None:
        if self._key is not None:
            once.complete(self._key, stored)

    def failed(self, error: BaseException) -> None:
        """Nothing was made, or that is not known."""
        if self._key is None:
            return
        if self.is_made or not isinstance(error, HubError) or isinstance(error, OdooUnknownOutcome):
            once.release(self._key)
        elif not self._again:
            once.forget(self._key)
        else:
            # This time Odoo refused; whether it did so the first time is not known.
            once.release(self._key)

    def _found(self) -> list[int] | None:
        domain = [
            ("module", "=", EXTERNAL_ID_MODULE),
            ("model", "=", self._model),
            ("name", "in", self._names),
        ]
        try:
            rows = self._client.search_read("ir.model.data", domain, ["name", "res_id"], order="id")
        except OdooPermanent as error:
            # A user without that right. Creating them once more is refused by Odoo all the same.
            logger.info("External ids cannot be looked up: %s", error.message)
            return None
        ids = {row["name"]: row["res_id"] for row in rows}
        return [ids[name] for name in self._names] if len(ids) == self._number else None


@contextmanager
def attempt(key: Once | None, client: OdooClient, model: str, number: int) -> Iterator[Attempt]:
    made = Attempt(client, model, number, key)
    try:
        yield made
    except BaseException as error:
        made.failed(error)
        raise


def _names(handle: uuid.UUID, number: int) -> list[str]:
    return [f"{handle.hex}_{place}" for place in range(number)]
