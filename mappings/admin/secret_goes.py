"""A connection's secret goes only to the address it was entered for. It never leaves the form, and must not leave through
another address that somebody enters either."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from mappings.models import Connection
from mappings.models.connection import from_variable

VARIABLES = ("url_env", "secret_env")


def problems(
    stored: Connection, wanted: Mapping[str, Any], *, has_secret: bool, runs_the_hub: bool
) -> Iterator[tuple[str, str]]:
    """(field, sentence) for each thing a form with the values `wanted` may not do to `stored`.

    `has_secret`: a secret is stored. `runs_the_hub`: a superuser fills in the form.
    """
    url = from_variable(wanted.get("url_env", stored.url_env)) or wanted.get("url") or stored.url
    if not _is_elsewhere(stored.effective_url, url):
        return
    if stored.secret_env and not runs_the_hub:  # even if a secret was entered: a variable takes precedence
        yield (
            "url",
            f"Its secret comes from the variable {stored.secret_env}, for {stored.effective_url}: only a superuser may have it "
            "sent to another server.",
        )
    elif has_secret and not wanted.get("secret"):
        yield "secret", f"It was entered for {stored.effective_url}: enter it once more for this address."


def _is_elsewhere(before: str, now: str) -> bool:
    """Whether this is another server, or the same one where somebody else may listen (another port) or read along (no https)."""
    try:
        was, is_now = urlsplit(before), urlsplit(now)
        same_port = _port(was) == _port(is_now)
    except ValueError:  # another check reports it
        return False
    if was.hostname != is_now.hostname:
        return True
    return is_now.scheme != "https" and (was.scheme == "https" or not same_port)


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)
