"""A request as the hub reads it: its address and its query are UTF-8, whatever it says of itself."""

import re
from typing import Any
from urllib.parse import unquote_to_bytes

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.functional import cached_property
from django.utils.http import parse_header_parameters

# In a request's META: which part of its address is no UTF-8, if one is. Django reads on with something else in its place.
BROKEN = "hub.broken"
# Load balancers and Kubernetes ask for it by the address of the machine, which is no name of the hub's.
HEALTH = "/healthz"
_NOT_ASCII = re.compile(r"%[89A-Fa-f]|[^\x00-\x7f]")


class HubRequest(WSGIRequest):
    def __init__(self, environ: dict[str, Any]) -> None:
        # A server hands over bytes as Latin-1, of the path what its percent signs stand for.
        path, query = environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", "")
        if not path.isascii() and not _is_utf8(path.encode("latin-1")):
            environ[BROKEN] = "path"
        elif _NOT_ASCII.search(query) and not _is_utf8(unquote_to_bytes(query.encode("latin-1"))):
            environ[BROKEN] = "query"
        super().__init__(environ)

    def get_host(self) -> str:
        """Looked at once: a list asks for it again to tell where it goes on."""
        return self._host

    @cached_property
    def _host(self) -> str:
        if self.path == HEALTH:
            return "localhost"  # whatever it is asked by: nothing of its answer depends on that
        return super().get_host()

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        """JSON has no charset to choose. Django would read the query by the one that is named, be it none of text, and
        fail before anything of the hub's could answer."""
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:  # a parameter in a charset that is none (RFC 2231)
            self.content_type, self.content_params = "", {}


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


class Application(WSGIHandler):
    request_class = HubRequest
