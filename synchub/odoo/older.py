"""What an older Odoo does otherwise than those since 18, and without a word: made alike here, so that nobody else need know."""

import re
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from synchub.errors import OdooMisconfigured, OdooPermanent
from synchub.odoo.faults import FOR_PEOPLE

if TYPE_CHECKING:
    from synchub.odoo.client import OdooClient

REFUSES_LANGUAGES_SINCE = 18
ALWAYS_THERE = "en_US"
_KEPT_SECONDS = 60.0

_languages: dict[tuple[str, str], tuple[float, frozenset[str] | None]] = {}
"""By URL and database: until when that counts, and the active languages; None where Odoo refuses the others itself."""


def refuse_language(client: "OdooClient", language: object) -> None:
    """Refuse a language that is not active, as Odoo does since 18. Raises OdooError.

    Odoo 17 takes it for English: what is written in it would go over the English text.
    """
    if not isinstance(language, str) or language == ALWAYS_THERE:
        return
    key = (client.access.url, client.access.database)
    until, active = _languages.get(key, (0.0, None))
    if time.monotonic() >= until:
        active = _active(client)
        _languages[key] = (time.monotonic() + _KEPT_SECONDS, active)
    if active is not None and language not in active:
        raise OdooPermanent(f"Invalid language code: {language}", code=FOR_PEOPLE)


def unknown_column(error: OdooPermanent, fields: Sequence[str]) -> OdooPermanent | None:
    """What `load` says of a field that the model has not, where this is that: of Odoo 17 a KeyError with the bare name."""
    names = {field.partition("/")[0] for field in fields}
    found = next((name for name in names if error.message == f"KeyError: {name!r}"), None)
    return None if found is None else OdooPermanent(f"Invalid field name {found!r}", code=error.code)


def _active(client: "OdooClient") -> frozenset[str] | None:
    if _series(client) >= REFUSES_LANGUAGES_SINCE:
        return None
    rows = client.search_read("res.lang", [("active", "=", True)], ["code"], context={"lang": ALWAYS_THERE})
    return frozenset(str(row["code"]) for row in rows)


def _series(client: "OdooClient") -> int:
    """17 of `17.0` and of `saas~17.4`; the newest of all where Odoo does not say."""
    try:
        said = re.search(r"\d+", str(client.version().get("server_serie")))
    except OdooMisconfigured:
        said = None
    return int(said[0]) if said else 1000
