"""Django's middleware for what people see in a browser: sessions, logins, forms, messages.

A consumer's request has none of these, and does not wait for them either.
"""

import re
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.deprecation import MiddlewareMixin

# Endpoints and their records. What has a dot in its first part is about them, and people read it: see `endpoints.api.urls`.
_CONSUMERS = re.compile(rf"/{re.escape(settings.API_BASE_PATH)}/[a-z][a-z0-9_\-]*(?:/|\Z)")


class _ForPages(MiddlewareMixin):
    def __call__(self, request: HttpRequest) -> Any:
        if _CONSUMERS.match(request.path_info):
            return self.get_response(request)
        return super().__call__(request)


class Sessions(_ForPages, SessionMiddleware):
    pass


class Forms(_ForPages, CsrfViewMiddleware):
    pass


class Logins(_ForPages, AuthenticationMiddleware):
    pass


class Messages(_ForPages, MessageMiddleware):
    pass
