"""XML-RPC over HTTP in which one call is one POST.

`xmlrpc.client.Transport` sends a request again when the connection drops (a `create` then runs twice),
waits for ever, and reads whatever comes. This one keeps its place and its interface, and does none of
these.
"""

import os
import threading
import xmlrpc.client
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any

from synchub.errors import OdooPermanent, OdooTimeout, OdooUnknownOutcome
from synchub.odoo.access import Address, OdooAccess
from synchub.odoo.answer import Broken, TooLarge, error_of_status, read_body
from synchub.odoo.connection import TimedSocket, connect
from synchub.odoo.decode import decode
from synchub.odoo.report import Traffic


class OneShotTransport(xmlrpc.client.Transport):
    """Posts to one Odoo; a connection is kept open for each thread, if Odoo (or a proxy) keeps it open.

    Raises OdooRetryable and OdooMisconfigured where nothing reached Odoo, OdooUnknownOutcome for whatever
    goes wrong from the first byte sent. Close it in each thread that used it; a thread that ends closes its
    own.
    """

    user_agent = "synchub"

    def __init__(self, access: OdooAccess) -> None:
        super().__init__()
        self._access = access
        self._address = Address.of(access.url)
        self._local = threading.local()

    def request(
        self,
        host: Any,
        handler: str,
        request_body: Any,
        verbose: bool = False,
    ) -> tuple[Any, ...]:
        """As `xmlrpc.client.ServerProxy` calls it; `host` is the access's, whatever is given here."""
        return (decode(self.post(handler, request_body, Traffic())),)

    def single_request(
        self, host: Any, handler: str, request_body: Any, verbose: bool = False
    ) -> tuple[Any, ...]:
        return self.request(host, handler, request_body, verbose)

    def post(self, path: str, body: bytes, traffic: Traffic, *, changes: bool = True) -> bytes:
        """Send `body` once and return the body of the answer; `traffic` counts, also when this raises.

        An answer over the size limit is OdooUnknownOutcome, or OdooPermanent where the call `changes`
        nothing.
        """
        kept = self._kept()
        connection, sock = kept.connection, kept.sock
        traffic.sent = len(body)
        response: HTTPResponse | None = None
        reusable = False
        try:
            sock.allow(self._access.read_timeout)
            response = self._send(connection, path, body)
            if error := error_of_status(response, self._access.url):
                raise error
            sock.allow(self._access.read_timeout)
            answer = read_body(response, self._access.max_response_bytes, traffic)
            reusable = not response.will_close
        except TooLarge:
            raise self.too_large(changes=changes) from None
        except TimeoutError as error:
            raise OdooTimeout(
                f"Odoo did not finish its answer within {self._access.read_timeout:g} s."
            ) from error
        except (OSError, HTTPException, Broken) as error:
            # The texts of these may quote what the server sent; their names say enough.
            raise OdooUnknownOutcome(
                f"The connection to Odoo broke before its answer was complete ({type(error).__name__})."
            ) from error
        finally:
            if response is not None:
                response.close()
            if reusable:
                sock.rest()
            else:
                self.close()
        return answer

    def too_large(self, *, changes: bool) -> OdooPermanent | OdooUnknownOutcome:
        """The error for an answer over the limit: asking again will not help, but what was done is done."""
        kind = OdooUnknownOutcome if changes else OdooPermanent
        return kind(
            f"Odoo's answer is larger than {self._access.max_response_bytes:,} bytes; ask for less at once."
        )

    def close(self) -> None:
        """Close this thread's connection."""
        kept: _Kept | None = self._local.__dict__.pop("kept", None)
        if kept is not None:
            kept.close()

    def _kept(self) -> "_Kept":
        """This thread's connection: the idle one if it is sound, else a new one."""
        kept: _Kept | None = self._local.__dict__.get("kept")
        if kept is None or kept.process != os.getpid() or kept.sock.is_stale():
            self.close()
            kept = self._local.kept = _Kept(*connect(self._access, self._address))
        return kept

    def _send(self, connection: HTTPConnection, path: str, body: bytes) -> HTTPResponse:
        headers = {
            "Content-Type": "text/xml",
            "User-Agent": self.user_agent,
            "Accept-Encoding": "gzip",
        }
        try:
            connection.request("POST", path, body, headers)
        except (BrokenPipeError, ConnectionResetError):
            # Whoever refuses a body early (413) answers first and then stops reading. If that answer is not
            # there to be read, this raises in its turn.
            return connection.getresponse()
        return connection.getresponse()


class _Kept:
    """A thread's open connection; closes when its thread ends, for then nothing else refers to it."""

    def __init__(self, connection: HTTPConnection, sock: TimedSocket) -> None:
        self.connection = connection
        self.sock = sock
        self.process = os.getpid()

    def close(self) -> None:
        self.connection.close()

    def __del__(self) -> None:
        self.close()
