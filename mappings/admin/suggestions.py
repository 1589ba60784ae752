"""Suggestions for models and fields: from Odoo if it answers, otherwise from what was read before."""

from difflib import get_close_matches
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, JsonResponse

from mappings import names, schema
from mappings.admin import asking
from mappings.models import Connection, Mapping, OdooModel
from mappings.schema import ACTIVE_LANGUAGES, Fields
from mappings.sources import only_worked_out
from synchub.errors import ConfigurationError, OdooError

M = TypeVar("M", bound=Model)

_LIKE = 4  # models to offer instead of one that Odoo does not have
_TYPES = {
    "char": "text",
    "text": "long text",
    "html": "formatted text",
    "boolean": "yes or no",
    "integer": "whole number",
    "float": "number",
    "monetary": "amount",
    "datetime": "date and time",
}


def view(request: HttpRequest) -> JsonResponse:
    """For a connection its models, and the fields of one of them; for a mapping the fields of its model."""
    mapping = by_key(Mapping.objects.all(), request.GET.get("mapping", ""))
    if mapping is not None:
        found, note = _fields(mapping.connection, mapping.model)
        return JsonResponse({"models": [], "fields": described(found), "note": note})
    connection = by_key(Connection.objects.defer("secret"), request.GET.get("connection", ""))
    if connection is None:
        return JsonResponse({"models": [], "fields": [], "note": ""})
    model = request.GET.get("model", "")
    models, note = _models(connection)
    found = {}
    if names.matches(names.ODOO_MODEL, model):
        found, problem = _fields(connection, model)
        note = note or problem
    return JsonResponse({"models": models, "fields": described(found), "note": note})


def described(fields: Fields) -> list[dict[str, Any]]:
    """Each field with its description: label "Country – one of res.country", type "many2one"; for a selection the options as
    [value, label]."""
    return [
        {
            "name": name,
            "label": in_words(name, facts),
            "type": str(facts.get("type", "")),
            "relation": str(facts.get("relation") or ""),
            "languages": " ".join(facts.get(ACTIVE_LANGUAGES) or ["any"]) if facts.get("translate") else "",
            "selection": list(facts.get("selection") or ()),
        }
        for name, facts in sorted(fields.items())
    ]


def in_words(name: str, facts: dict[str, Any]) -> str:
    """“Country – one of res.country, required”."""
    kind, other = str(facts.get("type", "?")), facts.get("relation")
    said = _TYPES.get(kind, kind)
    if other:
        said = f"one of {other}" if kind == "many2one" else f"several of {other}"
    more = [
        word
        for word, is_so in (("required", facts.get("required")), ("read only", only_worked_out(facts)))
        if is_so
    ]
    return ", ".join([f"{facts.get('string') or name} – {said}", *more])


def refused(connection: Connection, model: str, error: OdooError) -> str:
    """Odoo's refusal of a model; if it has none of that name, with models of similar names."""
    known = schema.names_of(connection) or {}
    if not known or model in known:
        return f"Odoo says of {model}: {error}"
    called: dict[str, list[str]] = {}
    for name, label in known.items():
        for said in {name, label.casefold()}:
            called.setdefault(said, []).append(f"{name} ({label})")
    like = [found for said in get_close_matches(model.casefold(), called, 3) for found in called[said]]
    more = (
        f" Called like it: {', '.join(like[:_LIKE])}."
        if like
        else " Type a part of its name and choose from the list."
    )
    return f"Odoo has no model “{model}”.{more}"


def by_key(rows: QuerySet[M], pk: str) -> M | None:
    return rows.filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 18 else None


def _models(connection: Connection) -> tuple[list[tuple[str, str]], str]:
    try:
        return asking.models_of(connection), ""
    except (OdooError, ConfigurationError) as error:
        note = f"Odoo makes no suggestions now: {error} You can type the names yourself."
        kept = schema.names_of(connection) or {
            model: model
            for model in OdooModel.objects.filter(connection=connection).values_list("model", flat=True)
        }
        return sorted(kept.items()), note


def _fields(connection: Connection, model: str) -> tuple[Fields, str]:
    kept = OdooModel.objects.filter(connection=connection, model=model).first()
    if kept:
        return kept.fields, ""
    try:
        problem = asking.read_fields(connection, model)
    except OdooError as error:
        return {}, f"Odoo says of {model}: {error}"
    kept = OdooModel.objects.filter(connection=connection, model=model).first()
    return (kept.fields if kept else {}), problem
