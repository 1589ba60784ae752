"""The HTTP answer: its status, and its body within the limits of size."""

import zlib
from http.client import HTTPResponse
from urllib.parse import urlsplit

from synchub.errors import OdooError, OdooMisconfigured, OdooPermanent, OdooRetryable, OdooUnknownOutcome
from synchub.odoo.report import Traffic

_CHUNK = 64 * 1024


class TooLarge(Exception):
    """The body is larger than it may be."""


class Broken(Exception):
    """The body ended early, or is not what its headers say."""


def error_of_status(response: HTTPResponse, asked: str) -> OdooError | None:
    """What a status other than 200 means; None for 200. `asked` is the connection's URL.

    429 is a proxy that did not pass the request on. Any 5xx may come from a proxy that lost patience with
    an Odoo that did not: the outcome is unknown, whatever `Retry-After` says.
    """
    status = response.status
    if status == 200:
        return None
    if 300 <= status < 400:
        return OdooMisconfigured(_moved(asked, response.getheader("Location")))
    if status in (400, 401, 403, 404, 405, 410, 421):
        return OdooMisconfigured(
            f"{asked} answered HTTP {status}, not as an Odoo does; check the address and what is before it."
        )
    if status == 413:
        return OdooPermanent("The server before Odoo refuses a request of this size (HTTP 413).")
    if status == 429:
        return OdooRetryable("The server before Odoo asks for fewer requests (HTTP 429).")
    if 400 <= status < 500 and status != 408:
        return OdooPermanent(f"The server before Odoo refuses this request (HTTP {status}).")
    return OdooUnknownOutcome(f"Odoo, or the server before it, answered HTTP {status}.")


def _moved(asked: str, location: str | None) -> str:
    message = f"{asked} redirects elsewhere"
    try:
        parts = urlsplit(location or "")
    except ValueError:
        return message + "; use the address it leads to."
    if not parts.scheme or not parts.hostname or not (location or "").isprintable():
        return message + "; use the address it leads to."
    host = parts.netloc.rpartition("@")[2]
    path = parts.path.partition("/xmlrpc/")[0].rstrip("/")
    return f"{message}; use {parts.scheme}://{host}{path} as the address."


def read_body(response: HTTPResponse, limit: int, traffic: Traffic) -> bytes:
    """Return the body, decompressed. Raises TooLarge, Broken, and what sockets raise.

    Neither what crosses the wire nor what it unpacks to may be larger than `limit` bytes.
    """
    promised = response.length
    encoding = (response.getheader("Content-Encoding") or "identity").strip().lower()
    if promised is not None and promised > limit:
        raise TooLarge
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise Broken("an encoding that was not asked for")
    unpacker = _Unpacker(limit) if encoding != "identity" else None
    received = 0
    parts: list[bytes] = []
    while chunk := response.read(_CHUNK):
        received += len(chunk)
        traffic.received = received
        if received > limit:
            raise TooLarge
        parts.append(unpacker.feed(chunk) if unpacker else chunk)
    if promised is not None and received != promised:
        raise Broken("fewer bytes than promised")
    if unpacker:
        unpacker.finish()
    return b"".join(parts)


class _Unpacker:
    """gzip to bytes, never unpacking more than the limit."""

    def __init__(self, limit: int) -> None:
        self._gzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._left = limit

    def feed(self, chunk: bytes) -> bytes:
        try:
            # One byte more than is left, so that reaching the limit and passing it can be told apart.
            unpacked = self._gzip.decompress(chunk, self._left + 1)
        except zlib.error:
            raise Broken("not gzip") from None
        if len(unpacked) > self._left:
            raise TooLarge
        if self._gzip.unused_data:
            raise Broken("data after the end")
        self._left -= len(unpacked)
        return unpacked

    def finish(self) -> None:
        if not self._gzip.eof:
            raise Broken("ended early")
