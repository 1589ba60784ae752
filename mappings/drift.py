"""Where Odoo's present fields no longer fit a mapping. Pure, except that `note` stores what was found.

A field that is gone, or computed now, is found at every reading. A type, an option or a requirement that changed is found by
comparing with the fields that the mapping was made for.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from mappings.compile import line_problem
from mappings.models import Direction, Kind, Line, Mapping, SchemaProblem, Severity
from mappings.schema import Fields

_ALIKE = ({"char", "text", "html"}, {"integer", "float", "monetary"}, {"binary", "image"})


@dataclass(frozen=True)
class Drift:
    """`line`: None where no line is concerned (a field that Odoo requires now). `was`: the field's facts before."""

    line: Line | None
    field: str
    text: str
    severity: Severity
    was: dict[str, Any] = dataclasses.field(default_factory=dict)


def drift(lines: Sequence[Line], model: str, old: Fields, new: Fields, *, creates: bool) -> list[Drift]:
    """`creates`: records are created through the mapping, so required fields need a value."""
    found: list[Drift] = []
    for line in lines:
        if not line.field:
            continue
        before = old.get(line.field, {})
        problem = _problem(line, model, before, new)
        if problem is not None:
            text, severity = problem
            found.append(Drift(line, line.field, f"“{line.key}”: {text}", severity, before))
    if creates:
        found += _newly_required(lines, model, old, new)
    return found


def _problem(line: Line, model: str, before: dict[str, Any], new: Fields) -> tuple[str, Severity] | None:
    facts = new.get(line.field)
    if facts is None:
        return (
            f"Odoo has no field {line.field} of {model} any more, or the hub's user may not see it. It is shown as null "
            "and cannot be written: choose another field, or remove the line.",
            Severity.BROKEN,
        )
    problem = line_problem(line, model, new)
    if problem:
        return f"{problem} It is shown, if it can be read, and cannot be written.", Severity.BROKEN
    kind, was = str(facts["type"]), before.get("type")
    if was and was != kind:
        alike = any({was, kind} <= family for family in _ALIKE)
        return (
            f"{line.field} was of the type {was} in Odoo and is {kind} now; what the endpoint shows and takes changes "
            "with it. Save the line to say that this is well.",
            Severity.WARNING if alike else Severity.BROKEN,
        )
    if line.kind != Kind.RELATION and before.get("relation") and before["relation"] != facts.get("relation"):
        return (
            f"{line.field} held ids of {before['relation']} and holds ids of {facts.get('relation')} now. Save the line "
            "to say that this is well.",
            Severity.BROKEN,
        )
    return _lost_options(line, before, facts)


def _lost_options(line: Line, before: dict[str, Any], facts: dict[str, Any]) -> tuple[str, Severity] | None:
    there = {option for option, _ in facts.get("selection") or ()}
    lost = [option for option, _ in before.get("selection") or () if option not in there]
    if not lost or facts["type"] != "selection":
        return None
    named = ", ".join(f"“{option}”" for option in lost)
    if line.default in lost:
        return (
            f"Odoo no longer takes “{line.default}”, which is the line's default: choose another one.",
            Severity.BROKEN,
        )
    return (
        f"Odoo no longer takes {named}; writes of it are refused. Save the line to say that this is well.",
        Severity.WARNING,
    )


def _newly_required(lines: Sequence[Line], model: str, old: Fields, new: Fields) -> Iterable[Drift]:
    if not old:
        return  # read for the first time: many required fields have defaults in Odoo
    given = {line.field: line for line in lines if line.direction != Direction.FROM_ODOO}
    for name, facts in new.items():
        before = old.get(name, {})
        if not facts.get("required") or before.get("required") or facts.get("readonly"):
            continue
        line = given.get(name)
        if line is None:
            yield Drift(
                None,
                name,
                f"Odoo requires {facts.get('string') or name} ({name}) of new records of {model} now, and no line gives "
                "it: add one, unless Odoo fills it in by itself.",
                Severity.WARNING,
                before,
            )
        elif not line.required and line.default is None and not line.identifier:
            yield Drift(
                line,
                name,
                f"“{line.key}”: Odoo requires {name} of new records now: make the line required, or give it a default.",
                Severity.WARNING,
                before,
            )


def look(mapping: Mapping, old: Fields, new: Fields) -> None:
    """Compares a mapping with fields just read, and stores what was found."""
    kept = mapping.schema_problems.filter(endpoint="").exclude(was={})
    old = old | {problem.field: problem.was for problem in kept}
    lines = list(mapping.lines.select_related("nested"))
    note(mapping, drift(lines, mapping.model, old, new, creates=_creates(mapping)))


def _creates(mapping: Mapping) -> bool:
    inside = Line.objects.filter(nested=mapping).exclude(direction=Direction.FROM_ODOO)
    return (
        mapping.endpoints.filter(enabled=True, methods__contains=["POST"]).exists()
        or inside.filter(on_missing="create").exists()
    )


def note(mapping: Mapping, found: Iterable[Drift], endpoint: str = "") -> None:
    """Replaces what was stored about the mapping's own lines, or about an endpoint's domain and parameters."""
    with transaction.atomic():
        known = {
            (problem.line_id, problem.field, problem.text): problem
            for problem in mapping.schema_problems.select_for_update().filter(endpoint=endpoint)
        }
        for one in found:
            place = (one.line.pk if one.line else None, one.field, one.text)
            if known.pop(place, None) is None:
                SchemaProblem.objects.create(
                    mapping=mapping,
                    line=one.line,
                    endpoint=endpoint,
                    field=one.field,
                    text=one.text,
                    severity=one.severity,
                    was=one.was,
                )
        SchemaProblem.objects.filter(pk__in=[problem.pk for problem in known.values()]).delete()
