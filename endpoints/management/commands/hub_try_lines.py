"""`manage.py hub_try_lines`: three lines for a terminal that show the hub at work."""

import json
import os
import time
from shlex import quote
from typing import Any
from urllib.parse import quote as in_path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from endpoints import registry
from endpoints.configfile.samples import sample
from endpoints.models import AccessKey, Auth, Endpoint, Mode, PullState
from endpoints.registry import EndpointSpec
from synchub.errors import HubError

_FAVOURITE = "partners"
_CURL = r"curl -sS -w '\n'"


class Command(BaseCommand):
    requires_system_checks = ()  # whoever can be tried has started
    help = "Prints three lines that list, create and read a record with curl, each working as it stands."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--base", default="http://127.0.0.1:8000", help="the hub's address")
        parser.add_argument(
            "--wait",
            type=float,
            default=0,
            metavar="SECONDS",
            help="how long to wait for the first pull, so that the list has something to show",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        base = str(options["base"]).rstrip("/")
        deadline = time.monotonic() + options["wait"]
        for endpoint in _usable()[:1]:
            first_pull = PullState.objects.filter(endpoint_id=endpoint.id, complete=True)
            while endpoint.mode == Mode.MIRROR and not first_pull.exists() and time.monotonic() < deadline:
                time.sleep(0.2)
        for line in _lines(base):
            self.stdout.write(line)


def _lines(base: str) -> list[str]:
    endpoints = _usable()
    for endpoint in endpoints:
        made = sample(endpoint.mapping) if "POST" in endpoint.methods else None
        if made:
            name, payload = made
            start, address = f"{_CURL}{_credentials(endpoint)}", _address(base, endpoint)
            body = json.dumps(payload, ensure_ascii=False)
            return [
                f"{start} {quote(f'{address}?limit=2')}",
                f"{start} -H 'Content-Type: application/json' -d {quote(body)} {quote(address)}",
                f"{start} {quote(address + '/' + in_path(name, safe=''))}",
            ]
    if endpoints:  # nothing to create: read instead
        endpoint = endpoints[0]
        start, address = f"{_CURL}{_credentials(endpoint)}", _address(base, endpoint)
        pages = (f"{address}?limit={limit}&offset={offset}" for limit, offset in ((2, 0), (2, 2), (1, 0)))
        return [f"{start} {quote(page)}" for page in pages]
    health = quote(f"{base}/healthz")  # no endpoint yet: at least whether the hub is there
    return [f"{_CURL} {health}", f"curl -sSI {health}", f"curl -sSv {health}"]


def _usable() -> list[EndpointSpec]:
    """Endpoints that answer, the favourite first, then in order of name."""
    names = Endpoint.objects.filter(enabled=True).order_by("name").values_list("name", flat=True)
    result = []
    for name in sorted(names, key=lambda name: (name != _FAVOURITE, name)):
        try:
            endpoint = registry.get(name)
        except HubError:  # its fields have not been read, or its configuration cannot work
            continue
        if "GET" in endpoint.methods and (endpoint.auth == Auth.NONE or endpoint.tokens or endpoint.logins):
            result.append(endpoint)
    return result


def _address(base: str, endpoint: EndpointSpec) -> str:
    return f"{base}/{settings.API_BASE_PATH}/{endpoint.name}"


def _credentials(endpoint: EndpointSpec) -> str:
    """Of the access keys one whose secret this process can still read: digests cannot be read back."""
    if endpoint.auth == Auth.NONE:
        return ""
    keys = AccessKey.objects.filter(endpoint_id=endpoint.id, enabled=True)
    if endpoint.auth == Auth.BEARER:
        for key in keys.filter(login=""):
            token = os.environ.get(key.secret_env)
            if token:
                return f" -H {quote(f'Authorization: Bearer {token}')}"
        return ' -H "Authorization: Bearer $TOKEN"'
    logins = list(keys.exclude(login=""))
    for key in logins:
        password = os.environ.get(key.secret_env)
        if password:
            return f" -u {quote(f'{key.login}:{password}')}"
    return f' -u {quote(f"{logins[0].login}:")}"$PASSWORD"'
