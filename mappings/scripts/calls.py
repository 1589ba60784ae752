"""Calls to Odoo on behalf of scripts: counted, and stopped where no script may continue."""

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from mappings.scripts.data import Kind, Limits, ScriptError
from mappings.scripts.worker import Refused, Stopped
from synchub.errors import (
    OdooError,
    OdooPermanent,
    OdooRetryable,
    OdooUnknownOutcome,
    ValueNotSendable,
)
from synchub.odoo import OdooClient

Answer = TypeVar("Answer")


class Calls:
    """The calls of one batch.

    `failed` is Odoo's last refusal: a script that ends with that text has ended because of it. `forget` is called after
    each change.
    """

    def __init__(
        self,
        client: OdooClient | None,
        limits: Limits,
        context: Mapping[str, Any],
        forget: Callable[[], None],
    ) -> None:
        self._client = client
        self._limits = limits
        self._context = dict(context)
        self._forget = forget
        self._away: OdooError | None = None
        self._count = self._count_of_run = 0
        self._run: Any = None
        self._deadline = 0.0
        self.failed: OdooError | None = None

    def begin(self) -> None:
        self._count = 0
        self._away = None
        self._deadline = time.monotonic() + self._limits.seconds_per_batch

    def enter(self, run: Any) -> None:
        """From here on, `run` makes the calls."""
        if run != self._run:
            self._run, self._count_of_run, self.failed = run, 0, None

    @property
    def late(self) -> bool:
        return time.monotonic() > self._deadline

    def odoo(self) -> OdooClient:
        if self._client is None:
            raise Stopped(
                ScriptError("Odoo is not available here: the script asks it for something", kind=Kind.ODOO)
            )
        return self._client

    def merged(self, context: Mapping[str, Any] | None) -> dict[str, Any] | None:
        return {**self._context, **(context or {})} or None

    def read(self, call: Callable[[], Answer]) -> Answer:
        if self._away is not None:
            raise Stopped(odoo_error(self._away))
        self._count += 1
        self._count_of_run += 1
        for count, most, where in (
            (self._count_of_run, self._limits.calls, "for one record"),
            (self._count, self._limits.calls_per_batch, "for one batch"),
        ):
            if count > most:
                text = f"the script calls Odoo more than {most} times {where}"
                raise Stopped(ScriptError(text, kind=Kind.LIMIT))
        try:
            return call()
        except ValueNotSendable as error:
            raise Refused(str(error)) from None
        except OdooPermanent as error:
            self.failed = error
            raise Refused(error.message) from None
        except OdooError as error:
            # No script may catch this, since it will be retried. Later runs have not done anything yet.
            self._away = OdooRetryable(error.message) if isinstance(error, OdooUnknownOutcome) else error
            raise Stopped(odoo_error(error)) from None
        except TypeError as error:
            raise Refused(str(error)) from None

    def change(self, call: Callable[[], Answer]) -> Answer:
        try:
            return self.read(call)
        finally:
            # Also after a failure, whose outcome may be unknown.
            self._forget()


def odoo_error(error: OdooError) -> ScriptError:
    return ScriptError(error.message, kind=Kind.ODOO, odoo=error)


def out_of_time(limits: Limits) -> ScriptError:
    return ScriptError(
        f"the script took more than {limits.seconds_per_batch:g} seconds for one batch", kind=Kind.LIMIT
    )
