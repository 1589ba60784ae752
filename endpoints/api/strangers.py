"""Of those who are not let in, the audit log keeps some requests and the log says how many more there were.

Anybody may ask as often as they like for what they are refused, and each exchange is a row that is kept for a month: hundreds a
second fill the database's disk within days.
"""

import logging
import threading
import time
from collections import Counter

logger = logging.getLogger(__name__)

OF_ONE_ADDRESS, OF_ALL = 30, 300  # a minute, in each process
_MINUTE = 60.0


class Strangers:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self._kept: Counter[str] = Counter()
        self._left_out = 0
        self._since = time.monotonic()

    def is_kept(self, address: str) -> bool:
        """Whether one more refusal of this address is."""
        with self._lock:
            now, left_out = time.monotonic(), 0
            if now >= self._since + _MINUTE:
                left_out = self._left_out
                self.forget()
            kept = self._kept[address] < OF_ONE_ADDRESS and self._kept.total() < OF_ALL
            if kept:
                self._kept[address] += 1
            else:
                self._left_out += 1
        if left_out:
            logger.warning(
                "%s refusals of a minute are not in the audit log: somebody asks very often without being let in.",
                left_out,
            )
        return kept


STRANGERS = Strangers()


def is_refused(status: str, place: str, *, known: bool) -> bool:
    """Not let in: no access key, too often, or at an address where nobody is known (`place` is the endpoint, or the connection that
    Odoo's webhook has named), whatever the answer is there. Whose access key is `known` is no stranger, however often they ask."""
    return not known and (status in ("401", "429") or (not place and int(status) >= 400))
