"""Records posted here that Odoo has already, by their identifier: made there by hand, or by a push not yet settled."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from endpoints import leaving, mirror, moving
from endpoints.models import Change, Record, SyncState
from endpoints.registry import EndpointSpec
from mappings.convert import external_id
from synchub.odoo import OdooClient
from synchub.sync import reach
from synchub.sync.rivals import beside


def adopt(endpoint: EndpointSpec, client: OdooClient, rows: Sequence[mirror.Row]) -> None:
    """Of these rows of Odoo's, which are about to be merged, those that a record posted here is called as are that record.

    Unless several bear that name in Odoo, be it outside of these rows, of the endpoint's domain, or archived: which of
    them is meant, a person has to say (see `look`); and unless the access key that posted it may not reach that one, or another
    endpoint is about to delete it or call it otherwise. Odoo is asked only where there is such a record. Raises moving.Moved.
    """
    spec = endpoint.mapping
    unsent = Record.objects.filter(endpoint_id=endpoint.id, odoo_id=None, deleted_at=None).exclude(
        state=SyncState.SYNCED
    )
    if spec.named_by_odoo or not rows or not unsent.exists():
        return
    field = spec.identifier.field
    by_name = {_called(endpoint, one.row): one.row for one in rows}
    posted = set(unsent.filter(external_id__any_of=list(by_name)).values_list("external_id", flat=True))
    asked = [row[field.name] for name, row in by_name.items() if name in posted]
    if not asked:
        return
    found = client.search_read(
        spec.model, [(field.name, "in", asked)], [field.name], order="id", context={"active_test": False}
    )
    borne = Counter(_called(endpoint, row) for row in found)
    mine = {name: by_name[name]["id"] for name in posted if borne[name] == 1}
    theirs = dict(unsent.filter(external_id__any_of=list(mine)).values_list("pk", "external_id"))
    linked = {pk: mine[name] for pk, name in theirs.items()}
    beyond = {*reach.beyond(endpoint, client, linked), *_left_elsewhere(endpoint, linked)}
    with transaction.atomic():
        moving.hold(endpoint, client.access.database)
        locked = unsent.filter(external_id__any_of=list(mine)).select_for_update().order_by("pk")
        called = {
            pk: name
            for pk, name in locked.values_list("pk", "external_id")
            # What was posted, or is called otherwise, since then was not asked about.
            if theirs.get(pk) == name and pk not in beyond
        }
        known = set(
            Record.objects.filter(endpoint_id=endpoint.id, odoo_id__any_of=list(mine.values())).values_list(
                "odoo_id", flat=True
            )
        )
        mirror.identify(endpoint, {pk: mine[name] for pk, name in called.items() if mine[name] not in known})


def _left_elsewhere(endpoint: EndpointSpec, linked: Mapping[int, int]) -> set[int]:
    """Which of these new records are none of Odoo's that has their name: another endpoint was told before to delete that one, or to
    call it otherwise."""
    field = endpoint.mapping.identifier.field.name
    going = leaving.elsewhere(beside(endpoint), set(linked.values()), field) if linked else {}
    if not going:
        return set()
    named = Change.objects.filter(record__in=list(linked), values__has_key=field).values("record_id")
    return {
        pk
        for pk, change_id in named.annotate(last=Max("id")).values_list("record_id", "last")
        if leaving.before(change_id, linked[pk], going) is not None
    }


def _called(endpoint: EndpointSpec, row: Mapping[str, Any]) -> str | None:
    field = endpoint.mapping.identifier.field
    return external_id(endpoint.mapping, {field.name: field.type.from_wire(row[field.name])})
