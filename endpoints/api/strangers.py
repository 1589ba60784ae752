"""Of those who are not let in, the audit log keeps some requests and the log says how many more there were.

Anybody may ask as often as they like for what they are refused, and each exchange is a row that is kept for a month: hundreds a
second fill the database's disk within days.
"""

import logging
import threading
import time
from collections import Counter

from synchub.audit.buffer import BUFFER

logger = logging.getLogger(__name__)

# A minute, in each process.
OF_ONE_ADDRESS, OF_ALL = 30, 300
# The first ones of each address are beside those: few addresses that ask very often would leave nothing of all others.
FIRST_ONES, OF_FIRST_ONES = 2, 1000
_TOLD_APART = 2000  # addresses, of those that are only counted
_MINUTE = 60.0


class Strangers:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self._kept: Counter[str] = Counter()
        self._first_ones = self._others = 0
        self._left_out: Counter[str] = Counter()
        self._since = time.monotonic()

    def is_kept(self, address: str) -> bool:
        """Whether one more refusal of this address is."""
        self.tell()
        with self._lock:
            kept = self._has_room(address)
            if kept:
                self._kept[address] += 1
            elif address in self._left_out or len(self._left_out) < _TOLD_APART:
                self._left_out[address] += 1
            else:
                self._left_out[""] += 1
        if not kept:
            BUFFER.watch()  # which tells of it though nobody asks any more
        return kept

    def _has_room(self, address: str) -> bool:
        count = self._kept.get(address, 0)
        if count < FIRST_ONES and self._first_ones < OF_FIRST_ONES:
            self._first_ones += 1
        elif count < OF_ONE_ADDRESS and self._others < OF_ALL:
            self._others += 1
        else:
            return False
        return True

    def tell(self) -> None:
        """Once the minute is over, how many were left out."""
        with self._lock:
            if time.monotonic() < self._since + _MINUTE:
                return
            left_out = self._left_out
            self.forget()
        if left_out:
            number = left_out.total()
            del left_out[""]  # those of many
            [(busiest, count)] = left_out.most_common(1)
            logger.warning(
                "%s refusals of a minute are not in the audit log: somebody asks very often without being let in, %s times from %s.",
                number, count, busiest,
            )  # fmt: skip


STRANGERS = Strangers()
BUFFER.besides.append(STRANGERS.tell)


def is_refused(status: str, place: str, *, known: bool) -> bool:
    """Not let in: no access key, too often, or at an address where nobody is known (`place` is the endpoint, or the connection that
    Odoo's webhook has named), whatever the answer is there. Whose access key is `known` is no stranger, however often they ask."""
    return not known and (status in ("401", "429") or (not place and int(status) >= 400))
