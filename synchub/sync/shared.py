"""What several records of Odoo show of one: a variant's name is its template's, a user's e-mail that of a contact.

What the hub has written through one of them is nobody's edit of the others.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from endpoints import queued, registry
from endpoints.queued import Elsewhere
from endpoints.registry import EndpointSpec
from mappings import schema
from mappings.sources import kept_in
from synchub.odoo import OdooClient

Owners = Mapping[int, Collection[int]]
"""By record, those that have the field's value."""


class Shared:
    """Of a batch's records; Odoo is asked once for each relation that leads to a value, where another endpoint leads there too."""

    def __init__(self, endpoint: EndpointSpec, client: OdooClient, odoo_ids: Sequence[int]) -> None:
        self._endpoint, self._client, self._ids = endpoint, client, odoo_ids
        self._found: dict[str, dict[int, list[Elsewhere]]] = {}

    def writes(self, odoo_id: int, field: str) -> list[Elsewhere]:
        """What has been brought to this field by way of other records, as values of this one's. Raises OdooError."""
        if field not in self._found:
            self._found[field] = self._written(field)
        return self._found[field].get(odoo_id, [])

    @cached_property
    def _facts(self) -> schema.FieldsOf:
        return schema.fields_of(self._endpoint.connection_id)

    def _written(self, field: str) -> dict[int, list[Elsewhere]]:
        model = self._endpoint.mapping.model
        relation, owner, name = kept_in(field, model, self._facts)
        others = list(self._others(relation, owner, name))
        if not others:
            return {}
        mine = self._owners(model, relation, self._ids)
        owners = {one for several in mine.values() for one in several}
        found: dict[int, list[Elsewhere]] = {}
        for other, theirs, way in others:
            their = self._leading_to(other.mapping.model, way, owners)
            written = queued.written_elsewhere(self._endpoint.id, [other.id], list(their))
            for odoo_id, several in mine.items():
                found.setdefault(odoo_id, []).extend(
                    Elsewhere(one.created_at, {field: value}, {})
                    for other_id, writes in written.items()
                    if not their[other_id].isdisjoint(several)
                    and (other.id, other_id) != (self._endpoint.id, odoo_id)
                    for one in writes
                    for value in one.of(theirs)
                )
        return found

    def _others(self, relation: str, owner: str, name: str) -> Iterator[tuple[EndpointSpec, str, str]]:
        """Endpoints that write what is kept there, their field, and the relation that leads there. Those over the very same
        records are looked at anyhow (see `rivals.beside`)."""
        model = self._endpoint.mapping.model
        for other in registry.mirrors(self._endpoint.connection_id):
            for line in other.mapping.incoming:
                if line.field.language:
                    continue
                way, *place = kept_in(line.field.name, other.mapping.model, self._facts)
                if place == [owner, name] and (way or relation or other.mapping.model != model):
                    yield other, line.field.name, way

    def _owners(self, model: str, relation: str, ids: Sequence[int]) -> Owners:
        if not relation:
            return {one: {one} for one in ids}
        return {row["id"]: _ids(row[relation]) for row in self._client.read(model, list(ids), [relation])}

    def _leading_to(self, model: str, relation: str, owners: Collection[int]) -> dict[int, set[int]]:
        if not relation:
            return {one: {one} for one in owners}
        rows = self._client.search_read(
            model, [(relation, "in", sorted(owners))], [relation], order="id", context={"active_test": False}
        )
        return {row["id"]: _ids(row[relation]) for row in rows}


def _ids(value: object) -> set[int]:
    """Of a many2one, or a list."""
    return set(value) if isinstance(value, list) else {int(str(value))} if value else set()
