"""Records of Odoo for a person to choose from, found as Odoo finds them: by name, by id, or by what names them outside."""

from collections.abc import Iterable
from typing import Any

from mappings.domains import Domain, both
from synchub.odoo import OdooClient

SHOWN = 12
_LONGEST = 200


def records(
    client: OdooClient, model: str, text: str, domain: Domain, named: Iterable[str] = ()
) -> list[list[Any]]:
    """[id, name] of at most SHOWN records; the newest where nothing was typed. `named` are other texts by which they
    are known, such as what names them outside. Raises OdooError."""
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
