"""New records that Odoo has already: which they are is noted before they are written over.

A worker may die then, and somebody in Odoo call such a one otherwise before the next worker comes: by its name alone that one would find
another, and what was posted once would be in two.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress

from django.db import IntegrityError, transaction

from endpoints import mirror
from endpoints.models import Record
from endpoints.outbox import Claim
from endpoints.registry import EndpointSpec


def remember(endpoint: EndpointSpec, claims: Sequence[Claim]) -> None:
    """From then on it is as after an attempt that found it and came to nothing: where it is called otherwise by then, a person is asked
    (see `replaced`).

    Not where another record is that one here (a pull has seen it, or this batch has two): what becomes of them is seen when it is settled.
    """
    found = {
        one.record_id: one.odoo_id for one in claims if one.creates and one.found and one.odoo_id is not None
    }
    times = Counter(found.values())
    found = {pk: odoo_id for pk, odoo_id in found.items() if times[odoo_id] == 1}
    if not found:
        return
    known = Record.objects.filter(endpoint_id=endpoint.id, odoo_id__any_of=list(found.values()))
    with suppress(IntegrityError), transaction.atomic():  # a pull may see it at this moment
        unknown = Record.objects.filter(pk__any_of=list(found), odoo_id=None).order_by("pk")
        locked = list(unknown.select_for_update().values_list("pk", flat=True))
        taken = set(known.values_list("odoo_id", flat=True))
        mirror.identify(endpoint, {pk: found[pk] for pk in locked if found[pk] not in taken})
