"""Every place of a payload: each line of the mapping and of those inside it, once for each object that was sent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from mappings.relations import Structure, is_structure
from mappings.spec import LineSpec, MappingSpec


class _NotSent:
    def __repr__(self) -> str:
        return "NOT_SENT"


NOT_SENT: Final = _NotSent()


@dataclass(frozen=True)
class Place:
    """`key` is where a consumer finds it: `lines[2].price`. `value` is canonical, NOT_SENT where none was sent.

    `imagined`: no object around it was sent either. `kept`: where nothing is sent, Odoo keeps what it has.
    """

    line: LineSpec
    key: str
    model: str
    value: Any
    above: tuple[LineSpec, ...] = ()
    imagined: bool = False
    kept: bool = False

    @property
    def sent(self) -> bool:
        return self.value is not NOT_SENT

    @property
    def empty(self) -> bool:
        return not self.kept if not self.sent else self.value is None or self.value == ""

    def holds(self, value: str) -> bool:
        """Is it this value, as far as a text can tell?"""
        return self.sent and not self.empty and not isinstance(self.value, dict) and str(self.value) == value


def places(spec: MappingSpec, values: Mapping[str, Any] | None, *, changing: bool = False) -> list[Place]:
    """Top level first. Where no values of a relation are known, its lines are there once, without a number."""
    found = _places(spec, values or {}, "", (), imagined=False, kept=changing)
    return sorted(found, key=lambda place: len(place.above))


def _places(
    spec: MappingSpec,
    values: Mapping[str, Any],
    prefix: str,
    above: tuple[LineSpec, ...],
    *,
    imagined: bool,
    kept: bool = False,
) -> Iterator[Place]:
    for line in spec.lines:
        value = values.get(line.field.name, NOT_SENT)
        key = f"{prefix}{line.key}"
        yield Place(line, key, spec.model, value, above, imagined, kept)
        if line.nested is not None:
            for inner, place in _objects(line.nested, value, key):
                yield from _places(
                    line.nested, inner, f"{place}.", (*above, line), imagined=not is_structure(value)
                )


def _objects(spec: MappingSpec, value: Any, key: str) -> Iterator[tuple[Mapping[str, Any], str]]:
    if not is_structure(value):
        yield {}, key
    elif "$ref" in value:
        yield _values(spec, value), key
    else:
        for name in ("$children", "$set", "$add", "$remove"):
            inside = f"{key}.{name[1:]}" if name in ("$add", "$remove") else key
            for index, one in enumerate(value.get(name, ())):
                yield _values(spec, one), f"{inside}[{index}]"


def _values(spec: MappingSpec, structure: Structure) -> dict[str, Any]:
    named = {} if structure["$ref"] is None else {spec.identifier.field.name: structure["$ref"]}
    return {**named, **structure["$values"]}
