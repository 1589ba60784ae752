"""One TCP or TLS connection to Odoo on which every wait has an end."""

import io
import select
import socket
import ssl
import time
from http.client import HTTPConnection
from typing import Any

from synchub.errors import OdooMisconfigured, OdooRetryable
from synchub.odoo.access import Address, OdooAccess

# Servers close idle connections after 5 to 75 s. One that lay longer than this is not worth the risk that
# its end is under way just as a request leaves.
LONGEST_IDLE = 4.0
_CHUNK = 64 * 1024


class TimedSocket:
    """What `http.client` uses of a socket, every wait bounded by one deadline.

    A socket's own timeout starts anew with each byte, so that a server sending one a minute would hold a
    worker for ever.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._deadline = 0.0
        self._idle_since = time.monotonic()

    def allow(self, seconds: float) -> None:
        """Let whatever follows take so many seconds, all together."""
        self._deadline = time.monotonic() + seconds

    def arm(self) -> None:
        """Let the next wait end at the deadline. Raises TimeoutError when that has passed."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        for start in range(0, len(view), _CHUNK):
            self.arm()
            self._sock.sendall(view[start : start + _CHUNK])

    def makefile(self, _mode: str) -> io.BufferedReader:
        raw = self._sock.makefile("rb", buffering=0)
        return io.BufferedReader(_TimedReader(self, raw), _CHUNK)

    def rest(self) -> None:
        """The request is answered and the connection is kept for the next one."""
        self._idle_since = time.monotonic()

    def is_stale(self) -> bool:
        """Whether the other side has closed the idle connection, or said something unasked."""
        if time.monotonic() - self._idle_since > LONGEST_IDLE:
            return True
        poll = select.poll()
        poll.register(self._sock, select.POLLIN | select.POLLERR | select.POLLHUP)
        return bool(poll.poll(0))

    def close(self) -> None:
        self._sock.close()


class _TimedReader(io.RawIOBase):
    """The receiving side of a TimedSocket, as a file."""

    def __init__(self, owner: TimedSocket, raw: io.RawIOBase) -> None:
        self._owner = owner
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._owner.arm()
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def connect(access: OdooAccess, address: Address) -> tuple[HTTPConnection, TimedSocket]:
    """Open a connection. Raises OdooRetryable or OdooMisconfigured; nothing has been sent in either case."""
    where = f"{address.host}:{address.port}"
    try:
        sock = socket.create_connection((address.host, address.port), timeout=access.connect_timeout)
    except socket.gaierror as error:
        raise OdooRetryable(
            f"The name of the Odoo server {address.host} cannot be resolved ({error.strerror})."
        ) from error
    except TimeoutError as error:
        raise OdooRetryable(
            f"The Odoo server {where} did not answer within {access.connect_timeout:g} s."
        ) from error
    except (OSError, UnicodeError) as error:
        raise OdooRetryable(f"The Odoo server {where} cannot be reached ({_reason(error)}).") from error
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if address.tls:
            sock = _tls(access).wrap_socket(sock, server_hostname=address.host)
    except ssl.SSLCertVerificationError as error:
        sock.close()
        raise OdooMisconfigured(
            f"The TLS certificate of {where} cannot be trusted ({error.verify_message})."
        ) from error
    except (OSError, ValueError) as error:
        sock.close()
        raise OdooRetryable(f"No TLS connection with {where} could be made ({_reason(error)}).") from error
    timed = TimedSocket(sock)
    connection = HTTPConnection(address.host, address.port)
    connection.auto_open = 0  # http.client would connect again by itself, and send again
    connection.sock = timed
    return connection, timed


def _tls(access: OdooAccess) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not access.verify_tls:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError) and error.reason == "WRONG_VERSION_NUMBER":
        return "it does not speak TLS there; is its address http://?"
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
