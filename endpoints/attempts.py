"""Creating straight in Odoo, in a way that can be repeated after a lost answer.

Under an idempotency key new records get external ids made of the key's handle. Whoever repeats the request asks Odoo
for these first. It may still be at it, though: then `load`, which twice makes one record, does no harm. What `load` cannot
say is created only once Odoo has had time to end the first attempt: a `create` under the same external ids makes another
record (measured on 18.0).
"""

import logging
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from endpoints import once
from endpoints.incoming import NotPossible, Once, Stored
from mappings import calls
from mappings.external_ids import EXTERNAL_ID_MODULE, IMPORTING
from mappings.relations import called
from mappings.resolve import Item
from mappings.spec import MappingSpec
from synchub.errors import HubError, OdooPermanent, OdooUnknownOutcome
from synchub.odoo import OdooClient

logger = logging.getLogger(__name__)

# Odoo ends a request by itself after 120 s (its default); and there is what comes before and after the call.
_ODOO_LIMIT, _AROUND = 120.0, 30.0


class Attempt:
    """One request's creation of `number` records. `is_made`: from here on, Odoo has them."""

    def __init__(self, client: OdooClient, model: str, number: int, key: Once | None = None) -> None:
        self.is_made = False
        self._client, self._model, self._number, self._key = client, model, number, key
        self._again, self._names = False, [""] * number
        self._may_still_run = False
        if key is not None:
            begun = once.begin(key, max(client.access.read_timeout, _ODOO_LIMIT) + _AROUND)
            self._again, self._names = begun.again, _names(begun.handle, number)

    def name(self, items: Sequence[Item]) -> None:
        """Before their relations are resolved."""
        if self._key is not None:
            for item, name in zip(items, self._names, strict=True):
                item.external_id = f"{EXTERNAL_ID_MODULE}.{name}"
                item.written = called(item.written, name)

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

    def create(self, spec: MappingSpec, items: Sequence[Item]) -> list[int]:
        """Their ids, all or none of them. Raises OdooError."""
        if self._key is None:
            return self._client.create(self._model, [item.wire(spec) for item in items])
        if len({calls.shape(spec, item) for item in items}) == 1:
            call = calls.creation(spec, items, {})
            if call.method == "load":
                return self._loaded(call)
        self._may_still_run = True
        rows = [{**item.wire(spec), "id": item.external_id} for item in items]
        return self._client.create(self._model, rows, context=IMPORTING)

    def _loaded(self, call: calls.Call) -> list[int]:
        result = self._client.load(call.model, *call.args, context=call.context)
        if result.ids is None:
            told = [one.message for one in result.messages if one.type == "error"]
            raise OdooPermanent("; ".join(told) or "it was refused, without a word")
        return result.ids

    def complete(self, stored: Sequence[Stored]) -> None:
        if self._key is not None:
            once.complete(self._key, stored)

    def failed(self, error: BaseException) -> None:
        """Nothing was made, or that is not known."""
        if self._key is None:
            return
        if self.is_made or not isinstance(error, HubError) or isinstance(error, OdooUnknownOutcome):
            # Otherwise whoever repeats it is told that it is under way, until it cannot be any more.
            if self.is_made or not self._may_still_run:
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
