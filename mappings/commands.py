"""x2many commands that scripts give. What an earlier attempt of the same write has carried out is not repeated."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from mappings.fieldtypes import X2manyType
from mappings.relations import creates
from mappings.spec import MappingSpec
from synchub.odoo import OdooClient

Commands = Sequence[Sequence[Any]]


def made_by_commands(
    spec: MappingSpec, name: str, commands: Mapping[int, Commands], client: OdooClient
) -> Collection[str]:
    """The external ids of what records hold in field `name`, if their commands (by id) create anything there under one."""
    ids = [
        odoo_id
        for odoo_id, several in commands.items()
        if any(creates(one) and "id" in one[2] for one in several)
    ]
    field = spec.by_field[name]
    if not ids or not isinstance(field.type, X2manyType):
        return ()
    rows = client.read(spec.model, ids, [name], context={"active_test": False})
    held = sorted({one for row in rows for one in row[name]})
    names = client.external_ids(field.type.relation, held) if held else {}
    return {name for several in names.values() for name in several}


def not_carried_out(commands: Commands, there: Collection[str]) -> Commands:
    """The commands after the last one that created something that is there. Odoo carries out all of a write, in order, or
    nothing of it."""
    done = [place for place, one in enumerate(commands, 1) if creates(one) and one[2].get("id") in there]
    return commands[max(done, default=0) :]
