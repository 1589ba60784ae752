"""Asks Odoo while a person waits: short timeouts, and failures as sentences."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone

from mappings import schema
from mappings.models import Connection
from synchub.audit.log import call_logger
from synchub.errors import ConfigurationError, HubError, OdooError, OdooMisconfigured, OdooRetryable
from synchub.odoo import OdooClient, local_gate

_CONNECT_SECONDS, _ANSWER_SECONDS = 4.0, 10.0
_MODELS_KEPT_SECONDS = 600


@dataclass(frozen=True)
class Tested:
    """The outcome of testing a connection, for people."""

    ok: bool
    text: str


def brief_client(connection: Connection) -> OdooClient:
    """A client that gives up soon. It works on a paused connection too, to see whether that is mended.

    Raises OdooMisconfigured, ConfigurationError.
    """
    access = replace(
        connection.access(),
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=min(_ANSWER_SECONDS, connection.read_timeout),
    )
    gate = local_gate(f"connection-{connection.pk}", connection.concurrency, connection.rate_per_second)
    return OdooClient(access, gate=gate, on_call=call_logger(connection.name))


def test(connection: Connection) -> Tested:
    """Logs in and looks around. The outcome is also stored in the connection's row."""
    row = Connection.objects.filter(pk=connection.pk)
    try:
        with brief_client(connection) as client:
            text = _look_around(client)
    except (OdooError, ConfigurationError) as error:
        text = str(error)
        row.update(last_error=text, last_error_at=timezone.now())
        return Tested(False, " ".join(filter(None, (in_words(error), _shorter(connection, error)))))
    row.update(last_ok_at=timezone.now(), last_error="", last_error_at=None)
    return Tested(True, text)


def _look_around(client: OdooClient) -> str:
    version = client.version().get("server_version", "?")
    user_id = client.authenticate()
    rows = client.execute("res.users", "read", [user_id], ["name", "login", "company_id"])
    user: dict[str, Any] = rows[0] if rows else {}
    company = user.get("company_id") or [0, "?"]
    text = f"Reached Odoo {version} and logged in as {user.get('name', '?')} ({user.get('login', '?')})"
    if client.access.company_ids:
        [company_id] = client.access.company_ids
        found = client.execute("res.company", "search_read", [("id", "=", company_id)], ["name"])
        if not found:
            raise OdooMisconfigured(f"There is no company with the id {company_id} that this login may see.")
        company = [company_id, found[0]["name"]]
    return f"{text}, company {company[1]}."


def in_words(error: HubError) -> str:
    """What went wrong and what may help, for people."""
    return f"{error} {_advice(error)}".strip()


def _shorter(connection: Connection, error: HubError) -> str:
    """A hint for a URL that was copied from a browser, with a page of Odoo in it."""
    parts = urlsplit(connection.effective_url)
    if "not as an Odoo does" not in str(error) or not parts.path.strip("/"):
        return ""
    return f"Leave out {parts.path}: Odoo's own address probably is {parts.scheme}://{parts.netloc}."


def _advice(error: HubError) -> str:
    if isinstance(error, OdooRetryable):
        return (
            "See whether the address is right, whether Odoo is running, and whether it lets this computer in."
        )
    if isinstance(error, OdooMisconfigured) and "check" not in str(error):
        return "Look at address, database, login and API key of this connection."
    return ""


def read_fields(connection: Connection, model: str) -> str:
    """Reads the model's fields if they never were. Returns what went wrong; empty if nothing.

    Raises OdooPermanent where Odoo has no such model, or does not let the user see it.
    """
    if connection.odoo_models.filter(model=model).exists():
        return ""
    try:
        with brief_client(connection) as client:
            schema.refresh(connection, model, client)
    except (OdooMisconfigured, OdooRetryable, ConfigurationError) as error:
        return str(error)
    return ""


def models_of(connection: Connection) -> list[tuple[str, str]]:
    """Technical name and label of each model, read again after a while. Raises OdooError, ConfigurationError."""
    known = schema.names_of(connection, younger_than=_MODELS_KEPT_SECONDS)
    if known is None:
        with brief_client(connection) as client:
            known = schema.refresh_names(connection, client)
    return sorted(known.items())
