"""What may be typed for a model and its fields: from Odoo where it answers, from what was read before else."""

from typing import Any

from django.http import HttpRequest, JsonResponse

from mappings import names, schema
from mappings.admin import asking
from mappings.models import Connection, OdooModel
from mappings.schema import Fields
from synchub.errors import ConfigurationError, OdooError

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
    connection = _connection(request.GET.get("connection", ""))
    if connection is None:
        return JsonResponse({"models": [], "fields": [], "note": ""})
    model = request.GET.get("model", "")
    models, note = _models(connection)
    found: Fields = {}
    if names.matches(names.ODOO_MODEL, model):
        found, problem = _fields(connection, model)
        note = note or problem
    return JsonResponse({"models": models, "fields": described(found), "note": note})


def described(fields: Fields) -> list[tuple[str, str]]:
    """Each field with what a person calls it: ("country_id", "Country (many2one)")."""
    return [(name, _label(name, facts)) for name, facts in sorted(fields.items())]


def _label(name: str, facts: dict[str, Any]) -> str:
    kind = str(facts.get("type", "?"))
    return f"{facts.get('string') or name} ({_TYPES.get(kind, kind)})"


def _connection(pk: str) -> Connection | None:
    return (
        Connection.objects.defer("secret").filter(pk=int(pk)).first()
        if pk.isdecimal() and len(pk) < 18
        else None
    )


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
