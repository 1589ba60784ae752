"""What `load` tells where it refuses: which records are at fault, and what it would have done with the others.

It saves all at once; where that fails it tries each by itself, up to the tenth that it refuses if those are a tenth of
what it tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from synchub.odoo.records import LoadMessage

_MOST = 10


@dataclass(frozen=True, slots=True)
class Refusal:
    """Places of records in the call: `refused` with what Odoo says; those that it would have taken; those of which it says
    nothing that could be relied on."""

    refused: dict[int, LoadMessage]
    good: list[int]
    unsure: list[int]


def refusal(messages: Sequence[LoadMessage], count: int) -> Refusal:
    """Of a call of so many records."""
    complaints = [(one.record, one) for one in messages if one.type == "error" and one.record in range(count)]
    blamed = {place for place, _ in complaints if place is not None}
    # That all at once failed is told before the records' own failures, of the first record and of no field of it.
    first = [one for place, one in complaints if place == 0]
    in_doubt = {0} if len(blamed) > 1 and len(first) == 1 and first[0].field is None else set()
    refused: dict[int, LoadMessage] = {}
    for place, one in complaints:
        if place is not None and place not in in_doubt:
            refused.setdefault(place, one)
    last = max(refused, default=-1)
    stopped = len(blamed) >= max(_MOST, (last + 1) / 10)
    untried = range(last + 1, count) if stopped else range(0)
    good = [place for place in range(count) if place not in blamed and place not in untried]
    return Refusal(refused, good, [*sorted(in_doubt), *untried])
