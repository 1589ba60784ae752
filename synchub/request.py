"""A request as the hub reads it: its address and its query are UTF-8, whatever it says of itself."""

from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.utils.http import parse_header_parameters


class HubRequest(WSGIRequest):
    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        """JSON has no charset to choose. Django would read the query by the one that is named, be it none of text, and
        fail before anything of the hub's could answer."""
        try:
            self.content_type, self.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        except ValueError:  # a parameter in a charset that is none (RFC 2231)
            self.content_type, self.content_params = "", {}


class Application(WSGIHandler):
    request_class = HubRequest
