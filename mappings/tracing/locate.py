"""The place of a payload that a refusal is about: by the names in it, by the values, at last by its words."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mappings.spec import LineSpec, MappingSpec
from mappings.tracing.places import Place, places
from mappings.tracing.rules import Kind, Refusal

_QUOTED = re.compile(r"'([^'\n]+)'|\"([^\"\n]+)\"|“([^”\n]+)”|\[([^\]\n]+)\]|\(([^()\n]+)\)")
_INDEX = re.compile(r"\[\d+\]")
_SHORTEST = 2


@dataclass(frozen=True)
class Found:
    """`guessed`: Odoo did not name it; its words let one think so. `fits`: what was sent there could have been refused so."""

    line: LineSpec
    key: str
    value: Any
    guessed: bool = False
    fits: bool = True


def locate(
    spec: MappingSpec,
    refusal: Refusal,
    field: str | None,
    values: Mapping[str, Any] | None,
    *,
    changing: bool = False,
) -> Found | None:
    everywhere = places(spec, values, changing=changing)
    return (
        _by_path(spec, everywhere, field, refusal)
        or _by_language(everywhere, refusal)
        or _by_names(everywhere, refusal)
        or _by_constraint(everywhere, refusal)
        or _by_label(everywhere, refusal)
        or _by_record(everywhere, refusal)
        or _by_value(everywhere, refusal)
        or _by_type(everywhere, refusal)
        or _by_words(everywhere, refusal)
    )


def _by_path(spec: MappingSpec, everywhere: list[Place], path: str | None, refusal: Refusal) -> Found | None:
    """A path of fields; numbers in it count commands, not what the consumer sent, so that they are of no use."""
    names = [part for part in re.split(r"[./]", path or "") if part and part != "id" and not part.isdigit()]
    lines: list[LineSpec] = []
    inside: MappingSpec | None = spec
    for name in names:
        line = _line(inside, name) if inside else None
        if line is None:
            break
        lines.append(line)
        inside = line.nested
    if not lines:
        return None
    above = tuple(lines[:-1])
    return _one([p for p in everywhere if p.line is lines[-1] and p.above == above], refusal)


def _by_language(everywhere: list[Place], refusal: Refusal) -> Found | None:
    """The first line in that language; without one it is the connection's."""
    if refusal.kind is not Kind.LANGUAGE:
        return None
    place = next((place for place in everywhere if place.line.field.language == refusal.value), None)
    return Found(place.line, place.key, place.value) if place else None


def _line(spec: MappingSpec, field: str) -> LineSpec | None:
    return spec.line_of(field) or next((line for line in spec.lines if line.field.odoo_name == field), None)


def _by_names(everywhere: list[Place], refusal: Refusal) -> Found | None:
    if not refusal.fields:
        return None
    named = [place for place in everywhere if place.line.field.odoo_name in refusal.fields]
    if refusal.kind is Kind.REQUIRED:
        named = [place for place in named if place.sent and place.empty] or named
    # Of a field in several languages, the connection's.
    own = {place.line.field.name for place in named}
    named = [p for p in named if not p.line.field.language or p.line.field.odoo_name not in own]
    if any(_same_model(place.model, refusal.model) for place in everywhere):
        return _one([place for place in named if _same_model(place.model, refusal.model)], refusal)
    # No model, or one that the record is written to through `_inherits` (a product's template).
    return _one([place for place in named if not place.above] or named, refusal)


def _same_model(model: str, named: str) -> bool:
    """A table's name stands for its model's."""
    return model == named or model.replace(".", "_") == named


def _by_constraint(everywhere: list[Place], refusal: Refusal) -> Found | None:
    if not refusal.constraint:
        return None
    return _one(
        [
            place
            for place in everywhere
            if refusal.constraint.startswith(f"{place.model.replace('.', '_')}_{place.line.field.odoo_name}_")
        ],
        refusal,
    ) or _one([place for place in everywhere if place.sent and _leads_by(place, refusal.constraint)], refusal)


def _leads_by(place: Place, constraint: str) -> bool:
    """A many2many has a table of its own, called after the two models."""
    kind = place.line.field.type
    model = getattr(kind, "relation", "").replace(".", "_")
    return kind.name == "many2many" and f"_{model}_" in f"_{constraint}"


def _by_label(everywhere: list[Place], refusal: Refusal) -> Found | None:
    if not refusal.label or refusal.model:
        return None  # with a model, the label is the model's
    return _one(
        [
            place
            for place in everywhere
            if refusal.label in (place.line.field.label, place.line.field.odoo_name)
        ],
        refusal,
    )


