"""How many records go to Odoo at once: as many as it takes in a second or two."""

QUICK, SLOW = 1.0, 2.0  # seconds
LARGEST = 500  # more brings Odoo nothing, and all of them wait for the last


class Pace:
    def __init__(self, size: int) -> None:
        self.size = size
        self._usual = size

    def took(self, count: int, seconds: float) -> None:
        """Odoo took so long for so many."""
        if seconds > SLOW:
            self.size = max(self.size // 2, min(self.size, self._usual // 4), 1)
        elif seconds < QUICK and count >= self.size:
            self.size = min(self.size * 2, max(LARGEST, self._usual))

    def broke(self, count: int) -> None:
        """The hub failed on so many, one of which may be the cause."""
        self.size = max(1, min(self.size, count) // 2)
