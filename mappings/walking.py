"""Walking through a model's records in order of id, to their real end.

For some models Odoo drops records after it has limited a search: of the first 200 messages (mail.message) it answers 195, or
none, though more come after them. So a page that is not full is not the end. The end is where Odoo counts no more records.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from mappings import domains
from synchub.errors import OdooUnknownOutcome
from synchub.odoo import OdooClient
from synchub.odoo.records import Context

T = TypeVar("T")

FIRST = -(2**31)
"""Lower than all ids. Records of reports have negative ones (sale.report, purchase.bill.union)."""

SIFTED = frozenset({"ir.attachment", "mail.message", "mail.activity", "mail.scheduled.message"})
"""Odoo's own models that do so (18.0, their `_search`), for callers that cannot afford one more call for every model."""

_MOST = 2**31 - 1


@dataclass(frozen=True)
class Page(Generic[T]):
    """At least one row, and whether there are more after them."""

    rows: list[T]
    more: bool


def behind(domain: domains.Domain, after: int) -> domains.Domain:
    return domains.both(domain, [("id", ">", after)])


def pages(
    client: OdooClient,
    model: str,
    domain: domains.Domain,
    read: Callable[[domains.Domain, int], list[T]],
    id_of: Callable[[T], int],
    size: int,
    after: int = FIRST,
    *,
    context: Context = None,
    thorough: bool = True,
) -> Iterator[Page[T]]:
    """`read` answers the first rows of a domain in order of id, at most so many, in the same context. `thorough` asks Odoo
    whether a page that is not full is the last, which costs one call for each walk. Raises OdooError."""
    first: int | None = None
    while True:
        rows = read(behind(domain, after), size)
        after = id_of(rows[-1]) if rows else after
        more = len(rows) == size
        if not more and (thorough or model in SIFTED):
            more = client.search_count(model, behind(domain, after), context=context) > 0
        if rows:
            yield Page(rows, more)
        if not more:
            return
        if not rows:
            found, first = first, _first_shown(client, model, behind(domain, after), 2 * size, context)
            if first is None:
                return
            if first == found:
                raise OdooUnknownOutcome(f"Odoo finds record {first} of {model}, and does not show it.")
            after = first - 1


def _first_shown(
    client: OdooClient, model: str, domain: domains.Domain, at_once: int, context: Context
) -> int | None:
    """The first id of a domain that Odoo shows, past any number of records that it leaves out."""
    while not (ids := client.search(model, domain, limit=at_once, order="id", context=context)):
        if at_once == _MOST:
            if client.search_count(model, domain, context=context):
                raise OdooUnknownOutcome(f"Odoo counts records of {model} that it does not show.")
            return None  # deleted meanwhile
        at_once = min(2 * at_once, _MOST)
    return ids[0]
