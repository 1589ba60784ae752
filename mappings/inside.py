"""Which mappings are used inside others, and which of their differences to Odoo concern those."""

from collections.abc import Collection
from dataclasses import dataclass

from mappings.models import Line, Mapping, SchemaProblem

Uses = dict[int, list[tuple[str, int]]]
"""Mapping → (key of a relation's line, the nested mapping)."""


@dataclass(frozen=True)
class Inside:
    """A difference to Odoo in a mapping that is used by another one, under `key`."""

    key: str
    problem: SchemaProblem

    @property
    def text(self) -> str:
        return f"In “{self.problem.mapping}”, which “{self.key}” uses: {self.problem.text}"


def uses() -> Uses:
    """For all mappings, in one query."""
    found: Uses = {}
    rows = Line.objects.filter(nested__isnull=False).order_by("position", "pk")
    for outer, key, inner in rows.values_list("mapping", "key", "nested"):
        if inner is not None:
            found.setdefault(outer, []).append((key, inner))
    return found


def within(outer: int, known: Uses) -> dict[int, str]:
    """All mappings inside one, each with the keys of the lines on the way."""
    found: dict[int, str] = {}
    waiting = [(key, inner) for key, inner in known.get(outer, ())]
    while waiting:
        key, inner = waiting.pop(0)
        if inner not in found and inner != outer:
            found[inner] = key
            waiting += [(f"{key}.{below}", further) for below, further in known.get(inner, ())]
    return found


def note(mappings: Collection[Mapping]) -> None:
    """Sets `drift_inside`, a list of `Inside`, on each: two queries for all, one where nothing has changed."""
    problems: dict[int, list[SchemaProblem]] = {}
    for problem in SchemaProblem.objects.filter(endpoint="").select_related("mapping").defer("was"):
        problems.setdefault(problem.mapping_id, []).append(problem)
    known = uses() if problems else {}
    for mapping in mappings:
        mapping.drift_inside = [
            Inside(key, problem)
            for inner, key in within(mapping.pk, known).items()
            for problem in problems.get(inner, ())
        ]
