"""What it takes to reach one Odoo database."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from synchub.errors import OdooMisconfigured
from synchub.odoo.wire import unsendable_text

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class OdooAccess:
    """Address, login and limits of one Odoo database.

    Raises OdooMisconfigured when no call could ever succeed with these values. `secret` (an API key or a
    password) never shows in `repr`.

    `connect_timeout` bounds reaching the server, once for TCP and once for TLS. `read_timeout` bounds the
    time from sending the request to the complete headers of the answer, and again from there to its last
    byte. Both are seconds. Odoo itself gives up after 120 s, so that waiting a little longer hears its own
    answer.
    """

    url: str
    database: str
    login: str
    secret: str = field(repr=False)
    company_ids: tuple[int, ...] = ()
    language: str | None = None
    time_zone: str | None = None
    connect_timeout: float = 5.0
    read_timeout: float = 130.0
    max_response_bytes: int = 64 * MIB
    verify_tls: bool = True

    def __post_init__(self) -> None:
        Address.of(self.url)
        for what, text in (("database", self.database), ("login", self.login), ("secret", self.secret)):
            if not text:
                raise OdooMisconfigured(f"The {what} of the Odoo connection is empty.")
            if unsendable_text(text):
                raise OdooMisconfigured(
                    f"The {what} of the Odoo connection holds a character that XML has no place for."
                )
        if min(self.connect_timeout, self.read_timeout, self.max_response_bytes) <= 0:
            raise OdooMisconfigured(
                "Timeouts and the largest answer of an Odoo connection must be above zero."
            )

    @property
    def context(self) -> dict[str, object]:
        """The part of Odoo's context that every call over this connection carries."""
        context: dict[str, object] = {}
        if self.language:
            context["lang"] = self.language
        if self.time_zone:
            context["tz"] = self.time_zone
        if self.company_ids:
            context["allowed_company_ids"] = list(self.company_ids)
        return context


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a connection's URL; `path` is what stands before `/xmlrpc`, often nothing."""

    tls: bool
    host: str
    port: int
    path: str

    @classmethod
    def of(cls, url: str) -> "Address":
        """Take a URL apart. Raises OdooMisconfigured with what to write instead."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise OdooMisconfigured(
                "The Odoo address is not a URL; write it like https://odoo.example.com."
            ) from None
        if (
            parts.scheme not in ("http", "https")
            or not host
            or not url.isprintable()
            or " " in url
            or not parts.path.isascii()
        ):
            raise OdooMisconfigured(
                "The Odoo address must begin with https:// or http:// and a host name, in plain letters."
            )
        if parts.username is not None or parts.password is not None:
            raise OdooMisconfigured(
                "The Odoo address must not hold a login or password: they have their own fields."
            )
        if parts.query or parts.fragment:
            raise OdooMisconfigured(
                f"The Odoo address must end before ? or #; write {parts.scheme}://{parts.netloc}."
            )
        tls = parts.scheme == "https"
        return cls(tls, host, port or (443 if tls else 80), parts.path.rstrip("/"))
