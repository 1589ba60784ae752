"""Records of Odoo for a person to choose from, found as Odoo finds them: by name, by id, or by their identifiers."""

from collections.abc import Iterable
from typing import Any

from mappings.domains import Domain, both
from synchub.odoo import OdooClient

SHOWN = 12
_LONGEST = 200


def records(
    client: OdooClient, model: str, text: str, domain: Domain, named: Iterable[str] = ()
) -> list[list[Any]]:
    """[id, name] of at most SHOWN records; the newest if nothing was typed. `named`: further fields to search in, such as the
    identifier's. Raises OdooError."""
    text = text.strip()[:_LONGEST]
    if not text:
        rows = client.search_read(model, domain, ["display_name"], limit=SHOWN, order="id desc")
        return _pairs(rows)
    found: list[list[Any]] = []
    if text.isascii() and text.isdecimal() and len(text) < 10:
        found += _pairs(
            client.search_read(model, both(domain, [("id", "=", int(text))]), ["display_name"], limit=1)
        )
    found += client.execute(model, "name_search", text, domain, "ilike", SHOWN)
    for field in named:
        same = both(domain, [(field, "ilike", text)])
        found += _pairs(client.search_read(model, same, ["display_name"], limit=SHOWN, order="id"))
    once: dict[int, str] = {}
    for pk, name in found:
        once.setdefault(pk, str(name))
    return [[pk, name] for pk, name in once.items()][:SHOWN]


def _pairs(rows: list[dict[str, Any]]) -> list[list[Any]]:
    return [[row["id"], row["display_name"] or f"record {row['id']}"] for row in rows]
