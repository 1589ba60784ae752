"""Records that wait for each other in a ring: `edges` are those that wait, each with those that it waits for. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter

Edges = Mapping[int, set[int]]


def rings(edges: Edges) -> Iterator[list[int]]:
    """Some that have no record in common, each in the order in which its records wait for each other."""
    while True:
        try:
            TopologicalSorter(edges).prepare()
        except CycleError as error:
            ring = error.args[1][:0:-1]
            yield ring
            edges = {one: after - set(ring) for one, after in edges.items() if one not in ring}
        else:
            return


def tied_up(edges: Edges) -> set[int]:
    """All that stand in some ring, or between two of them."""
    other_way: defaultdict[int, set[int]] = defaultdict(set)
    for one, after in edges.items():
        for first in after:
            other_way[first].add(one)
    return _never_ready(edges) & _never_ready(other_way)


def _never_ready(edges: Edges) -> set[int]:
    sorter, left = TopologicalSorter(edges), set(edges)
    with suppress(CycleError):
        sorter.prepare()  # goes on as far as it gets all the same
    while ready := sorter.get_ready():
        left.difference_update(ready)
        sorter.done(*ready)
    return left
