"""Mappings inside mappings: a relation's line names the mapping of the related records."""

from collections.abc import Iterator, Mapping

from endpoints.configfile.items import LineItem, MappingItem
from mappings.compile import MAX_DEPTH

Mappings = Mapping[str, MappingItem]


def in_order(mappings: Mappings) -> dict[str, MappingItem]:
    """In order of name, but each after those it needs. Loops are cut somewhere: `problems` refuses them."""
    result: dict[str, MappingItem] = {}
    begun: set[str] = set()

    def put(name: str) -> None:
        if name in begun or name not in mappings:
            return
        begun.add(name)
        for inner in sorted(line.mapping for line in mappings[name].lines):
            put(inner)
        result[name] = mappings[name]

    for name in sorted(mappings):
        put(name)
    return result


def with_nested(mappings: Mappings, name: str) -> list[MappingItem]:
    """The mapping and all mappings inside it."""
    found: dict[str, MappingItem] = {}

    def put(name: str) -> None:
        if name in mappings and name not in found:
            found[name] = mappings[name]
            for line in mappings[name].lines:
                put(line.mapping)

    put(name)
    return list(found.values())


def problems(mappings: Mappings, mapping: MappingItem) -> Iterator[tuple[LineItem, str]]:
    """Lines by which a mapping would contain itself, be nested too deeply, or look into another database."""
    for line in mapping.lines:
        inner = mappings.get(line.mapping)
        if inner is None:
            continue
        if inner.connection != mapping.connection:
            yield line, f"mapping “{inner.name}” is of another connection, “{inner.connection}”"
        elif mapping in with_nested(mappings, inner.name):
            yield line, f"mapping “{mapping.name}” would contain itself"
        elif _depth(mappings, inner, ()) >= MAX_DEPTH:
            yield line, f"mappings may be nested {MAX_DEPTH} levels deep"


def _depth(mappings: Mappings, mapping: MappingItem, above: tuple[str, ...]) -> int:
    if mapping.name in above or len(above) > MAX_DEPTH:  # a loop elsewhere, refused where it is
        return 0
    inner = (mappings[line.mapping] for line in mapping.lines if line.mapping in mappings)
    return 1 + max((_depth(mappings, item, (*above, mapping.name)) for item in inner), default=0)
