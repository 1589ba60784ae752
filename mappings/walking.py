"""Walking through a model's records in order of id, to an end that is one.

Of some models Odoo leaves records out after it has limited a search: of the first 200 messages (mail.message) it gives 195,
or none, though others come after them. So a page that is not full is no end. The end is where Odoo counts nothing more.
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
"""Below all ids. Odoo's reports have negative ones (sale.report, purchase.bill.union)."""

SIFTED = frozenset({"ir.attachment", "mail.message", "mail.activity", "mail.scheduled.message"})
"""Which ones Odoo's own are (18.0, their `_search`), where one more call each time would be too many for all others."""

_MOST = 2**31 - 1


@dataclass(frozen=True)
class Page(Generic[T]):
    """At least one row; is there one after them?"""

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
    """`read` gives the first rows of a domain by id, so many at most, in the same context. `thorough`: Odoo is asked whether a page
    that is not full is the last; it costs one call for each walk. Raises OdooError."""
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
    """The first id of a domain, past all that is left out at once: by ids alone, as there may be any number of them."""
    while not (ids := client.search(model, domain, limit=at_once, order="id", context=context)):
        if at_once == _MOST:
            if client.search_count(model, domain, context=context):
                raise OdooUnknownOutcome(f"Odoo counts records of {model} that it does not show.")
            return None  # gone meanwhile
        at_once = min(2 * at_once, _MOST)
    return ids[0]
