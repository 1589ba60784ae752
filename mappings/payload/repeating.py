"""Whether a write of a relation only repeats what its record shows. Pure."""

from collections.abc import Sequence
from typing import Any

from mappings.line_error import LineError
from mappings.payload.objects import parse_value
from mappings.relations import Structure, is_structure
from mappings.spec import LineSpec


def repeats(line: LineSpec, structure: Structure | None, shown: Any) -> bool:
    """Whether a write of a relation only repeats what its record shows. Additions and removals never do."""
    try:
        there = parse_value(line, shown, line.key)
    except LineError:
        return False  # some lines shown cannot be named from outside
    return _repeats(structure, there)


def _repeats(sent: Structure | None, there: Structure | None) -> bool:
    if sent is None or there is None:
        return sent is there
    if "$set" in sent and "$set" in there:  # in any order
        return _all_within(*(sorted(one["$set"], key=lambda ref: repr(ref["$ref"])) for one in (sent, there)))
    if "$children" in sent and "$children" in there:
        return _all_within(sent["$children"], there["$children"])
    return "$ref" in sent and bool(sent["$ref"] == there.get("$ref"))


def _all_within(sent: Sequence[Structure], there: Sequence[Structure]) -> bool:
    return len(sent) == len(there) and all(map(_within, sent, there))


def _within(sent: Structure, there: Structure) -> bool:
    known = there["$values"]
    return sent["$ref"] == there["$ref"] and all(
        name in known and says_the_same(value, known[name]) for name, value in sent["$values"].items()
    )


def says_the_same(value: Any, known: Any) -> bool:
    """Whether a value that was sent is the one that was shown."""
    if not (is_structure(value) and is_structure(known)):
        return bool(value == known)
    both_refs = "$ref" in value and "$ref" in known
    return _within(value, known) if both_refs else _repeats(value, known)
