"""Why a mapping cannot work, from rows that are already loaded, and so cheap enough for a list."""

from collections.abc import Iterable

from django.db.models import Prefetch

from mappings.compile import build
from mappings.models import Connection, Line, Mapping, OdooModel, SchemaProblem
from synchub.errors import ConfigurationError


def loaded(prefix: str = "") -> "list[Prefetch[str]]":
    """What `problem_of` needs, for `prefetch_related`."""
    return [
        Prefetch(f"{prefix}connection", Connection.objects.defer("secret")),
        Prefetch(f"{prefix}connection__odoo_models", OdooModel.objects.all()),
        Prefetch(
            f"{prefix}lines", Line.objects.select_related("nested", "table").prefetch_related("table__rows")
        ),
        Prefetch(f"{prefix}schema_problems", SchemaProblem.objects.all()),
    ]


def problem_of(mapping: Mapping, extra: Iterable[str] = (), endpoint: str = "") -> str:
    """A sentence for an administrator; empty if all is well. With the name of an endpoint, it covers its filters too.

    Problems of mappings inside it have to be noted before, by `mappings.inside.note`.
    """
    return _unworkable(mapping, extra) or _grown_apart(mapping, endpoint)


def _grown_apart(mapping: Mapping, endpoint: str) -> str:
    own = [one.text for one in mapping.schema_problems.all() if one.endpoint in ("", endpoint)]
    found = [*own, *(one.text for one in mapping.drift_inside)]
    if not found:
        return ""
    more = f" And {len(found) - 1} more." if len(found) > 1 else ""
    return f"Odoo has changed. {found[0]}{more}"


def _unworkable(mapping: Mapping, extra: Iterable[str]) -> str:
    lines = list(mapping.lines.all())
    if not lines:
        return "It has no lines yet."
    known = (row.fields for row in mapping.connection.odoo_models.all() if row.model == mapping.model)
    fields = next(known, None)
    if not fields:
        return (
            f"The fields of {mapping.model} have not been read from Odoo yet; the hub tries again by itself."
        )
    try:
        build(mapping.name, mapping.model, lines, fields, extra)
    except ConfigurationError as error:
        return str(error)
    return ""
