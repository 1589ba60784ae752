"""Where a record here is not as Odoo has it: pure, and cheap where nothing differs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from endpoints import mirror
from mappings.convert import document_text
from mappings.paths import at
from mappings.spec import LineSpec, MappingSpec

LONGEST = 500  # characters of a value that are kept, to be shown


@dataclass(frozen=True)
class Kept:
    """A record's row in the mirror, as far as it is compared."""

    document: str
    values: Mapping[str, Any]
    fragments: Mapping[str, Any]


@dataclass(frozen=True)
class Differing:
    """One key of a record; `key` is empty where no line shows the field. Values as consumers see them, cut where long.

    `passing`: Odoo keeps it with no record and works it out whenever it is asked, so that it may be another one each time, and
    no change of a record tells of it.
    """

    key: str
    label: str
    field: str
    hub: Any
    odoo: Any
    passing: bool = False


def the_same(spec: MappingSpec, kept: Kept, read: mirror.Read) -> bool:
    """By checksum, of what is stored and not of what was once read. True means it; False that one has to look."""
    stored = mirror.Read(dict(kept.values), dict(kept.fragments), "", read.problem)
    return mirror.digest(spec, stored) == mirror.digest(spec, read) and kept.document == document_text(
        spec, read.values, read.fragments
    )


def differing(spec: MappingSpec, kept: Kept, read: mirror.Read) -> list[Differing]:
    """Line by line; then the fields that no line shows, such as those that parameters filter by."""
    here, there = (
        orjson.loads(text) for text in (kept.document, document_text(spec, read.values, read.fragments))
    )
    found = [
        Differing(
            line.key,
            line.field.label,
            line.field.name,
            shown(mine),
            shown(theirs),
            _passing(line, mine, theirs),
        )
        for line, mine, theirs in _lines(spec, here, there)
        if mine != theirs
    ]
    named = {one.field for one in found}
    for name, theirs in orjson.loads(orjson.dumps(read.values)).items():
        mine = kept.values.get(name)
        if name not in named and mine != theirs:
            known = spec.by_field.get(name)
            label, passing = (known.label, not known.stored) if known else (name, False)
            found.append(Differing("", label, name, shown(mine), shown(theirs), passing))
    return found


def shown(value: Any) -> Any:
    """The value, or the beginning of its text."""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return value if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"


def _passing(line: LineSpec, mine: Any, theirs: Any) -> bool:
    """Does only that differ which Odoo does not keep, in the record or in those that its relation shows?"""
    if not line.field.stored:
        return True
    if line.nested is None or line.script is not None:
        return False
    here, there = ([one] if isinstance(one, dict) else one for one in (mine, theirs))
    if not (isinstance(here, list) and isinstance(there, list) and len(here) == len(there)):
        return False
    return all(
        _passing(inner, own, other)
        for pair in zip(here, there, strict=True)
        for inner, own, other in _lines(line.nested, *pair)
        if own != other
    ) and all(isinstance(one, dict) for one in (*here, *there))


def _lines(spec: MappingSpec, here: Any, there: Any) -> Iterator[tuple[LineSpec, Any, Any]]:
    for line in spec.outgoing:
        yield line, at(here, line.path), at(there, line.path)
