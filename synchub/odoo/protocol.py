"""The seam between the client and a wire protocol: Odoo 17 to 21 speak XML-RPC, 19 and later JSON-2 too.

A protocol knows how a call is written and read, nothing of gates, contexts or reports.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from synchub.errors import OdooMisconfigured, OdooUnknownOutcome
from synchub.odoo import faults
from synchub.odoo.access import Address, OdooAccess
from synchub.odoo.decode import BYTES_PER_ELEMENT, Fault, NotAnAnswer, TooManyElements, decode
from synchub.odoo.report import Traffic
from synchub.odoo.transport import OneShotTransport
from synchub.odoo.wire import encode

log = logging.getLogger("synchub.odoo")


class OdooProtocol(Protocol):
    """What a wire protocol does. Values are those of `wire.sendable`; only OdooError is raised."""

    def version(self, traffic: Traffic) -> dict[str, Any]: ...

    def authenticate(self, traffic: Traffic) -> int: ...

    def call(
        self,
        user_id: int,
        model: str,
        method: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        traffic: Traffic,
        *,
        changes: bool,
    ) -> Any: ...

    def close(self) -> None: ...


class XmlRpc:
    """`/xmlrpc/2`, with faults turned into the hub's errors."""

    def __init__(self, access: OdooAccess) -> None:
        self._access = access
        self._prefix = Address.of(access.url).path + "/xmlrpc/2/"
        self._transport = OneShotTransport(access)

    def version(self, traffic: Traffic) -> dict[str, Any]:
        answer = self._post("common", "version", (), traffic, changes=False)
        if not isinstance(answer, dict):
            raise OdooMisconfigured(f"{self._access.url} answers calls, but not as an Odoo does.")
        return answer

    def authenticate(self, traffic: Traffic) -> int:
        access = self._access
        params: tuple[Any, ...] = (access.database, access.login, access.secret, {})
        user_id = self._post("common", "authenticate", params, traffic, changes=False)
        if not isinstance(user_id, int) or not user_id:
            raise OdooMisconfigured(
                f"Odoo refuses the login {access.login} for the database {access.database};"
                " check the login and the API key or password.",
                login_refused=True,
            )
        return user_id

    def call(
        self,
        user_id: int,
        model: str,
        method: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        traffic: Traffic,
        *,
        changes: bool,
    ) -> Any:
        params = (self._access.database, user_id, self._access.secret, model, method, args, kwargs)
        return self._post("object", "execute_kw", params, traffic, changes=changes)

    def close(self) -> None:
        self._transport.close()

    def _post(
        self, service: str, method: str, params: tuple[Any, ...], traffic: Traffic, *, changes: bool
    ) -> Any:
        request = encode(method, params)
        answer = self._transport.post(self._prefix + service, request, traffic, changes=changes)
        try:
            return decode(answer, max_elements=self._access.max_response_bytes // BYTES_PER_ELEMENT)
        except TooManyElements:
            raise self._transport.too_large(changes=changes) from None
        except NotAnAnswer as error:
            raise OdooUnknownOutcome(
                f"What {self._access.url} answered is not XML-RPC, or not all of it."
            ) from error
        except Fault as fault:
            return self._faulted(fault, changes=changes)

    def _faulted(self, fault: Fault, *, changes: bool) -> None:
        # Odoo's traceback holds its own source lines, not our request; it may quote values, hence debug only.
        log.debug("Odoo fault %s: %s", fault.code, fault.text)
        if changes and faults.is_after_commit(fault.code, fault.text):
            return
        raise faults.error_of(fault.code, fault.text) from None
