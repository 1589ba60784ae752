"""Odoo gives an id anew where it was restored from a backup, or where it was deleted last of all: what it has under a known id may be
another record. That it was made at another moment tells. All SQL of it."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import connection

from endpoints.models import PullState
from mappings.convert import Values
from mappings.spec import MappingSpec

_WENT_BACK = (
    "Odoo has gone back: {why}. It was restored from a backup, or its clock was set back. What it lost may still be shown here, and "
    "what the hub had written since then is not in Odoo any more. “Compare with Odoo” lists it; after that press “Remove what is gone” "
    "and “Pull everything again”, and have what is missing sent again."
)


def went_back(endpoint_id: int, why: str) -> None:
    """A person has to know, until everything has been read again."""
    PullState.objects.filter(endpoint_id=endpoint_id, went_back="").update(
        went_back=_WENT_BACK.format(why=why)
    )


def differ(known: str, there: str) -> bool:
    """Two of Odoo's stamps; an empty one is not known."""
    return bool(known and there and known != there)


def is_another(
    spec: MappingSpec, known: str, name: Any, there: str, values: Values, *, written: str, unlike: bool
) -> bool:
    """Is what Odoo has, `values` made at `there`, not the record that was made at `known` and had this `name`?

    One of the same name is what those who call it so mean, whenever it was made: somebody made it once more, or mended the
    stamps of a table by hand. Where no name tells, such a stamp lies before the last one that was known of the record
    (`written`), and what was made anew bears a later one; or all else is `unlike`, where its stamp is older (a clock was set back).
    """
    if not differ(known, there):
        return False
    if spec.named_by_odoo or name in (None, ""):
        return there > written or unlike
    return bool(values.get(spec.identifier.field.name) != name)


def unlike(spec: MappingSpec, known: Values, there: Values) -> bool:
    """Is none of what the hub knows of a record, and has been read as well, as it was?"""
    compared = (known.keys() & there.keys()) - {"id", "create_date", "write_date", spec.identifier.field.name}
    return bool(compared) and all(known[name] != there[name] for name in compared)


def given_anew(endpoint_id: int, odoo_ids: Collection[int]) -> None:
    """By themselves Odoo's ids never come twice."""
    went_back(endpoint_id, f"it has given the id {min(odoo_ids)} to another record")


def let_go(endpoint_id: int, lost: Mapping[int, int]) -> None:
    """Odoo has these (by hub id, their Odoo ids) no more, and something else under their ids. What was refused of them stays to be
    seen."""
    if not lost:
        return
    given_anew(endpoint_id, lost.values())
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE endpoints_record SET odoo_id = NULL, deleted_at = COALESCE(deleted_at, now()), base = NULL, digest = '',
                   write_date = '', version = version + 1, updated_at = now()
               WHERE id = ANY(%s)""",
            [list(lost)],
        )
