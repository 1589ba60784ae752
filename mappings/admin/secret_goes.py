"""Where a connection's secret goes: to the address for which it was entered. It never comes out of the form, and must not come
out at an address that somebody puts in its place either."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from mappings.models import Connection
from mappings.models.connection import from_variable

VARIABLES = ("url_env", "secret_env")


def problems(
    stored: Connection, wanted: Mapping[str, Any], *, has_secret: bool, runs_the_hub: bool
) -> Iterator[tuple[str, str]]:
    """(field, sentence) for what a form, whose fields are `wanted`, may not do to what is `stored`. `has_secret`: is one stored?
    `runs_the_hub`: is it somebody who may do everything?"""
    url = from_variable(wanted.get("url_env", stored.url_env)) or wanted.get("url") or stored.url
    if not _is_elsewhere(stored.effective_url, url):
        return
    if stored.secret_env and not runs_the_hub:  # whatever is entered: what comes from a variable wins
        yield (
            "url",
            f"Its secret comes from the variable {stored.secret_env}, for {stored.effective_url}: only a superuser may have it "
            "sent to another server.",
        )
    elif has_secret and not wanted.get("secret"):
        yield "secret", f"It was entered for {stored.effective_url}: enter it once more for this address."


def _is_elsewhere(before: str, now: str) -> bool:
    """Another server; also the same one where others may listen, or read along."""
    try:
        was, is_now = urlsplit(before), urlsplit(now)
        same_port = _port(was) == _port(is_now)
    except ValueError:  # what is wrong with it is told elsewhere
        return False
    if was.hostname != is_now.hostname:
        return True
    return is_now.scheme != "https" and (was.scheme == "https" or not same_port)


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)
