"""How many records go to Odoo at once: as many as it takes in a second or two."""

QUICK, SLOW = 1.0, 2.0  # seconds
# How many a second or two is, is Odoo's to say: 500 creations, but thousands of deletions, each call of which empties its caches.
LARGEST = 2000

_learned: dict[int, int] = {}  # by endpoint, what its last push in this process came to


class Pace:
    def __init__(self, endpoint_id: int, usual: int) -> None:
        self._endpoint_id, self._usual = endpoint_id, usual
        # That Odoo was slow for a while is not learned: the next push begins as usual.
        self.size = max(usual, _learned.get(endpoint_id, usual))

    def took(self, count: int, seconds: float) -> None:
        """Odoo took so long for so many."""
        if seconds > SLOW:
            self._is(max(self.size // 2, min(self.size, self._usual // 4), 1))
        elif seconds < QUICK and count >= self.size:
            self._is(min(self.size * 2, max(LARGEST, self._usual)))

    def broke(self, count: int) -> None:
        """The hub failed on so many, one of which may be the cause: in this push they become fewer."""
        self.size = max(1, min(self.size, count) // 2)

    def _is(self, size: int) -> None:
        self.size = _learned[self._endpoint_id] = size