def _by_record(everywhere: list[Place], refusal: Refusal) -> Found | None:
    """A relation to the model that is named, first one that holds just these ids."""
    if refusal.kind not in (Kind.MISSING_RECORD, Kind.RIGHT, Kind.RECORD_RULE) or not refusal.model:
        return None
    relations = [
        place
        for place in everywhere
        if place.sent and getattr(place.line.field.type, "relation", "") == refusal.model
    ]
    exact = [place for place in relations if _has_id(place.value, refusal.ids)]
    if exact or refusal.model == everywhere[0].model:
        return _one(exact, refusal)  # else it is the record itself
    return _one(relations, refusal)


def _has_id(value: Any, ids: Sequence[int]) -> bool:
    held = value if isinstance(value, list) else [value]
    return any(one in ids for one in held if isinstance(one, int))


def _by_value(everywhere: list[Place], refusal: Refusal) -> Found | None:
    if refusal.kind in (Kind.LANGUAGE, Kind.TOO_LONG):
        return None  # the connection's language; a length
    if refusal.value is not None:
        value = refusal.value
        found = [place for place in everywhere if place.holds(value)]
        return _one(found, refusal, guessed=True)
    if refusal.kind is not Kind.OTHER:
        return None
    quoted = {
        part.strip() for match in _QUOTED.findall(refusal.words) for part in match if len(part) > _SHORTEST
    }
    return _one([p for p in everywhere if any(p.holds(one) for one in quoted)], refusal, guessed=True)


def _by_type(everywhere: list[Place], refusal: Refusal) -> Found | None:
    tests: dict[Kind, Callable[[Place], bool]] = {
        Kind.LOOP: lambda place: getattr(place.line.field.type, "relation", "") == place.model,
        Kind.IMAGE: lambda place: place.line.field.type.name in ("binary", "image"),
        Kind.TOO_LONG: lambda place: (
            isinstance(place.value, str)
            and place.line.field.type.name == "char"
            and len(place.value) > int(refusal.value or 0)
        ),
    }
    test = tests.get(refusal.kind)
    if test is None:
        return None
    return _one([place for place in everywhere if place.sent and test(place)], refusal, guessed=True)


def _by_words(everywhere: list[Place], refusal: Refusal) -> Found | None:
    """A label, or a field's name, among the words. Several of them: the longest, if the others are part of it; else what they all
    are inside of."""
    if refusal.kind not in (Kind.OTHER, Kind.UNIQUE, Kind.REQUIRED, Kind.COMPANY) or refusal.fields:
        return None
    words = refusal.words.casefold()
    spoken = [
        (name, place)
        for place in everywhere
        if place.line.to_odoo
        for name in _names(place)
        if len(name) > _SHORTEST and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words)
    ]
    if not spoken:
        return None
    longest = max((name for name, _ in spoken), key=len)
    if any(name not in longest for name, _ in spoken):
        return _around(everywhere, [place for _, place in spoken])
    found = [place for name, place in spoken if name == longest]
    top = [place for place in found if not place.above]
    one = _one(top or found, refusal, guessed=True)
    if one is not None and refusal.kind is Kind.OTHER:
        # They tell of a field, not of which object in a list: it may be about one that is to go, and was not sent.
        return replace(one, key=_INDEX.sub("", one.key))
    return one


def _names(place: Place) -> set[str]:
    """What Odoo may call it. By its technical name (`invoice_line_ids`) it lists fields that may not be changed, of which those
    that were not sent are none of the consumer's."""
    technical = place.line.field.odoo_name
    names = {place.line.field.label.casefold(), technical.replace("_", " ")}
    return names | {technical} if place.sent else names


def _around(everywhere: list[Place], spoken: list[Place]) -> Found | None:
    """The relation whose objects have them all: a price and a quantity are those of the lines."""
    outer = {id(place.above[0]) if place.above else None for place in spoken}
    place = next((one for one in everywhere if {id(one.line)} == outer), None)
    return Found(place.line, place.key, place.value, guessed=True, fits=place.sent) if place else None


def _one(found: list[Place], refusal: Refusal, *, guessed: bool = False) -> Found | None:
    """The one place; of several of one line that which fits, else the line without a number. Of several lines none."""
    found = [place for place in found if not place.imagined] or found
    if refusal.kind is Kind.REQUIRED:
        found = [place for place in found if place.empty] or found
    elif refusal.value is not None:
        value = refusal.value
        found = [place for place in found if place.holds(value)] or found
    writing = [place for place in found if place.line.to_odoo]
    found = writing or found
    lines = {id(place.line): place for place in found}
    if len(lines) != 1:
        return None
    fits = any(place.empty if refusal.kind is Kind.REQUIRED else place.sent for place in found)
    if len(found) > 1:
        found = [replace(found[0], key=_INDEX.sub("", found[0].key))]
    return Found(found[0].line, found[0].key, found[0].value, guessed, fits)
