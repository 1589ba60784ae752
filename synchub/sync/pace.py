"""How many records go to Odoo at once: as many as it takes in two or three seconds, which differs from one operation to another.

A batch may hold several operations: of each as large a share as it takes of the batch's time.

Its new records may go in several calls. Where one of a call is refused, Odoo tries all of them one by one before it says
which, and for each that takes it five times as long as together with others; while one call more costs as much as ten records.
So a push begins with a quarter of a batch in a call. Where one was refused, a quarter of as many go in one, and four times as many
again where a batch went well.
"""

from collections import Counter
from collections.abc import Iterable

from endpoints.models import Operation
from endpoints.outbox import Claim

QUICK, SLOW = 1.5, 3.0  # seconds
# By then a call's fixed part weighs little. One that deletes empties Odoo's caches first, a third of a second; and a record
# more costs it next to nothing.
LARGEST, MOST_DELETED = 800, 2000
FEWEST = 25  # new records in a call

# By endpoint and operation, what its last push in this process came to.
_learned: dict[tuple[int, str], int] = {}
# By endpoint, how many new records go in a call, since one was refused.
_careful: dict[int, int] = {}


class Pace:
    """`sizes`: by operation, how many of it are a whole batch."""

    def __init__(self, endpoint_id: int, usual: int) -> None:
        self._endpoint_id, self._usual = endpoint_id, usual
        # That Odoo was slow for a while is not learned: the next push begins as usual.
        self.sizes = {
            operation.value: max(usual, _learned.get((endpoint_id, operation.value), usual))
            for operation in Operation
        }
        self._at_once = _careful.get(endpoint_id)

    def at_once(self, count: int) -> int:
        """How many new records go in a call, where a batch has so many."""
        return self._at_once or max(2 * FEWEST, -(-count // 4))

    def created(self, count: int, at_once: int, *, refused: bool) -> None:
        """So many went in calls of `at_once`; whether Odoo refused a call for some of its records."""
        if refused:
            self._at_once = _careful[self._endpoint_id] = max(FEWEST, min(count, at_once) // 4)
        elif count >= at_once:
            self._at_once = 4 * at_once
            if self._at_once >= count:
                _careful.pop(self._endpoint_id, None)  # the next push begins as usual
            elif self._endpoint_id in _careful:
                _careful[self._endpoint_id] = self._at_once

    def fills(self, claims: Iterable[Claim]) -> bool:
        """Whether these are a whole batch, so that more may be waiting."""
        return self._filled(_operations(claims)) > 0.99

    def took(self, claims: Iterable[Claim], seconds: float) -> None:
        """Odoo took so long for these."""
        operations = _operations(claims)
        if seconds > SLOW:
            for operation in operations:
                size = self.sizes[operation]
                self._is(operation, max(size // 2, min(size, self._usual // 4), 1))
        elif seconds < QUICK and self._filled(operations) > 0.99:
            for operation in operations:
                most = MOST_DELETED if operation == Operation.DELETE else LARGEST
                self._is(operation, min(self.sizes[operation] * 2, max(most, self._usual)))

    def broke(self, count: int) -> None:
        """The hub failed on so many, one of which may be the cause: in this push they become fewer."""
        self.sizes = {operation: max(1, min(size, count) // 2) for operation, size in self.sizes.items()}

    def _filled(self, operations: Counter[str]) -> float:
        return sum(count / self.sizes[operation] for operation, count in operations.items())

    def _is(self, operation: str, size: int) -> None:
        self.sizes[operation] = _learned[self._endpoint_id, operation] = size


def _operations(claims: Iterable[Claim]) -> Counter[str]:
    """By their first change, as they were claimed."""
    return Counter(claim.changes[0].operation for claim in claims)
