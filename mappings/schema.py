"""What Odoo says of its models: read once, stored, read again when old."""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from django.utils import timezone

from mappings.models import ConfigVersion, Connection, Mapping, ModelNames, OdooModel
from synchub.errors import OdooPermanent
from synchub.odoo import OdooClient

Fields = dict[str, dict[str, Any]]

ACTIVE_LANGUAGES = "languages"
"""In the facts of a translated field: the codes of Odoo's active languages."""


def known_fields(mapping: Mapping) -> Fields:
    """Field → facts; empty where the model was never read."""
    if not mapping.connection_id:
        return {}
    return fields_of(mapping.connection_id)(mapping.model)


FieldsOf = Callable[[str], Fields]
"""Model → its fields; empty where they were not read."""


def fields_of(connection_id: int) -> FieldsOf:
    """Model → its fields, with one database query for each model; empty where it was never read."""

    @cache
    def known(model: str) -> Fields:
        found = OdooModel.objects.filter(connection=connection_id, model=model).first()
        return found.fields if found else {}

    return known


def facts_of(connection_id: int, client: OdooClient) -> Callable[[str], Fields]:
    """For scripts: the fields of any model of a connection. Odoo is asked for models that were never read."""

    version = ConfigVersion.current()

    def facts(model: str) -> Fields:
        return _as_of(version, connection_id, model) or client.fields_get(model)

    return facts


@lru_cache(maxsize=256)
def _as_of(_version: int, connection_id: int, model: str) -> Fields:
    """Reading a large model's fields takes as long as converting some hundred records; saving them is a new version."""
    return fields_of(connection_id)(model)


def refresh(connection: Connection, model: str, client: OdooClient) -> OdooModel:
    """Reads the model's fields from Odoo. Raises OdooError.

    A row is saved only if something differs, since saving makes every process compile its endpoints again. Where the fields
    no longer fit a mapping, that is noted (`drift`).
    """
    from mappings import drift  # imports the compiler of lines, which imports this module

    fields = read_fields(model, client)
    kept = OdooModel.objects.filter(connection=connection, model=model).first()
    old = kept.fields if kept else {}
    for mapping in Mapping.objects.filter(connection=connection, model=model):
        drift.look(mapping, old, fields)
    if kept is None:  # a worker and a page may read a new model at the same time
        kept, _ = OdooModel.objects.get_or_create(
            connection=connection, model=model, defaults={"fields": fields}
        )
    if kept.fields != fields:
        kept.fields, kept.read_at = fields, timezone.now()
        kept.save()
    else:
        OdooModel.objects.filter(pk=kept.pk).update(read_at=timezone.now())
    return kept


def read_fields(model: str, client: OdooClient) -> Fields:
    """Odoo's facts about the model's fields, with its active languages. Raises OdooError."""
    fields = client.fields_get(model)
    translated = [facts for facts in fields.values() if facts.get("translate")]
    languages = _active_languages(client) if translated else []
    for facts in translated:
        facts[ACTIVE_LANGUAGES] = languages
    return fields


def _active_languages(client: OdooClient) -> list[str]:
    """The codes of the active languages; empty where the user may not see them. Raises only OdooErrors that may pass."""
    try:
        rows = client.search_read("res.lang", [("active", "=", True)], ["code"], order="code")
    except OdooPermanent:
        return []
    return [str(row["code"]) for row in rows]


def refresh_names(connection: Connection, client: OdooClient) -> dict[str, str]:
    """Reads the names of Odoo's models: technical name → label. Raises OdooError, also where the user may not see them."""
    try:
        rows = client.search_read("ir.model", [("transient", "=", False)], ["model", "name"], order="model")
        names = {str(row["model"]): str(row["name"]) for row in rows}
    except OdooPermanent:
        # Ordinary users may not read them all, but Odoo tells them which ones they may use.
        rows = client.execute("ir.model", "get_available_models")
        names = {str(row["model"]): str(row["display_name"]) for row in rows}
    ModelNames.objects.update_or_create(
        connection=connection, defaults={"names": names, "read_at": timezone.now()}
    )
    return names


def names_of(connection: Connection, *, younger_than: float | None = None) -> dict[str, str] | None:
    """The names that were read; None where they never were, or longer ago than so many seconds."""
    kept = ModelNames.objects.filter(connection=connection).first()
    if kept is None or (
        younger_than is not None and (timezone.now() - kept.read_at).total_seconds() > younger_than
    ):
        return None
    return dict(kept.names)
